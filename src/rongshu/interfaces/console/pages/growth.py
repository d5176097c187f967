"""One member's growth value, tiers and card in the console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person
from rongshu.interfaces.faces.tier_parts import GrowthLine, TierStep


@dataclass(frozen=True, slots=True)
class CardHeld:
    """The card a member holds; `way` in words."""

    number: str
    way: str
    got_at: datetime
    by: Person | None = None
    """Who invited them."""


@dataclass(frozen=True, slots=True)
class GrowthOf:
    """What came and went, latest first; how the tier came to be; the card."""

    template: ClassVar[str] = "console/growth_of.html"
    id: str
    name: str
    tier: str
    window: int
    total: int
    rows: tuple[GrowthLine, ...]
    steps: tuple[TierStep, ...]
    cursor: Cursor = field(default_factory=Cursor)
    card: CardHeld | None = None
    doors: bool = False
    """Whether the brand has a card."""
    values: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    at: str = ""
    ref: str = ""
    """Names one adjustment, so that sending the form twice adjusts once."""
    may_adjust: bool = True
    may_edit: bool = True
