"""What a member who does not promote has here, and what they bought."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.tier_parts import TierShown


@dataclass(frozen=True, slots=True)
class Purchase:
    """One order of the reader; `refunded` is positive. `names` are its first products, `more` how many there are besides."""

    number: str
    at: datetime
    names: tuple[str, ...]
    more: int
    paid: Money
    refunded: Money
    id: str = ""


@dataclass(frozen=True, slots=True)
class MemberHome:
    template: ClassVar[str] = "portal/member_home.html"
    name: str
    slug: str
    tier: TierShown | None
    next: TierShown | None
    growth: int
    missing: int
    percent: int
    """Of the way to the next tier, rounded down."""
    ladder: bool
    """Whether there are tiers at all."""
    points: int
    worth: Money | None
    ending: int
    """Points that lapse within 30 days."""
    coupons: int
    may_sign: bool
    sign_points: int
    recent: tuple[Purchase, ...]
    lacks_card: bool = False
    """Whether the brand asks for a card that the reader does not hold."""


@dataclass(frozen=True, slots=True)
class Purchases:
    """The reader's orders, latest first, under what they come to in all."""

    template: ClassVar[str] = "portal/purchases.html"
    part: ClassVar[str] = "portal/parts/purchases.html"
    orders: int
    paid: Money
    refunded: Money
    years: tuple[int, ...]
    """Those that have a statement to download, latest first."""
    rows: tuple[Purchase, ...]
    cursor: Cursor = field(default_factory=Cursor)


@dataclass(frozen=True, slots=True)
class SeenMember:
    """The reader's own figures at an instant, for when there is no connection."""

    template: ClassVar[str] = "portal/seen_member.html"
    points: int
    coupons: int
    at: datetime
