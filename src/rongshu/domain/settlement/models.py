from rongshu.domain.settlement.cycles.models import LeftOut, SettlementRun
from rongshu.domain.settlement.declarations.models import FiledLine, Filing, PayerVersion
from rongshu.domain.settlement.holidays.models import Holiday
from rongshu.domain.settlement.payees.models import Payee
from rongshu.domain.settlement.payouts.models import Batch, ProviderPayment, ProviderSetting
from rongshu.domain.settlement.policies.models import PolicyVersion
from rongshu.domain.settlement.reconciliation.models import Bill, BilledLine, CashMove, Difference, ReconciledDay
from rongshu.domain.settlement.transparency.models import Publication, PublishedRow, TransparencyPolicy
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal, WithdrawalStep

__all__ = [
    "Batch",
    "Bill",
    "BilledLine",
    "CashMove",
    "Difference",
    "FiledLine",
    "Filing",
    "Holiday",
    "LeftOut",
    "Payee",
    "PayerVersion",
    "PolicyVersion",
    "ProviderPayment",
    "ProviderSetting",
    "Publication",
    "PublishedRow",
    "ReconciledDay",
    "SettlementRun",
    "TaxLine",
    "TransparencyPolicy",
    "Withdrawal",
    "WithdrawalStep",
]
