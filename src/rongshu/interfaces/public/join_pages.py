"""The page of joining, as frozen dataclasses that its template renders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from rongshu.interfaces.faces.parts import Asked
from rongshu.interfaces.faces.terms import Section

Stage = Literal["phone", "code", "form", "waiting", "refused", "promoter", "left", "closed"]
"""What is asked for next: the phone, the code sent to it (with what is to be declared), the declarations alone; or where somebody stands."""


@dataclass(frozen=True, slots=True)
class Join:
    """Who invites, what is offered, and the next step. `problem` says what has to be mended, `at` where."""

    template: ClassVar[str] = "public/join.html"
    tenant: str
    slug: str
    stage: Stage
    inviter: str
    """Masked; empty where nobody invites."""
    to_join: bool
    ended: str
    offer: str
    section: Section | None
    """The levels of the plan in force; None without one."""
    days: int
    shop: str
    """Where to buy; empty where the tenant names no place."""
    mode: str
    code: str
    click: str
    phone: str
    masked_phone: str
    age: int
    groups: tuple[str, ...]
    version: str
    agreement: str
    quiz: tuple[Asked, ...]
    ticked: frozenset[str]
    words: str
    wait: bool
    """Whether applications are looked at by somebody."""
    sms: bool
    reason: str
    problem: str
    at: str
