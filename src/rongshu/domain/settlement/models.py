from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payouts.models import Batch
from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal, WithdrawalStep

__all__ = ["Batch", "Payee", "PolicyVersion", "TaxLine", "Withdrawal", "WithdrawalStep"]
