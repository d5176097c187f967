"""Promoters as the team looks after them. Words: frozen 冻结, note 备注, tag 标签, transfer 转移 (another inviter, from a time on), merge 合并
(two promoters that are one person), heir 并入者 (the one who stays).
"""
