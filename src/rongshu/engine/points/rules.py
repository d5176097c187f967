"""The document of points rules, validated. Its meaning stands in `docs/algorithms/points.md`."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from rongshu.engine.money import MILLION, format_units
from rongshu.engine.plan.fields import (
    Categories,
    Currency,
    Id,
    Money,
    Name,
    Percent,
    Words,
    read_whole,
    write_percent,
    wrong,
)
from rongshu.engine.plan.model import Listed, Part
from rongshu.engine.plan.problems import PlanError, Problem, shown
from rongshu.engine.plan.reading import read_document

Document = dict[str, Any]
MAX_POINTS = 10**9
"""The most points one rule may name."""
MAX_FACTOR = 100
_FACTOR = re.compile(r"([0-9]{1,3})(?:\.([0-9]{1,2}))?")


def read_factor(value: Any) -> int:
    """Hundredths of `2` or `1.5`: what points of some products are multiplied by."""
    found = _FACTOR.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        raise wrong("not_factor", value=shown(value))
    hundredths = int(found.group(1)) * 100 + int((found.group(2) or "").ljust(2, "0"))
    if hundredths > MAX_FACTOR * 100:
        raise wrong("not_factor", value=shown(value))
    return hundredths


def write_factor(hundredths: int) -> str:
    """`1.5` for 150."""
    return f"{hundredths // 100}.{hundredths % 100:02d}".rstrip("0").rstrip(".")


Points = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, MAX_POINTS))]
PointsOrNone = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, MAX_POINTS))]
Factor = Annotated[int, BeforeValidator(read_factor)]
Days = Annotated[int, BeforeValidator(lambda value: read_whole(value, 0, 3650))]
Lasting = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 3650))]
Times = Annotated[int, BeforeValidator(lambda value: read_whole(value, 1, 1000))]


class Spending(Part):
    """`points` for every `per` paid, the order's sum rounded `down` or `half_up`."""

    per: Money
    points: Points = 1
    rounding: Literal["down", "half_up"] = "down"


class Multiplied(Part):
    """What is paid for these products counts `factor` times; 0 leaves them out. The first that matches counts."""

    id: Id
    name: Name
    skus: Words | None = None
    categories: Categories | None = None
    factor: Factor


class Task(Part):
    """Something a member does once, or up to `times` times in their life."""

    id: Id
    name: Name
    points: Points
    times: Times = 1


class Caps(Part):
    """The most a member earns by rules in a day, or a month, of the tenant's calendar."""

    day: Points | None = None
    month: Points | None = None


class Validity(Part):
    """How long points last from the day they are earned: `days`, `months`, or to the end of the `years`-th year after (0: this one).

    Nothing given: for ever. The last day counts whole.
    """

    days: Lasting | None = None
    months: Lasting | None = None
    years: Days | None = None


class Offset(Part):
    """What points are worth at checkout: `worth` for 100 points, from `least` on, in steps, for at most a share of the goods."""

    worth: Money
    least: PointsOrNone = 0
    step: Points = 1
    share: Percent = MILLION


class Rules(Part):
    """A tenant's rules of points. What is not given is not earned."""

    points: Literal[1] = 1
    currency: Currency
    spending: Spending | None = None
    products: Listed[Multiplied] = ()
    first_order: Points | None = None
    sign_in: Listed[Points] = ()
    """For the first, second … day in a row; the last is for every day after."""
    tasks: Listed[Task] = ()
    birthday: Points | None = None
    caps: Caps = Field(default_factory=Caps)
    validity: Validity = Field(default_factory=Validity)
    usable_after: Days = 0
    """Days from payment until what an order brings may be used."""
    refunded: Literal["back", "gone"] = "back"
    """Points spent on what is refunded go back to their lots, or are gone."""
    remind: Listed[Lasting] = ()
    """Days before expiry on which members are told."""
    offset: Offset | None = None

    def task(self, identifier: str) -> Task | None:
        """The task of this id."""
        return next((one for one in self.tasks if one.id == identifier), None)

    def canonical(self) -> Document:
        """The document again, in one form."""

        def money(units: int) -> str:
            return format_units(units, self.currency)

        found: Document = {"points": 1, "currency": self.currency}
        if self.spending is not None:
            one = self.spending
            found["spending"] = {"per": money(one.per), "points": one.points, "rounding": one.rounding}
        if self.products:
            found["products"] = [
                {
                    "id": one.id,
                    "name": one.name,
                    **({"skus": list(one.skus)} if one.skus else {}),
                    **({"categories": list(one.categories)} if one.categories else {}),
                    "factor": write_factor(one.factor),
                }
                for one in self.products
            ]
        if self.tasks:
            found["tasks"] = [one.model_dump() for one in self.tasks]
        for key in ("first_order", "birthday", "usable_after"):
            if value := getattr(self, key):
                found[key] = value
        for key in ("sign_in", "remind"):
            if value := getattr(self, key):
                found[key] = list(value)
        for key in ("caps", "validity"):
            if given := {name: value for name, value in getattr(self, key).model_dump().items() if value is not None}:
                found[key] = given
        found["refunded"] = self.refunded
        if self.offset is not None:
            end = self.offset
            found["offset"] = {
                "worth": money(end.worth), "least": end.least, "step": end.step, "share": write_percent(end.share),
            }  # fmt: skip
        return found


_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Rules,
    ("spending",): Spending,
    ("products", "*"): Multiplied,
    ("tasks", "*"): Task,
    ("caps",): Caps,
    ("validity",): Validity,
    ("offset",): Offset,
}


def read_rules(source: str | bytes | Mapping[Any, Any]) -> Rules:
    """The rules a document describes: YAML or JSON text, or a parsed mapping.

    Raises PlanError with every problem found, each with its path.
    """
    rules = read_document(source, Rules, _SHAPES, _nothing)
    if problems := list(_contradictions(rules)):
        raise PlanError(problems)
    return rules


def _nothing(_document: Mapping[Any, Any]) -> Iterator[Problem]:
    return iter(())


def _contradictions(rules: Rules) -> Iterator[Problem]:
    if rules.spending is not None and rules.spending.per == 0:
        yield Problem("spending.per", "too_small", {"value": "0", "least": 1})
    for group in ("products", "tasks"):
        seen: dict[str, str] = {}
        for at, one in enumerate(getattr(rules, group)):
            path = f"{group}[{at}].id"
            if one.id in seen:
                yield Problem(path, "id_duplicate", {"value": one.id, "first": seen[one.id]})
            seen.setdefault(one.id, path)
    for at, one in enumerate(rules.products):
        if not one.skus and not one.categories:
            yield Problem(f"products[{at}]", "product_unnamed")
    if sum(value is not None for value in rules.validity.model_dump().values()) > 1:
        yield Problem("validity", "validity_twice")
    caps = rules.caps
    if caps.day is not None and caps.month is not None and caps.day > caps.month:
        yield Problem("caps.day", "cap_above_month")
    if rules.offset is not None and rules.offset.worth == 0:
        yield Problem("offset.worth", "too_small", {"value": "0", "least": 1})


def last_day(validity: Validity, day: date) -> date | None:
    """The last day on which what was earned on `day` may be used; None: for ever.

    Months end on the same day of the month, or its last where there is none.
    """
    if validity.days is not None:
        return date.fromordinal(day.toordinal() + validity.days)
    if validity.months is not None:
        month = day.year * 12 + day.month - 1 + validity.months
        year, number = divmod(month, 12)
        days = monthrange(year, number + 1)[1]
        return date(year, number + 1, min(day.day, days))
    if validity.years is not None:
        return date(day.year + validity.years, 12, 31)
    return None
