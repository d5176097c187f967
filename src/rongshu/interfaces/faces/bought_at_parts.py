"""How the price of an order came about, as pages show it."""

from __future__ import annotations

from dataclasses import dataclass

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class Taken:
    """What something took off; `kind` says what it was where its name does not."""

    name: str
    kind: str
    minus: Money


@dataclass(frozen=True, slots=True)
class LineBought:
    """A line from its list price to what was paid for it."""

    sku: str
    qty: int
    price: Money
    steps: tuple[Taken, ...]
    paid: Money


@dataclass(frozen=True, slots=True)
class BoughtAt:
    """An order's checkout: every step of every line, coupons used, points spent and those that came back."""

    id: str
    lines: tuple[LineBought, ...]
    coupons: tuple[str, ...]
    points: int
    points_back: int
    shipping: Money
    payable: Money
