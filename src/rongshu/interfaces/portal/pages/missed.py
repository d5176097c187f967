"""Orders that the reader had a part in and that were credited to somebody else, or to nobody."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class MissedOrder:
    """One order: what the reader had to do with it, and why it was not credited to them. Nobody else is named."""

    paid_at: datetime
    facts: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Missed:
    """Latest first."""

    template: ClassVar[str] = "portal/missed.html"
    part: ClassVar[str] = "portal/parts/missed.html"
    rows: tuple[MissedOrder, ...]
    cursor: Cursor = field(default_factory=Cursor)
