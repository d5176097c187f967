"""Payouts: batches of approved withdrawals on their way through a provider, each adapter a folder of the same shape.

Words: payout 打款, batch 批次, provider 渠道.
"""
