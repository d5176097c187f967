"""Console pages of joining: applications, and the rules of joining."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    id: str
    person: Person
    inviter: Person | None
    asked_at: datetime
    words: str
    decided_at: datetime | None
    who: str
    """Who decided, in words; empty while it waits."""
    reason: str


@dataclass(frozen=True, slots=True)
class Applications:
    """The queue, oldest first; those ticked are approved, or refused with one reason."""

    template: ClassVar[str] = "console/applications.html"
    states: ClassVar[tuple[str, ...]] = ("asked", "approved", "refused", "withdrawn")
    state: str
    counts: tuple[tuple[str, int], ...]
    rows: tuple[ApplicationRow, ...]
    cursor: Cursor
    may_decide: bool
    address: str
    """Where strangers join; empty where the installation's own address is not known."""


@dataclass(frozen=True, slots=True)
class JoiningRules:
    """The rules of joining as a form: quiz and first steps as text."""

    template: ClassVar[str] = "console/joining_rules.html"
    values: dict[str, str]
    mode: str
    ask_groups: bool
    jurisdiction: str
    market_age: int
    market_groups: bool
    groups: tuple[str, ...]
    may_set: bool = False
    problem: str = ""
    at: str = ""
    history: tuple[tuple[datetime, str], ...] = field(default=())


@dataclass(frozen=True, slots=True)
class RenewalRow:
    """A promoter who has to confirm; `state` is `told`, `overdue` or `paused`."""

    id: str
    person: Person
    held_at: datetime
    due_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class Renewals:
    """Who was asked to confirm and has not yet, who confirmed longest ago first. `months` 0: nobody is asked."""

    template: ClassVar[str] = "console/renewals.html"
    months: int
    grace: int
    rows: tuple[RenewalRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
