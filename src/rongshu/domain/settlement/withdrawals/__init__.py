"""Withdrawals: asked, approved, sent, confirmed; the money is reserved from the first moment, the tax known at the sending.

Words: withdrawal 提现, approve 审批, refuse 驳回, cancel 撤回, withhold 代扣.
"""
