"""The reader's mailbox, and signing in by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class ByMail:
    """Signing in by a link: asked for, sent, or opened (`token`) and to be confirmed."""

    template: ClassVar[str] = "portal/by_mail.html"
    email: str = ""
    token: str = ""
    sent: bool = False
    can: bool = True
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox, masked; empty where none is known. `token` is of a link that was opened and waits for the button."""

    template: ClassVar[str] = "portal/mailbox.html"
    shown: str = ""
    confirmed: bool = False
    can: bool = True
    token: str = ""
