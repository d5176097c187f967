"""The list of what was earned, and why one amount is what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Words


@dataclass(frozen=True, slots=True)
class Earning:
    """What the reader has from one order. `buyer` is masked by the template; `left` is what is not reversed."""

    order_id: str
    order_ref: str
    kind: str
    level: int
    lines: int
    """How many lines of the order earned it."""
    state: str
    buyer: str
    amount: Money
    reversed: Money
    earned_at: datetime
    title: str = ""
    """What it is instead of a commission of an order: a period's reward. `order_id` is then the period's."""

    @property
    def left(self) -> Money:
        """What remains of it after refunds."""
        return Money(self.amount.units - self.reversed.units, self.amount.currency)


@dataclass(frozen=True, slots=True)
class Earnings:
    """The reader's commissions, latest first. `part` is what htmx appends while the reader scrolls."""

    template: ClassVar[str] = "portal/earnings.html"
    part: ClassVar[str] = "portal/parts/earnings.html"
    states: ClassVar[tuple[str, ...]] = ("", "pending", "released")
    state: str
    total: Money
    """The sum of what the filter shows, reversals taken off."""
    rows: tuple[Earning, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one line of the order earned what it did."""

    title: str
    state: str
    left: Money
    words: Words


@dataclass(frozen=True, slots=True)
class Why:
    """Why an amount is what it is, line by line. A sheet when htmx asks, else a page of its own."""

    template: ClassVar[str] = "portal/why.html"
    part: ClassVar[str] = "portal/parts/why.html"
    order: str
    order_ref: str
    amount: Money
    reversed: Money
    reasons: tuple[Reason, ...]
    timeline: tuple[Moment, ...]
    credited: str = ""
    """By what the order was found to be the reader's; empty where it is somebody's below, or was named with the order."""
    corrections: tuple[Words, ...] = ()
    """What re-ratings changed of it."""

    @property
    def left(self) -> Money:
        """What remains of it after refunds."""
        return Money(self.amount.units - self.reversed.units, self.amount.currency)
