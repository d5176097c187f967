"""A leader's goals for their team."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class Reached:
    """A goal and how far it is. `money` and `money_wanted` instead of the numbers where the goal is sales."""

    what: str
    have: int
    wanted: int
    percent: int
    until: date
    days: int
    """Days left, today not counted; below 0 once the last day is over."""
    money: Money | None = None
    money_wanted: Money | None = None


@dataclass(frozen=True, slots=True)
class Goals:
    template: ClassVar[str] = "portal/goals.html"
    goals: tuple[Reached, ...]
    first: date
    last: date
    """Between which days a goal may end."""
    what: str = "active"
    wanted: str = ""
    until: date | None = None
    currency: str = ""
    as_of: datetime | None = None
    at: str = ""
    """The field a refusal is about."""
    problem: str = ""
