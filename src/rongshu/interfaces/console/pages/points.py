"""Console pages of points: what is owed and by which rules, the rules to be changed, one member's points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.points_parts import PointsLine, PointsLotRow


@dataclass(frozen=True, slots=True)
class PointsVersionRow:
    number: int
    state: str
    begins: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class EarnedMonth:
    """Lots earned in one month: points granted, used, lapsed, taken back, and what is still there."""

    month: str
    granted: int
    used: int
    expired: int
    back: int
    left: int


@dataclass(frozen=True, slots=True)
class EndingMonth:
    """What is left of lots that end in one month, "" for never; how many of them will likely lapse."""

    month: str
    left: int
    forecast: int


@dataclass(frozen=True, slots=True)
class PointsOwed:
    """What is owed in points, as it was counted at `at`. Amounts are None where points take nothing off."""

    at: datetime
    left: int
    worth: Money | None
    forecast: int
    forecast_worth: Money | None
    lapsed: int | None
    """Of points whose time is over, the share that lapsed, in percent; None where none are."""
    earned: tuple[EarnedMonth, ...]
    ending: tuple[EndingMonth, ...]

    @property
    def most_earned(self) -> int:
        """The largest month's grant, for the bars."""
        return max((one.granted for one in self.earned), default=1) or 1

    @property
    def most_ending(self) -> int:
        return max((one.left for one in self.ending), default=1) or 1


@dataclass(frozen=True, slots=True)
class Points:
    """The rules in force in sentences, their versions, and what is owed; `owed` is None until the first day was counted."""

    template: ClassVar[str] = "console/points.html"
    ways: tuple[str, ...]
    versions: tuple[PointsVersionRow, ...]
    owed: PointsOwed | None = None
    may_set: bool = True
    find: str = ""


@dataclass(frozen=True, slots=True)
class PointsRules:
    """The rules as a form or as text. `tried` is what the last 30 days' orders bring: orders, by the rules in force, by these."""

    template: ClassVar[str] = "console/points_rules.html"
    values: Mapping[str, str]
    text: str
    number: int
    """Of the version that is changed; 0 for none."""
    ways: tuple[str, ...] = ()
    tried: tuple[int, int, int] | None = None
    problems: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PointsOf:
    """One member's points."""

    template: ClassVar[str] = "console/points_of.html"
    id: str
    name: str
    usable: int
    pending: int
    reserved: int
    owed: int
    lots: tuple[PointsLotRow, ...]
    rows: tuple[PointsLine, ...]
    cursor: Cursor = field(default_factory=Cursor)
    values: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    at: str = ""
    ref: str = ""
    """Names one adjustment, so that sending the form twice adjusts once."""
    may_adjust: bool = True
