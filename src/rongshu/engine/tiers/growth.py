"""The rules of growth value, validated, and the arithmetic of orders."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, BeforeValidator

from rongshu.engine.money import format_units
from rongshu.engine.plan.fields import Currency, Id, Money, Name, read_whole
from rongshu.engine.plan.model import Listed, Part
from rongshu.engine.plan.problems import PlanError, Problem
from rongshu.engine.plan.reading import read_document
from rongshu.engine.tiers.frames import Document, Growth

I64 = NDArray[np.int64]
Times = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 1000))]


class Spending(Part):
    """`growth` for every `per` paid, each order rounded down."""

    per: Money
    growth: Times = 1


class Activity(Part):
    """Something members do; at most so many times a day, a month, or in a life."""

    id: Id
    name: Name
    growth: Growth
    per_day: Times | None = None
    per_month: Times | None = None
    ever: Times | None = None

    def canonical(self) -> Document:
        return {name: value for name, value in self.model_dump().items() if value is not None}


class GrowthRules(Part):
    """A tenant's rules of growth value. What is not given is not earned."""

    growth: Literal[1] = 1
    currency: Currency
    spending: Spending | None = None
    first_order: Growth | None = None
    activities: Listed[Activity] = ()

    def activity(self, identifier: str) -> Activity | None:
        return next((one for one in self.activities if one.id == identifier), None)

    def canonical(self) -> Document:
        """The document again, in one form."""
        found: Document = {"growth": 1, "currency": self.currency}
        if self.spending is not None:
            found["spending"] = {"per": format_units(self.spending.per, self.currency), "growth": self.spending.growth}
        if self.first_order is not None:
            found["first_order"] = self.first_order
        if self.activities:
            found["activities"] = [one.canonical() for one in self.activities]
        return found


_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): GrowthRules,
    ("spending",): Spending,
    ("activities", "*"): Activity,
}


def read_growth_rules(source: str | bytes | Mapping[Any, Any]) -> GrowthRules:
    """The rules a document describes. Raises PlanError with every problem found, each with its path."""
    rules = read_document(source, GrowthRules, _SHAPES, lambda _document: iter(()))
    if problems := list(_contradictions(rules)):
        raise PlanError(problems)
    return rules


def _contradictions(rules: GrowthRules) -> Iterator[Problem]:
    if rules.spending is not None and rules.spending.per == 0:
        yield Problem("spending.per", "too_small", {"value": "0", "least": 1})
    seen: dict[str, str] = {}
    for at, one in enumerate(rules.activities):
        path = f"activities[{at}].id"
        if one.id in seen:
            yield Problem(path, "id_duplicate", {"value": one.id, "first": seen[one.id]})
        seen.setdefault(one.id, path)


def earned(rules: GrowthRules, paid: I64, first: NDArray[np.bool_]) -> I64:
    """What orders bring: what was paid in whole steps (rounded down), and the first order's bonus. Minor units in."""
    growth = np.zeros(len(paid), dtype=np.int64)
    if rules.spending is not None:
        growth += np.maximum(paid, 0) * rules.spending.growth // rules.spending.per
    if rules.first_order is not None:
        growth += np.where(first, rules.first_order, 0)
    return growth


def taken_back(granted: int, refunded: int, paid: int) -> int:
    """What refunds so far undo of what an order brought, rounded down; all of it once everything is refunded."""
    return 0 if paid <= 0 else granted * min(max(refunded, 0), paid) // paid
