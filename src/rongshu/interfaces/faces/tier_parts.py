"""What pages show of tiers; no models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TierShown:
    """A tier as people see it: colour and picture are names the stylesheet and the icons know."""

    code: str
    title: str
    colour: str
    picture: str
    growth: int
    """Growth value from which on a member rises to it."""
    gives: tuple[str, ...] = ()
    """Its benefits, in words."""


@dataclass(frozen=True, slots=True)
class GrowthLine:
    """Growth value that came or went, with its reason."""

    at: datetime
    what: str
    why: str
    growth: int


@dataclass(frozen=True, slots=True)
class TierStep:
    """A change of tier, or an assessment that kept it."""

    at: datetime
    old: str
    new: str
    why: str
    growth: int
