"""Erasure: a member's personal data are gone; what the law demands to keep stays, without saying whose it was.

Words: to erase 删除个人信息, erased 已删除. What it may not be done over (money, orders under way) belongs to several apps: `flows/erasing.py`.
"""
