"""The plan document, validated: percentages as parts per million, money as minor units, days as days.

The classes mirror the document key by key. `canonical()` writes the document back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rongshu.engine.jurisdictions import ANYWHERE
from rongshu.engine.money import format_units
from rongshu.engine.plan.fields import (
    Categories,
    Currency,
    Day,
    Days,
    Generations,
    Id,
    Jurisdiction,
    Money,
    Name,
    OrderWords,
    Percent,
    Rank,
    Words,
    read_list,
    read_ranks,
    write_percent,
)

MAX_LEVEL = 100
Item = TypeVar("Item")
Document = dict[str, Any]
Listed = Annotated[tuple[Item, ...], BeforeValidator(read_list)]


class Part(BaseModel):
    """A piece of the document: nothing unknown, nothing converted silently, nothing changed afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, populate_by_name=False)


class DayRange(Part):
    """`promoter_days`: whole days since joining, `from` <= days < `below`."""

    start: Days | None = Field(default=None, alias="from")
    below: Days | None = None

    def canonical(self) -> Document:
        return _given({"from": self.start, "below": self.below})


class DateRange(Part):
    """`paid`: days in the tenant's time zone, `to` exclusive."""

    start: Day | None = Field(default=None, alias="from")
    end: Day | None = Field(default=None, alias="to")

    def canonical(self) -> Document:
        return _given({"from": _iso(self.start), "to": _iso(self.end)})


class When(Part):
    """The conditions of an override or a boost: all that are given must hold; a list means any of."""

    order: OrderWords | None = None
    category: Categories | None = None
    sku: Words | None = None
    rank: Words | None = None
    tier: Words | None = None
    channel: Words | None = None
    store: Words | None = None
    region: Words | None = None
    promoter_days: DayRange | None = None
    paid: DateRange | None = None
    min_order: Money | None = None

    @property
    def given(self) -> tuple[str, ...]:
        """The keys written in the document, in the order of the glossary: their number decides between overrides."""
        return tuple(name for name in type(self).model_fields if getattr(self, name) is not None)

    def canonical(self, currency: str) -> Document:
        document: Document = {}
        for name in self.given:
            value = getattr(self, name)
            if isinstance(value, tuple):
                document[name] = list(value)
            elif isinstance(value, DayRange | DateRange):
                document[name] = value.canonical()
            else:
                document[name] = format_units(value, currency)
        return document


class Level(Part):
    rate: Percent

    def canonical(self) -> Document:
        return {"rate": write_percent(self.rate)}


class Override(Part):
    """Replaces the rate of one level where its `when` holds: by a rate, or by a fixed amount per unit."""

    id: Id
    level: int
    when: When = When()
    rate: Percent | None = None
    fixed: Money | None = None

    def canonical(self, currency: str) -> Document:
        document: Document = {"id": self.id, "level": self.level, "when": self.when.canonical(currency)}
        if self.rate is not None:
            document["rate"] = write_percent(self.rate)
        if self.fixed is not None:
            document["fixed"] = format_units(self.fixed, currency)
        return document


class Boost(Part):
    """Adds to the rate of every level where its `when` holds; never to a fixed amount."""

    id: Id
    when: When = When()
    add: Percent

    def canonical(self, currency: str) -> Document:
        return {"id": self.id, "when": self.when.canonical(currency), "add": write_percent(self.add)}


class Caps(Part):
    """The most that may be accrued: of an order's base, and per promoter and day or month of the tenant's time zone."""

    order: Percent | None = None
    promoter_day: Money | None = None
    promoter_month: Money | None = None

    def canonical(self, currency: str) -> Document:
        return _given({
            "order": None if self.order is None else write_percent(self.order),
            "promoter_day": None if self.promoter_day is None else format_units(self.promoter_day, currency),
            "promoter_month": None if self.promoter_month is None else format_units(self.promoter_month, currency),
        })  # fmt: skip


class Peer(Part):
    """平级奖: of every differential amount, for the next promoters of the same rank above."""

    rate: Percent
    generations: Generations = 1

    def canonical(self) -> Document:
        return {"rate": write_percent(self.rate), "generations": self.generations}


class Differential(Part):
    """级差: who holds a higher rank than everybody met so far on the chain earns the difference of the two rates."""

    ranks: Annotated[dict[Rank, Percent], BeforeValidator(read_ranks)]
    peer: Peer | None = None

    def canonical(self) -> Document:
        ranks = {name: write_percent(rate) for name, rate in self.ranks.items()}
        return _given({"ranks": ranks, "peer": None if self.peer is None else self.peer.canonical()})


class Band(Part):
    start: Money = Field(alias="from")
    rate: Percent

    def canonical(self, currency: str) -> Document:
        return {"from": format_units(self.start, currency), "rate": write_percent(self.rate)}


class Steps(Part):
    """阶梯奖: of a promoter's own sales of a closed period, by bands: each its part (`marginal`), or the highest reached the whole."""

    id: Id
    period: Literal["month", "quarter", "year"] = "month"
    metric: Literal["own_sales"] = "own_sales"
    bands: Listed[Band]
    apply: Literal["marginal", "whole"] = "marginal"

    def canonical(self, currency: str) -> Document:
        return {
            "id": self.id,
            "period": self.period,
            "metric": self.metric,
            "bands": [band.canonical(currency) for band in self.bands],
            "apply": self.apply,
        }


class Eligible(Part):
    """Who shares a pool: the active promoters of these ranks at the end of the period; every active promoter when silent."""

    rank: Words | None = None

    def canonical(self) -> Document:
        return _given({"rank": None if self.rank is None else list(self.rank)})


class Pool(Part):
    """奖金池: a share of the tenant's net base of a closed period, split among the eligible."""

    id: Id
    period: Literal["month", "quarter", "year"] = "month"
    share: Percent
    eligible: Eligible = Eligible()
    split: Literal["own_sales", "equal"] = "own_sales"

    def canonical(self) -> Document:
        return {
            "id": self.id,
            "period": self.period,
            "share": write_percent(self.share),
            "eligible": self.eligible.canonical(),
            "split": self.split,
        }


class Release(Part):
    """When pending commission becomes available. A plan silent on it waits 15 days from completion."""

    after: Literal["completed", "paid"] = "completed"
    days: Days = 15
    instant_below: Money | None = None

    def canonical(self, currency: str) -> Document:
        instant = None if self.instant_below is None else format_units(self.instant_below, currency)
        return _given({"after": self.after, "days": self.days, "instant_below": instant})


def level_keys(value: Any) -> Any:
    """Levels by number: JSON can only write them as text. Keys that are no level are reported by `checks`."""
    if not isinstance(value, Mapping):
        return value
    return {number: rest for key, rest in value.items() if (number := level_number(key)) is not None}


def level_number(key: Any) -> int | None:
    """The level a key of `levels` names, None when it names none."""
    if isinstance(key, str) and key.isascii() and key.isdigit() and not key.startswith("0") and len(key) < 10:
        key = int(key)
    return key if isinstance(key, int) and not isinstance(key, bool) and 1 <= key <= MAX_LEVEL else None


class Plan(Part):
    """What is paid for an order: the whole meaning is fixed by the document, to the last minor unit."""

    name: Name
    currency: Currency
    jurisdiction: Jurisdiction = ANYWHERE
    basis: Literal["paid", "margin"] = "paid"
    self_purchase: Literal["none", "rebate"] = "none"
    compress: bool = False
    levels: Annotated[dict[int, Level], BeforeValidator(level_keys)] = Field(default_factory=dict)
    overrides: Listed[Override] = ()
    boosts: Listed[Boost] = ()
    differential: Differential | None = None
    caps: Caps = Caps()
    steps: Listed[Steps] = ()
    pools: Listed[Pool] = ()
    release: Release = Release()

    @property
    def max_level(self) -> int:
        """The highest level named: how many promoters of a chain can earn by level; 0 for a plan without levels."""
        return max(self.levels, default=0)

    @property
    def level_numbers(self) -> tuple[int, ...]:
        """The levels named, ascending."""
        return tuple(sorted(self.levels))

    def canonical(self) -> Document:
        """The document in one fixed form of JSON-able values: equal plans give equal documents; reads back equal."""
        document: Document = {
            "name": self.name,
            "currency": self.currency,
            "jurisdiction": self.jurisdiction,
            "basis": self.basis,
            "self_purchase": self.self_purchase,
            "compress": self.compress,
            "levels": {str(number): self.levels[number].canonical() for number in self.level_numbers},
        }
        if self.overrides:
            document["overrides"] = [override.canonical(self.currency) for override in self.overrides]
        if self.boosts:
            document["boosts"] = [boost.canonical(self.currency) for boost in self.boosts]
        if self.differential is not None:
            document["differential"] = self.differential.canonical()
        if caps := self.caps.canonical(self.currency):
            document["caps"] = caps
        if self.steps:
            document["steps"] = [steps.canonical(self.currency) for steps in self.steps]
        if self.pools:
            document["pools"] = [pool.canonical() for pool in self.pools]
        document["release"] = self.release.canonical(self.currency)
        return document


def _given(document: Document) -> Document:
    return {key: value for key, value in document.items() if value is not None}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
