"""The reader's card: where they stand, what it gives, what the next tier would."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.tier_parts import GrowthLine, TierShown, TierStep


@dataclass(frozen=True, slots=True)
class Card:
    template: ClassVar[str] = "portal/card.html"
    name: str
    tier: TierShown | None
    """None for a member below the lowest tier, or where there are no tiers."""
    growth: int
    """The growth value that counts now."""
    counts: str
    """Which growth value that is; "" where there are no tiers."""
    next: TierShown | None
    missing: int
    percent: int
    """Of the way to the next tier, rounded down."""
    adds: tuple[str, ...]
    """What the next tier gives that this one does not."""
    kept_until: datetime | None
    keeps: int
    """Growth value that keeps the tier then; 0 where nothing is asked."""
    grace_until: datetime | None
    points: int
    worth: Money | None
    coupons: int
    tiers: tuple[TierShown, ...]
    rows: tuple[GrowthLine, ...]
    steps: tuple[TierStep, ...] = ()
    cursor: Cursor = field(default_factory=Cursor)
    more: bool = True
    """Whether this is the first page of the history."""
    number: str = ""
    """Of the card, in groups; "" where the brand has no doors, or the reader no card."""
    qr: str = ""
    """The number as a QR code, for a till to scan."""
    invites: str = ""
    """The address by which the reader invites others to the card; "" where that is no way to it."""
    without: str = ""
    """The brand's slug, where the reader has no card yet."""
