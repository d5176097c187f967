"""Withdrawals: asked, approved, sent, confirmed; the money is reserved from the first moment, the tax known at the sending.

Words: withdrawal 提现, approve 审批, refuse 驳回, cancel 撤回, withhold 代扣.
"""

from rongshu.domain.settlement.withdrawals.actions.asking import ask_for_run, ask_withdrawal, check_asking
from rongshu.domain.settlement.withdrawals.actions.deciding import (
    approve_withdrawals,
    cancel_withdrawal,
    refuse_withdrawal,
    take_back_consent,
)
from rongshu.domain.settlement.withdrawals.actions.ending import confirm_withdrawals, fail_withdrawal, fail_withdrawals
from rongshu.domain.settlement.withdrawals.actions.sending import send_withdrawals, unsend_withdrawals

__all__ = [
    "approve_withdrawals", "ask_for_run", "ask_withdrawal", "cancel_withdrawal", "check_asking", "confirm_withdrawals", "fail_withdrawal",
    "fail_withdrawals", "refuse_withdrawal", "send_withdrawals", "take_back_consent", "unsend_withdrawals",
]  # fmt: skip
