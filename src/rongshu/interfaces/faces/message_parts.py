"""The small values pages of messages are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message in words; `id` opens it."""

    id: str
    title: str
    text: str
    at: datetime
    unseen: bool


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """A kind with the channels it goes by; `fixed` is always shown in the app."""

    code: str
    name: str
    app: bool
    mail: bool
    fixed: bool
    only_mail: bool
    marketing: bool
