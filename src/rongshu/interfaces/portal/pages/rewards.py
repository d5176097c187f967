"""What the portal shows of steps and pools: why a reward is what it is, and how the running steps stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money, Words


@dataclass(frozen=True, slots=True)
class RunReason:
    """What one run gave or took, with its sentence."""

    at: datetime
    adjusts: bool
    amount: Money
    words: Words


@dataclass(frozen=True, slots=True)
class WhyReward:
    """Why a period's reward is what it is. A sheet when htmx asks, else a page of its own."""

    template: ClassVar[str] = "portal/why_reward.html"
    part: ClassVar[str] = "portal/parts/why_reward.html"
    period: str
    name: str
    rule: str
    amount: Money
    reasons: tuple[RunReason, ...]


@dataclass(frozen=True, slots=True)
class StepsCard:
    """A running period of steps: own sales so far, what they bring, and what the next band would."""

    rule: str
    name: str
    last: date
    closes_at: datetime
    sales: Money
    amount: Money
    rate: int
    """ppm of the highest band reached; 0 while none is."""
    next_start: Money | None
    """Where the next band begins; None in the highest."""
    next_rate: int
    missing: Money
    """How far it is to the next band."""
    next_amount: Money
    """What own sales up to the next band's beginning bring in all."""
    done: int
    """Per cent of the way to the next band; 100 in the highest."""
