"""The ladder document, validated: ranks from the lowest up, what each needs, and how long what was reached is kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field

from rongshu.engine.money import format_units
from rongshu.engine.plan.checks import nothing_written
from rongshu.engine.plan.fields import Count, Currency, Days, Money, Name, Rank
from rongshu.engine.plan.model import Listed, Part
from rongshu.engine.plan.problems import PlanError, Problem, shown
from rongshu.engine.plan.reading import read_document

Document = dict[str, Any]

NEEDS = ("own_sales", "own_orders", "active_months", "invited_promoters", "team_size", "team_sales")
"""What a rank may need, in the order everything lists it."""
MONEY_NEEDS = frozenset({"own_sales", "team_sales"})
"""Needs in minor units; the others are counts."""


class Title(Part):
    """What people call the rank."""

    zh: Name
    en: Name

    def canonical(self) -> Document:
        return {"zh": self.zh, "en": self.en}


class Needs(Part):
    """What the figures of the window have to reach, all of it; None where nothing is asked."""

    own_sales: Money | None = None
    own_orders: Count | None = None
    active_months: Count | None = None
    invited_promoters: Count | None = None
    team_size: Count | None = None
    team_sales: Money | None = None

    @property
    def given(self) -> dict[str, int]:
        """What is asked for, by name, in the order of NEEDS."""
        return {name: value for name in NEEDS if (value := getattr(self, name)) is not None}

    def canonical(self, currency: str) -> Document:
        return {
            name: format_units(value, currency) if name in MONEY_NEEDS else value for name, value in self.given.items()
        }


class RankRule(Part):
    """One rank; `name` is what plans call it."""

    name: Rank
    title: Title | None = None
    needs: Needs

    def titled(self, language: str) -> str:
        """What people call it in a language (`zh-hans`, `en`)."""
        if self.title is None:
            return self.name
        return self.title.zh if language.startswith("zh") else self.title.en

    def canonical(self, currency: str) -> Document:
        title = {} if self.title is None else {"title": self.title.canonical()}
        return {"name": self.name, **title, "needs": self.needs.canonical(currency)}


class Span(Part):
    """A length of time: whole days, or calendar months."""

    days: Days | None = None
    months: Days | None = None

    def canonical(self) -> Document:
        return {name: value for name in ("days", "months") if (value := getattr(self, name)) is not None}


class Window(Part):
    """The time whose figures count: rolling days, or calendar months or quarters."""

    days: Count | None = None
    months: Count | None = None
    quarters: Count | None = None

    @property
    def months_touched(self) -> int:
        """How many calendar months the window touches at most."""
        if self.days is not None:
            return 1 if self.days == 1 else (self.days - 2) // 28 + 2
        return self.months or 3 * (self.quarters or 0)

    def canonical(self) -> Document:
        return {name: value for name in ("days", "months", "quarters") if (value := getattr(self, name)) is not None}


class Ladder(Part):
    """The ranks of a brand, lowest first. Its meaning stands in `docs/algorithms/ranks.md`."""

    currency: Currency
    window: Window
    upgrade: Literal["at_once", "period_end"] = "at_once"
    retention: Span = Field(default_factory=lambda: Span(days=0))
    grace: Span = Field(default_factory=lambda: Span(days=0))
    downgrade: Literal["by_one", "to_earned"] = "by_one"
    ranks: Listed[RankRule]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the ranks, lowest first."""
        return tuple(rank.name for rank in self.ranks)

    @property
    def needed(self) -> tuple[str, ...]:
        """The needs that any rank has, in the order of NEEDS."""
        return tuple(name for name in NEEDS if any(name in rank.needs.given for rank in self.ranks))

    def canonical(self) -> Document:
        """The document in one fixed form of JSON-able values; reads back equal."""
        return {
            "currency": self.currency,
            "window": self.window.canonical(),
            "upgrade": self.upgrade,
            "retention": self.retention.canonical(),
            "grace": self.grace.canonical(),
            "downgrade": self.downgrade,
            "ranks": [rank.canonical(self.currency) for rank in self.ranks],
        }


_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Ladder,
    ("window",): Window,
    ("retention",): Span,
    ("grace",): Span,
    ("ranks", "*"): RankRule,
    ("ranks", "*", "title"): Title,
    ("ranks", "*", "needs"): Needs,
}


def read_ladder(source: str | bytes | Mapping[Any, Any]) -> Ladder:
    """The ladder a document describes: YAML or JSON text, or an already parsed mapping.

    Raises PlanError with every problem found, each with its path: first those of single values, then those between them.
    """
    ladder = read_document(source, Ladder, _SHAPES, _check)
    if problems := list(contradictions(ladder)):
        raise PlanError(problems)
    return ladder


def write_ladder(ladder: Ladder) -> str:
    """The ladder as YAML, in its canonical form."""
    return yaml.safe_dump(ladder.canonical(), sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def _check(document: Mapping[Any, Any]) -> Iterator[Problem]:
    yield from nothing_written(document, (), set())
    if document.get("ranks") == []:
        yield Problem("ranks", "empty_list")
    for key, known, example in (
        ("window", ("days", "months", "quarters"), "{months: 3}"),
        ("retention", ("days", "months"), "{months: 3}"),
        ("grace", ("days", "months"), "{days: 30}"),
    ):
        part = document.get(key)
        if isinstance(part, Mapping) and sum(name in part for name in known) != 1 and part.keys() <= set(known):
            yield Problem(key, "one_of_spans", {"known": ", ".join(known), "example": f"{key}: {example}"})


def contradictions(ladder: Ladder) -> Iterator[Problem]:
    """What does not go together in a ladder whose values can all be read."""
    first: dict[str, str] = {}
    below: RankRule | None = None
    for index, rank in enumerate(ladder.ranks):
        path = f"ranks[{index}]"
        if rank.name in first:
            yield Problem(f"{path}.name", "rank_twice", {"value": shown(rank.name), "first": first[rank.name]})
        first.setdefault(rank.name, path)
        given = rank.needs.given
        if not given:
            yield Problem(f"{path}.needs", "no_needs", {"known": ", ".join(NEEDS)})
        for name, value in given.items():
            if value == 0:
                yield Problem(f"{path}.needs.{name}", "need_zero")
        if given.get("active_months", 0) > ladder.window.months_touched:
            params = {"value": given["active_months"], "most": ladder.window.months_touched}
            yield Problem(f"{path}.needs.active_months", "window_short", params)
        if below is not None:
            yield from _against(ladder, path, rank, below)
        below = rank


def _against(ladder: Ladder, path: str, rank: RankRule, below: RankRule) -> Iterator[Problem]:
    """A rank against the one below it: it asks for more of something, and for less of nothing."""
    lower, upper = below.needs.given, rank.needs.given
    written = {"lower": below.needs.canonical(ladder.currency), "upper": rank.needs.canonical(ladder.currency)}
    for name in upper:
        if upper[name] < lower.get(name, 0):
            params = {"value": written["upper"][name], "below": shown(below.name), "least": written["lower"][name]}
            yield Problem(f"{path}.needs.{name}", "needs_fall", params)
    if upper == lower and upper:
        yield Problem(f"{path}.needs", "needs_same", {"below": shown(below.name)})
