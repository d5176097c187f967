"""One order of the reader: how its price came about, and what it brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.bought_at_parts import BoughtAt
from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class PurchaseLine:
    """A line as the shop sent it; `refunded` is positive."""

    name: str
    qty: int
    paid: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class OnePurchase:
    """What was paid, step by step where the shop asked for the price; points and growth value given and taken back since."""

    template: ClassVar[str] = "portal/purchase.html"
    number: str
    at: datetime
    paid: Money
    refunded: Money
    lines: tuple[PurchaseLine, ...]
    price: BoughtAt | None
    points: int
    points_back: int
    growth: int
    growth_back: int
