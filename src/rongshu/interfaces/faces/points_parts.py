"""Parts of pages of points."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class PointsLotRow:
    """Points that end together. `until` is the last day; None for ever. `from_day`: not usable before."""

    left: int
    amount: int
    source: str
    until: date | None
    from_day: date | None = None
    soon: bool = False


@dataclass(frozen=True, slots=True)
class PointsLine:
    at: datetime
    what: str
    why: str
    points: int
