from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.queries import paid_to
from rongshu.domain.settlement.withdrawals.tax import months_looked_at, withheld
from rongshu.engine.withdrawals import fee_of
from rongshu.kernel.tenancy.queries import house


@dataclass(frozen=True, slots=True)
class Preview:
    """What would arrive of an amount if it were sent today; minor units."""

    amount: int
    fee: int
    tax: int

    @property
    def net(self) -> int:
        return self.amount - self.fee - self.tax


def preview_withdrawal(promoter_id: int, amount: int, now: datetime) -> Preview:
    """Fee and tax of an amount as of today. The tax is settled at the sending: until then more may be paid in the same month."""
    rules, papers = policy(), payee_of(promoter_id)
    fee = fee_of(rules, amount)
    if papers is None:
        return Preview(amount, fee, 0)
    day = now.astimezone(house().zone).date()
    person = bytes(papers.document_hash)
    before = paid_to([person], months_looked_at(day)).get(person, [])
    return Preview(amount, fee, withheld(before, papers.resident, amount - fee, rules.tax, day).tax)
