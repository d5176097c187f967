"""What a login of the team was told and wants to be told, and what became of the tenant's mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.message_parts import ChoiceRow, MessageRow
from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class Messages:
    template: ClassVar[str] = "console/messages.html"
    rows: tuple[MessageRow, ...]
    unseen: int
    cursor: Cursor
    may_see_mail: bool


@dataclass(frozen=True, slots=True)
class MessageChoices:
    """What by which channel, and the own address, masked; `mail` says whether mail is sent at all."""

    template: ClassVar[str] = "console/message_choices.html"
    choices: tuple[ChoiceRow, ...]
    address: str
    mail: bool
    may_see_mail: bool
    typed: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One mail: to a masked address, in which state, and why in words."""

    id: str
    title: str
    address: str
    person: str
    state: str
    trouble: str
    attempts: int
    at: datetime
    due_at: datetime | None
    may_retry: bool


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The log of mail, what the channel lacks, and how the tenant sends."""

    template: ClassVar[str] = "console/deliveries.html"
    states: ClassVar[tuple[str, ...]] = ("", "waiting", "sending", "sent", "failed", "gave_up", "dropped")
    state: str
    rows: tuple[DeliveryRow, ...]
    cursor: Cursor
    lacks: tuple[tuple[str, str], ...]
    """Settings of the installation without which no mail is sent, each with what it means."""
    server: str
    sender: str
    last_sent: datetime | None
    mail: bool
    quiet_from: str
    quiet_until: str
    may_manage: bool
    may_see_mail: bool = True
    problem: str = ""
