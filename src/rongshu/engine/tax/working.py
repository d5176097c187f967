"""How the tax of a month comes about, figure by figure, as declarations and certificates print it. Fen; what is withheld is never worked out here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from rongshu.engine.money import MILLION, round_half_up_ratio
from rongshu.engine.tax.china import Cumulative, labour_month, non_resident
from rongshu.engine.tax.figures import (
    CUMULATIVE,
    LABOUR,
    LABOUR_SHARE_FROM,
    LABOUR_SMALL,
    MONTHLY_ALLOWANCE,
    NON_RESIDENT,
    Bracket,
    on,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What a method rests on, and from when until when its figures hold."""

    basis: str
    since: date
    until: date | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Working:
    """One person's month: `income` less `fee` (and, cumulatively, the allowance) is taxable at `ppm` less `quick`.

    `total_*` are the year's so far, this month included, 0 for methods that look at one month only; `before` is what the year had
    withheld before. `due` is what the figures ask of this month.
    """

    income: int
    fee: int
    taxable: int
    ppm: int
    quick: int
    due: int
    total_income: int = 0
    total_allowance: int = 0
    total_tax: int = 0
    before: int = 0


def rule_of(method: str, day: date) -> Rule | None:
    """The rule a tax line's method stands for on a day; None for a method that withholds nothing. Raises NoFigure."""
    known = {"labour": LABOUR, "platform": CUMULATIVE, "non_resident": NON_RESIDENT}.get(method)
    if known is None:
        return None
    figure = on(known, day)
    return Rule(figure.basis, figure.since, figure.until, figure.confidence)


def working(method: str, income: int, day: date, year: Cumulative | None = None) -> Working:
    """The working of a month's `income` by a method; `year` is the year before this month, for the cumulative one.

    Shares are rounded half up to the fen, as printed; the tax is the exact one. Raises NoFigure.
    """
    if method == "labour":
        fee = min(income, LABOUR_SMALL) if income <= LABOUR_SHARE_FROM else round_half_up_ratio(income, 1, 5)
        base = 0 if income <= LABOUR_SMALL else 5 * (income - fee) if income <= LABOUR_SHARE_FROM else 4 * income
        bracket = _bracket(on(LABOUR, day).value, base, 5)
        return Working(income, fee, income - fee, bracket.ppm, bracket.quick, labour_month(income, day))
    if method == "non_resident":
        fee = round_half_up_ratio(income, 1, 5)
        bracket = _bracket(on(NON_RESIDENT, day).value, 4 * income, 5)
        return Working(income, fee, income - fee, bracket.ppm, bracket.quick, non_resident(income, day))
    if method == "platform":
        before = year or Cumulative()
        after, due = before.month(income, day)
        allowance = MONTHLY_ALLOWANCE * after.months
        base = 4 * after.income - 5 * allowance
        bracket = _bracket(on(CUMULATIVE, day).value, base, 5)
        taxable = max(0, after.income - round_half_up_ratio(after.income, 1, 5) - allowance)
        total = max(0, round_half_up_ratio(max(0, base), bracket.ppm, 5 * MILLION) - bracket.quick)
        fee = round_half_up_ratio(income, 1, 5)
        return Working(
            income, fee, taxable, bracket.ppm, bracket.quick, due, after.income, allowance, total, before.withheld
        )
    return Working(income, 0, 0, 0, 0, 0)


def _bracket(brackets: Sequence[Bracket], base: int, scale: int) -> Bracket:
    return next(one for one in brackets if one.limit is None or base <= one.limit * scale)
