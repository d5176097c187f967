"""China: what is withheld from promoters. Fen in, fen out; each statutory step is rounded once, half up, at its end.

Which algorithm applies is a legal decision of the payer and never guessed here: an ordinary merchant withholds by
`labour_month`, an internet platform by `Cumulative`, from non-residents by `non_resident`, from prizes by `incidental`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rongshu.engine.money import MILLION, round_half_up_rate, round_half_up_ratio
from rongshu.engine.tax.figures import (
    CUMULATIVE,
    INCIDENTAL,
    LABOUR,
    LABOUR_SHARE_FROM,
    LABOUR_SMALL,
    MONTHLY_ALLOWANCE,
    NON_RESIDENT,
    VAT,
    Bracket,
    on,
)

GapPolicy = Literal["paid", "elapsed", "streak"]
"""How months without pay count for the monthly allowance: months paid; months since the first pay; months since the last gap."""


def _by_bracket(brackets: Sequence[Bracket], base: int, scale: int) -> int:
    """Tax of `base / scale`, half up; nothing below 0."""
    if base <= 0:
        return 0
    for bracket in brackets:
        if bracket.limit is None or base <= bracket.limit * scale:
            return round_half_up_ratio(base, bracket.ppm, scale * MILLION) - bracket.quick
    raise AssertionError("the last bracket has no end")


def labour_month(paid: int, day: date) -> int:
    """Tax on the remuneration of labour of one calendar month: the sum of its payments, VAT excluded.

    Several payments of a month are one receipt (实施条例 art. 14): withhold this less what the month has had withheld.
    """
    if paid <= LABOUR_SMALL:
        return 0
    base = 5 * (paid - LABOUR_SMALL) if paid <= LABOUR_SHARE_FROM else 4 * paid
    return _by_bracket(on(LABOUR, day).value, base, 5)


def labour_gross(net: int, day: date) -> int:
    """What to pay gross in a month, so that `net` is left: the smallest amount that leaves at least it.

    The tax grows with the amount and never faster than it, so the answer is found by halving; the closed formulas of the
    tables give the same.
    """
    low, high = net, net * 5 // 2 + LABOUR_SMALL
    while low < high:
        middle = (low + high) // 2
        if middle - labour_month(middle, day) >= net:
            high = middle
        else:
            low = middle + 1
    return low


def incidental(prize: int, day: date) -> int:
    """Tax on a win: a share of the whole, nothing deducted."""
    return round_half_up_rate(prize, on(INCIDENTAL, day).value)


def incidental_gross(net: int, day: date) -> int:
    """The prize that leaves `net`."""
    ppm = on(INCIDENTAL, day).value
    return round_half_up_ratio(net, MILLION, MILLION - ppm)


def non_resident(paid: int, day: date) -> int:
    """Tax on the remuneration of labour of a non-resident, by receipt (by month for continuing income)."""
    return _by_bracket(on(NON_RESIDENT, day).value, 4 * paid, 5)


@dataclass(frozen=True, slots=True)
class Cumulative:
    """A platform worker's calendar year so far; begins anew each January."""

    income: int = 0
    withheld: int = 0
    months: int = 0
    """Months that count for the allowance."""
    started: bool = False

    def month(
        self, paid: int, day: date, *, gap_policy: GapPolicy = "paid", exempt: int = 0, other: int = 0, relief: int = 0
    ) -> tuple[Cumulative, int]:
        """The year after one more month, and what is withheld from that month's pay: never below 0, never more than the pay
        (what is left over is withheld from the next).

        `exempt`, `other` (deductions) and `relief` (of tax) are the year's sums so far.
        """
        if paid <= 0:
            if gap_policy == "streak":
                return Cumulative(self.income, self.withheld, 0, self.started), 0
            gone = self.started and gap_policy == "elapsed"
            return Cumulative(self.income, self.withheld, self.months + gone, self.started), 0
        income, months = self.income + paid, self.months + 1
        base = 4 * income - 5 * (exempt + MONTHLY_ALLOWANCE * months + other)
        due = _by_bracket(on(CUMULATIVE, day).value, base, 5) - relief - self.withheld
        tax = min(max(0, due), paid)
        return Cumulative(income, self.withheld + tax, months, True), tax


@dataclass(frozen=True, slots=True)
class VatDue:
    """VAT and its surcharges on one payment (or one month, for platform income)."""

    sales: int
    """What is left as sales: without VAT where it is due."""
    vat: int
    city: int
    education: int
    local_education: int

    @property
    def surcharges(self) -> int:
        return self.city + self.education + self.local_education


def vat(gross: int, day: date, *, monthly: bool = False) -> VatDue:
    """VAT contained in `gross`: none below the threshold, on the whole once it is reached (增值税法 art. 23)."""
    figures = on(VAT, day).value
    threshold = figures.per_month if monthly else figures.per_transaction
    if gross * MILLION < threshold * (MILLION + figures.ppm):
        return VatDue(gross, 0, 0, 0, 0)
    tax = round_half_up_ratio(gross, figures.ppm, MILLION + figures.ppm)
    share = 2 if figures.halved else 1
    city, education, local = (
        round_half_up_ratio(tax, ppm, MILLION * share)
        for ppm in (figures.city_ppm, figures.education_ppm, figures.local_education_ppm)
    )
    return VatDue(gross - tax, tax, city, education, local)
