"""The pages of closed periods: which rules were closed for which time, who got what and why, and what is running."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Person


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """One rule closed for one period. `base` is all own sales (steps) or the house's net base (pools)."""

    id: str
    name: str
    """`2026-05`, `2026-Q2`, `2026`."""
    kind: str
    rule: str
    version: int
    base: Money
    fund: Money | None
    amount: Money
    promoters: int
    closed_at: datetime
    adjusted_at: datetime | None
    adjust_at: datetime | None
    """Something came late: when the difference is carried along."""


@dataclass(frozen=True, slots=True)
class RunningRow:
    """A rule whose period is running, by the version in force now."""

    name: str
    kind: str
    rule: str
    version: int
    first: date
    last: date
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Periods:
    """Closed periods, the latest first, and what is running; `rules` says whether the plan has steps or pools at all."""

    template: ClassVar[str] = "console/periods.html"
    rows: tuple[PeriodRow, ...]
    running: tuple[RunningRow, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class RunningFigures:
    """What a running period would pay if it ended now."""

    row: RunningRow
    base: Money
    fund: Money | None
    amount: Money
    promoters: int


@dataclass(frozen=True, slots=True)
class Running:
    """Every running period as it stands."""

    template: ClassVar[str] = "console/running.html"
    rows: tuple[RunningFigures, ...]


@dataclass(frozen=True, slots=True)
class RewardRow:
    """What one promoter has of the period. `sales` is None where a pool is split equally."""

    person: Person
    sales: Money | None
    amount: Money
    adjustments: int


@dataclass(frozen=True, slots=True)
class Period:
    """One closed period with a page of its rewards and what happened to it."""

    template: ClassVar[str] = "console/period.html"
    row: PeriodRow
    by_sales: bool
    rewards: tuple[RewardRow, ...]
    timeline: tuple[Moment, ...]
    cursor: Cursor
