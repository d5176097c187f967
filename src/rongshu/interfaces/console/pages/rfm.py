"""Console pages of buyers by how lately and how often they bought, by where they are in life, and who stands behind a figure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.console.pages.members import MemberRow
from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class LifeRow:
    """Buyers of one place in life; `ppm` of all buyers; `asked` leads to who they are."""

    life: str
    members: int
    ppm: int
    asked: str


@dataclass(frozen=True, slots=True)
class HeatCell:
    """Buyers of a pair of scores; `heat` 0 (nobody) to 5 (the fullest cells)."""

    members: int
    heat: int
    net: Money
    asked: str
    title: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One recency score: the last order after `after` and not after `until` (None: open)."""

    score: int
    after: datetime | None
    until: datetime | None
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Rfm:
    template: ClassVar[str] = "console/rfm.html"
    lives: tuple[LifeRow, ...]
    rows: tuple[HeatRow, ...]
    columns: tuple[tuple[int, str], ...]
    """Frequency scores with the numbers of orders they mean."""
    buyers: int
    scored_at: datetime | None
    rhythm: tuple[str, ...] = ()
    """What the places in life mean, in words."""


@dataclass(frozen=True, slots=True)
class Behind:
    """Who stands behind a figure; `asked` builds a segment of them."""

    template: ClassVar[str] = "console/rfm_members.html"
    words: str
    count: int
    asked: str
    rows: tuple[MemberRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = False
