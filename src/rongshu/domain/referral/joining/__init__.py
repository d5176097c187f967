"""Joining: how a member becomes a promoter, what they accept, and how they leave.

Words: joining policy 入驻规则 (by versions), application 申请, agreement 推广协议 (accepted, never changed), excluded groups 不得招募的人群,
quiz 入门测验, leaving 退出, checklist 新手清单.
"""
