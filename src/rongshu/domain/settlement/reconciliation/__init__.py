"""Reconciliation: what the books say was paid, held every day against what each provider's bill says, and the cash that follows.

Words: reconciliation 对账, bill 账单, difference 差异, missing 账单缺失, extra 账单多出, deposit 备付金, write off 核销.
"""
