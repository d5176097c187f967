"""Publishing what is owed in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class PublicationRow:
    """One publication."""

    number: int
    as_of: datetime
    promoters: int
    accrued: Money
    paid: Money
    owed: Money
    debts: Money
    who: str


@dataclass(frozen=True, slots=True)
class Transparency:
    """The choices, and what was published, latest first. `address` is the public page's."""

    template: ClassVar[str] = "console/transparency.html"
    shown: bool
    monthly: bool
    address: str
    rows: tuple[PublicationRow, ...]
    cursor: Cursor
    may_set: bool
