from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.queries import paid_to
from rongshu.domain.settlement.withdrawals.tax import months_looked_at, withheld
from rongshu.engine.money import MAX_UNITS
from rongshu.engine.tax import NoFigure, vat
from rongshu.engine.withdrawals import fee_of
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.queries import house


@dataclass(frozen=True, slots=True)
class Preview:
    """What would arrive of an amount if it were sent today; minor units.

    `vat` and `surcharges` are what may be due besides and is not withheld; None where the rules do not advise of it, or no figures are known.
    """

    amount: int
    fee: int
    tax: int
    vat: int | None = None
    surcharges: int = 0

    @property
    def net(self) -> int:
        return self.amount - self.fee - self.tax


def preview_withdrawal(promoter_id: int, amount: int, now: datetime) -> Preview:
    """Fee and tax of an amount as of today. The tax is settled at the sending: until then more may be paid in the same month."""
    return _reckoner(promoter_id, now)(amount)


def preview_receiving(promoter_id: int, net: int, now: datetime) -> Preview:
    """The least amount of which `net` arrives, as of today. Raises `invalid` for an amount beyond what can be booked.

    What arrives never falls as the amount grows, so the answer is found by halving.
    """
    reckon = _reckoner(promoter_id, now)
    low, high = net, max(net, 1)
    while reckon(high).net < net:
        if high >= MAX_UNITS:
            raise invalid("out_of_range", "This is below 0 or beyond what is accepted.", at="amount")
        high = min(2 * high, MAX_UNITS)
    while low < high:
        middle = (low + high) // 2
        if reckon(middle).net >= net:
            high = middle
        else:
            low = middle + 1
    return reckon(low)


def _reckoner(promoter_id: int, now: datetime) -> Callable[[int], Preview]:
    rules, papers = policy(), payee_of(promoter_id)
    day = now.astimezone(house().zone).date()
    month = day.year * 12 + day.month - 1
    person = None if papers is None else bytes(papers.document_hash)
    before = [] if person is None else paid_to([person], months_looked_at(day)).get(person, [])
    resident = papers is None or papers.resident

    def reckon(amount: int) -> Preview:
        fee = fee_of(rules, amount)
        if person is None:
            return Preview(amount, fee, 0)
        gross = amount - fee
        tax = withheld(before, resident, gross, rules.tax, day).tax
        if rules.vat == "off":
            return Preview(amount, fee, tax)
        by_month = rules.tax == "platform"
        try:
            due = vat(
                gross + (sum(one for at, one, _ in before if at == month) if by_month else 0), day, monthly=by_month
            )
        except NoFigure:
            return Preview(amount, fee, tax)
        return Preview(amount, fee, tax, due.vat, due.surcharges)

    return reckon
