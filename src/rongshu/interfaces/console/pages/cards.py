"""The member card in the console: which doors lead to it, and who asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person


@dataclass(frozen=True, slots=True)
class CardAsked:
    id: str
    person: Person
    asked_at: datetime
    said: str
    decided_at: datetime | None
    who: str
    """Who decided; empty while it waits."""
    reason: str


@dataclass(frozen=True, slots=True)
class DoorsVersion:
    number: int
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Cards:
    """The doors as a form, and the requests of a state, latest first."""

    template: ClassVar[str] = "console/cards.html"
    states: ClassVar[tuple[str, ...]] = ("waiting", "approved", "refused")
    values: dict[str, str]
    """The form's fields as typed or kept; boxes hold `yes`."""
    versions: tuple[DoorsVersion, ...]
    state: str
    rows: tuple[CardAsked, ...]
    address: str
    """Where strangers get the card."""
    currency: str
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = True
    may_decide: bool = True
    problem: str = ""
    at: str = ""
