"""Entering, the first steps, and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.faces.parts import Asked, Erasing, Money

Way = Literal["password", "code", "sent"]


@dataclass(frozen=True, slots=True)
class Enter:
    """Signing in: by password, or by a code that is asked for first and then typed."""

    template: ClassVar[str] = "portal/sign_in.html"
    phone: str = ""
    next: str = ""
    problem: str = ""
    way: Way = "password"
    codes: bool = False
    """Whether codes can be sent here."""
    mails: bool = False
    """Whether links can be sent by mail."""
    wechat: tuple[tuple[str, str], ...] = ()
    """The brands (slug, name) where this browser can sign in by WeChat."""
    waiting: str = ""
    """The slug of the brand where a WeChat waits for its phone to be proved; else empty."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """A step of the checklist; `link` leads to its guide."""

    key: str
    title: str
    text: str
    link: str
    done: bool


@dataclass(frozen=True, slots=True)
class Start:
    """The checklist of a new promoter."""

    template: ClassVar[str] = "portal/start.html"
    steps: tuple[FirstStep, ...]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)


@dataclass(frozen=True, slots=True)
class Leave:
    """What happens when a promoter leaves, before they do; `left` when they have."""

    template: ClassVar[str] = "portal/leave.html"
    available: Money
    pending: Money
    reserved: Money
    team: int
    left: bool
    problem: str = ""
    erasing: Erasing | None = None
    """Once they have left."""
    member: bool = False
    """Whether they never promoted: then erasing is all there is."""


@dataclass(frozen=True, slots=True)
class Renew:
    """What a promoter confirms again: what whoever joins now accepts. `due_at` None: nothing is asked at present."""

    template: ClassVar[str] = "portal/renew.html"
    due_at: datetime | None
    held_at: datetime | None
    paused: bool
    rules: str
    """The address of the public rules."""
    age: int
    groups: tuple[str, ...]
    version: str
    agreement: str
    changed: bool
    """Whether the agreement is another version than the one accepted last."""
    quiz: tuple[Asked, ...]
    ticked: frozenset[str]
    problem: str = ""
    at: str = ""
