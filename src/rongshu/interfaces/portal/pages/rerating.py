"""The portal's page about corrected amounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class CorrectedRow:
    """What a re-rating changed in one order, before refunds."""

    order: str
    order_ref: str
    at: datetime
    reason: str
    old: Money
    new: Money


@dataclass(frozen=True, slots=True)
class Corrected:
    template: ClassVar[str] = "portal/corrected.html"
    rows: tuple[CorrectedRow, ...]
    cursor: Cursor
