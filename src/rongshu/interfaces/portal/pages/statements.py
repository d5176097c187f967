"""Pages of statements, as the promoter sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.papers.rows import StatementRow
from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class StatementLine:
    """A line and where it leads; `cursor` turns the reader's withdrawals to the one it is about."""

    row: StatementRow
    cursor: str = ""


@dataclass(frozen=True, slots=True)
class StatementPage:
    """A month: opening, what came and went, closing. The latest 500 lines are shown; the file has all."""

    template: ClassVar[str] = "portal/statement.html"
    month: date
    earlier: str
    later: str
    opening: Money
    sums: tuple[tuple[str, Money], ...]
    closing: Money
    lines: tuple[StatementLine, ...]
    more: int
    years: tuple[int, ...] = ()
    """Years with payments: for each there is a tax certificate."""


@dataclass(frozen=True, slots=True)
class ReleasedRow:
    order: str
    name: str
    paid_at: datetime
    amount: Money
    reversed: Money


@dataclass(frozen=True, slots=True)
class ReleasedPage:
    """What one release was made of."""

    template: ClassVar[str] = "portal/released.html"
    at: datetime
    amount: Money
    rows: tuple[ReleasedRow, ...]
    more: int
    month: str
