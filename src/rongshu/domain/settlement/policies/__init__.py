"""Policies: a tenant's rules for withdrawals, every version kept.

Words: withdrawal 提现, fee 手续费, minimum 起提金额.
"""
