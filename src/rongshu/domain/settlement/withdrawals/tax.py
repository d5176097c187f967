"""What is withheld from withdrawals: by the method the tenant's policy names, over what the person was paid before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rongshu.engine.tax import Cumulative, labour_month, non_resident
from rongshu.engine.withdrawals import TaxMethod

Months = Sequence[tuple[int, int, int]]
"""What one person was paid and had withheld, by month: (year * 12 + month - 1, gross, tax)."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """The tax of one payment, and the sums it rests on."""

    tax: int
    method: str
    month: int
    basis: str


def months_looked_at(day: date) -> tuple[int, int]:
    """The months whose payments can matter for one on `day`: those of its year so far."""
    return day.year * 12, day.year * 12 + day.month - 1


def withheld(before: Months, resident: bool, gross: int, method: TaxMethod, day: date) -> Withheld:
    """What to withhold from `gross` paid on `day`: the month's payments to one person count as one. Never more than the payment."""
    month = day.year * 12 + day.month - 1
    if method == "none":
        return Withheld(0, "none", month, "")
    paid = sum(gross for at, gross, _ in before if at == month)
    kept = sum(tax for at, _, tax in before if at == month)
    if not resident:
        due, name = non_resident(paid + gross, day), "non_resident"
    elif method == "labour":
        due, name = labour_month(paid + gross, day), "labour"
    else:
        earlier = [(one, tax) for at, one, tax in before if at < month and one > 0]
        year = Cumulative(sum(one for one, _ in earlier), sum(tax for _, tax in earlier), len(earlier), bool(earlier))
        due, name = year.month(paid + gross, day)[1], f"platform {year.income}/{year.months}"
    return Withheld(
        min(max(due - kept, 0), gross), name.split()[0], month, f"{name}: {paid} + {gross}, {kept} withheld"
    )
