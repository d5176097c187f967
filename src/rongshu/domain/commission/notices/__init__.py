"""Notices: what promoters and the public are told about the rules. One notice a version, and what the rules page says besides.

Words: notice 通知 (that rules change, or that an announced change will not come), seen 已读, rules page 规则公示页.
"""
