"""The plan lab: a plan beside the published one on the tenant's own orders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from rongshu.engine.money import exponent
from rongshu.interfaces.console.pages.plans import Problem
from rongshu.interfaces.faces.parts import Money, Person


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a list."""

    value: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the plan that can be typed over. `options` make it a list to choose from."""

    name: str
    label: str
    value: str
    hint: str = ""
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together. `fresh` are those of something that is not there yet."""

    title: str
    fields: tuple[Field, ...]
    hint: str = ""
    fresh: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Pair:
    """One figure of both plans. Money in `unit` "money", ppm in "rate" and "share" (a coefficient), a number in "count"."""

    label: str
    unit: Literal["money", "rate", "share", "count"]
    before: int | None
    after: int | None
    currency: str
    note: str = ""
    better: Literal["up", "down", ""] = ""

    @property
    def old(self) -> Money | int | None:
        return self._shown(self.before)

    @property
    def new(self) -> Money | int | None:
        return self._shown(self.after)

    @property
    def moved(self) -> Money | int | None:
        """The difference; None where one of the two is not known."""
        return None if self.before is None or self.after is None else self._shown(self.after - self.before)

    def _shown(self, value: int | None) -> Money | int | None:
        return Money(value, self.currency) if value is not None and self.unit == "money" else value


@dataclass(frozen=True, slots=True)
class Beside:
    """A chart of both plans side by side, over days or over names, with the same numbers as a table behind it."""

    key: str
    question: str
    answer: str
    head: str
    labels: tuple[str, ...]
    days: tuple[date, ...]
    """Given instead of `labels` where the chart is over days."""
    series: tuple[tuple[str, tuple[int, ...]], ...]
    currency: str
    language: str

    @property
    def data(self) -> dict[str, object]:
        """What `frontend/src/charts.js` reads."""
        return {
            "language": self.language,
            "days": [day.isoformat() for day in self.days] if self.days else list(self.labels),
            "named": not self.days,
            "panels": [
                {
                    "label": " / ".join(name for name, _ in self.series),
                    "form": "line" if self.days else "bar",
                    "series": [{"label": name, "values": list(units)} for name, units in self.series],
                    "currency": self.currency,
                    "digits": exponent(self.currency),
                }
            ],
        }

    @property
    def rows(self) -> list[tuple[date | str, list[Money]]]:
        """The table behind."""
        names: tuple[date | str, ...] = self.days or self.labels
        return [(name, [Money(units[at], self.currency) for _, units in self.series]) for at, name in enumerate(names)]


@dataclass(frozen=True, slots=True)
class Change:
    """What one promoter, order or day has by both plans. `moved` is after less before."""

    name: str
    before: Money
    after: Money
    moved: Money
    href: str = ""
    person: Person | None = None
    day: date | None = None
    ref: str = ""
    paid: Money | None = None
    ppm: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What was found. `against` names the plan on the left."""

    verdict: str
    against: str
    orders: int
    lines: int
    paid: Money
    took: int
    """Milliseconds."""
    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]
    levels: tuple[Pair, ...]
    periods: tuple[tuple[str, Pair], ...]
    charts: tuple[Beside, ...]
    gainers: int
    gained: Money
    losers: int
    lost: Money
    most_gained: tuple[Change, ...]
    most_lost: tuple[Change, ...]
    orders_changed: int
    largest: tuple[Change, ...]
    heaviest: tuple[Change, ...]
    worst: tuple[Change, ...]
    document: str
    """The plan's text that was tried: what is exported, forecast and kept."""
    since: str
    until: str
    against_value: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A scenario that was saved. `state`: whether what is found now is what was found then."""

    token: str
    name: str
    at: datetime
    by: str
    since: date
    until: date
    cost: Money
    difference: Money
    state: Literal["", "same", "moved"] = ""


@dataclass(frozen=True, slots=True)
class Lab:
    template: ClassVar[str] = "console/lab.html"
    part: ClassVar[str] = "console/parts/lab.html"
    tab: Literal["form", "yaml"]
    document: str
    groups: tuple[Group, ...]
    sources: tuple[Option, ...]
    against: tuple[Option, ...]
    windows: tuple[Option, ...]
    since: date
    until: date
    problems: tuple[Problem, ...] = ()
    empty: str = ""
    """Why there is nothing to try the plan on."""
    result: Result | None = None
    kept: tuple[Kept, ...] = ()
    scenario: Kept | None = None
    may_edit: bool = False
    draft: str = ""
    """The draft that is worked on, which takes the plan back; empty for none."""
    begin: bool = False
    """Whether the page asks for the result itself once it is shown."""


@dataclass(frozen=True, slots=True)
class TriedRow:
    """One commission of one plan for one order, with how it came to be."""

    line: str
    kind: str
    level: int
    who: Person
    words: str
    amount: Money


@dataclass(frozen=True, slots=True)
class TriedSide:
    title: str
    rows: tuple[TriedRow, ...]
    total: Money
    nothing: str = ""
    """Why nobody earns of it."""


@dataclass(frozen=True, slots=True)
class TriedOrder:
    """One order by both plans."""

    template: ClassVar[str] = "console/parts/lab_order.html"
    part: ClassVar[str] = "console/parts/lab_order.html"
    sides: tuple[TriedSide, ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """What growth would cost: a row for each plan and case."""

    template: ClassVar[str] = "console/parts/lab_growth.html"
    part: ClassVar[str] = "console/parts/lab_growth.html"
    sales: str
    team: str
    rows: tuple[tuple[str, tuple[tuple[Money, int | None], ...]], ...] = ()
    """A case in words, then for each plan its cost and its part of what was paid, ppm."""
    plans: tuple[str, ...] = ()
    problem: str = ""
