"""What the reader was told, and what they want to be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from rongshu.interfaces.faces.message_parts import ChoiceRow, MessageRow
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.portal.pages.notices import NoticeRow


@dataclass(frozen=True, slots=True)
class Messages:
    """The inbox, the notices of changed rules before it."""

    template: ClassVar[str] = "portal/messages.html"
    rows: tuple[MessageRow, ...]
    notices: tuple[NoticeRow, ...]
    unseen: int
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class MessageChoices:
    """What by which channel. `address` is masked, empty when there is none; `mail` says whether mail is sent at all."""

    template: ClassVar[str] = "portal/message_choices.html"
    choices: tuple[ChoiceRow, ...]
    address: str
    mail: bool
    quiet: str
