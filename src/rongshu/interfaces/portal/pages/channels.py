"""What each way of sharing brought, and what might be done next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class NextStep:
    """A suggestion in words: what to do, the figures it comes from, where to go."""

    text: str
    reason: str
    href: str
    icon: str


@dataclass(frozen=True, slots=True)
class Row:
    """One channel, material, product or day. `share` is its commission beside the best row's, in percent."""

    name: str
    clicks: int
    visitors: int
    orders: int
    commission: Money
    share: int
    by_people: bool = True
    """False for orders that came through no link: they have neither clicks nor visitors."""

    @property
    def ppm(self) -> int | None:
        """Orders a visitor, in ppm; None without visitors."""
        return self.orders * 1_000_000 // self.visitors if self.visitors else None


@dataclass(frozen=True, slots=True)
class Bar:
    """A day of the drawing: its place, and the height of visitors and of orders beside the largest, in percent."""

    day: date
    x: int
    visitors: int
    orders: int

    @property
    def visitors_top(self) -> int:
        """Where the bar of visitors begins, from above."""
        return 60 - self.visitors

    @property
    def orders_top(self) -> int:
        """Where the bar of orders begins, from above."""
        return 110 - self.orders


@dataclass(frozen=True, slots=True)
class Channels:
    template: ClassVar[str] = "portal/channels.html"
    by: str
    days: int
    rows: tuple[Row, ...]
    total: Row
    bars: tuple[Bar, ...]
    most_visitors: int = 0
    most_orders: int = 0
    """The largest of a day: what the highest bar stands for."""
    suggestions: tuple[NextStep, ...] = ()

    @property
    def width(self) -> int:
        """The drawing's width in its own units."""
        return max(1, len(self.bars)) * 10
