"""Pages of the way of money out, as the promoter sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Moment, Money


@dataclass(frozen=True, slots=True)
class Mine:
    """One of the reader's withdrawals; `steps` name no person but the reader."""

    id: str
    amount: Money
    fee: Money
    tax: Money
    net: Money
    state: str
    asked_at: datetime
    account: str
    steps: tuple[Moment, ...]
    may_cancel: bool


@dataclass(frozen=True, slots=True)
class Arrives:
    """What would arrive of an amount."""

    amount: Money
    fee: Money
    tax: Money
    net: Money


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Asking for a withdrawal, and those asked for. Without `account` the papers come first."""

    template: ClassVar[str] = "portal/withdraw.html"
    part: ClassVar[str] = "portal/parts/withdrawals.html"
    available: Money
    least: Money
    most: Money | None
    account: str
    agreed: bool
    asked: str = ""
    key: str = ""
    arrives: Arrives | None = None
    problem: str = ""
    rows: tuple[Mine, ...] = ()
    cursor: Cursor = field(default_factory=Cursor)


@dataclass(frozen=True, slots=True)
class StatementLine:
    at: datetime
    kind: str
    text: str
    amount: Money
    order: str
    """The order's outside id where the line is about one the reader can ask about."""


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


@dataclass(frozen=True, slots=True)
class GivePapers:
    """Who the reader is by law, and where the money goes. Values come back as typed, except that they are never shown from storage."""

    template: ClassVar[str] = "portal/papers.html"
    name: str = ""
    document_kind: str = "cn_id"
    document: str = ""
    account_kind: str = "bank"
    account: str = ""
    bank: str = ""
    resident: bool = True
    agreement: str = ""
    problem: str = ""
    at: str = ""
    given: str = ""
    """How the present ones are shown; empty when there are none."""
