"""The page of the member card, as a frozen dataclass that its template renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from rongshu.interfaces.faces.parts import Money

CardStage = Literal["none", "phone", "code", "open", "ask", "waiting", "shut", "held"]
"""The brand has no card; the phone is asked for, or the code sent to it; a door is open; one can ask; one waits; nothing is open; it is held."""


@dataclass(frozen=True, slots=True)
class Door:
    """One way to the card: what it asks, and whether the reader has done it."""

    name: str
    text: str
    passed: bool
    spent: Money | None = None
    wanted: Money | None = None


@dataclass(frozen=True, slots=True)
class CardDoor:
    """What the card gives, which ways lead to it, and the reader's next step."""

    template: ClassVar[str] = "public/card.html"
    tenant: str
    slug: str
    stage: CardStage
    doors: tuple[Door, ...] = ()
    terms: str = ""
    version: int = 0
    number: str = ""
    by: str = ""
    phone: str = ""
    masked_phone: str = ""
    said: str = ""
    refused: str = ""
    """Why the last request was refused."""
    sms: bool = True
    problem: str = ""
    at: str = ""
