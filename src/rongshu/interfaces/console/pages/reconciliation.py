"""Console pages of reconciliation."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class CashLine:
    """Cash at a provider at a day's end: by the books, by its bills, by itself; `rest` is what nothing explains."""

    provider: str
    name: str
    day: date
    books: Money
    billed: Money
    balance: Money | None
    rest: Money | None
    under_way: int
    under_way_amount: Money

    @property
    def agrees(self) -> bool:
        """Whether books, bills and provider say the same."""
        return self.books.units == self.billed.units and (self.rest is None or not self.rest.units)


@dataclass(frozen=True, slots=True)
class DayRow:
    provider: str
    name: str
    day: date
    payments: int
    matched: int
    waiting: int
    open: int
    share: int
    """Matched of the day's payments, ppm."""
    books: Money
    billed: Money
    rest: Money | None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The cash of every provider, and its days, latest first."""

    template: ClassVar[str] = "console/reconciliation.html"
    cash: tuple[CashLine, ...]
    rows: tuple[DayRow, ...]
    cursor: Cursor
    waiting: int
    may_bring: bool


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    id: str
    kind: str
    state: str
    name: str
    """The provider's."""
    day: date
    ours: Money
    theirs: Money
    withdrawal: str
    serial: str
    opened_at: datetime

    @property
    def gap(self) -> Money:
        """What the bill says left more than the books do."""
        return Money(self.theirs.units - self.ours.units, self.ours.currency)


@dataclass(frozen=True, slots=True)
class BridgeRow:
    """One step from the books' cash to the bills'."""

    withdrawal: str
    serial: str
    difference: str
    kind: str
    state: str
    amount: Money


@dataclass(frozen=True, slots=True)
class MoveRow:
    kind: str
    day: date
    amount: Money
    reason: str
    who: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class OneDay:
    """One provider's day: what matched, what differs, and why its cash is what it is."""

    template: ClassVar[str] = "console/reconciliation_day.html"
    cash: CashLine
    row: DayRow
    payments_amount: Money
    lines: int
    lines_amount: Money
    source: str
    reconciled_at: datetime
    differences: tuple[DifferenceRow, ...]
    bridge: tuple[BridgeRow, ...]
    bridge_count: int
    moves: tuple[MoveRow, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """Tasks: what waits, or what was decided."""

    template: ClassVar[str] = "console/differences.html"
    views: ClassVar[tuple[str, ...]] = ("waiting", "decided", "resolved")
    view: str
    rows: tuple[DifferenceRow, ...]
    cursor: Cursor
    waiting: int
    may_decide: bool


@dataclass(frozen=True, slots=True)
class LineRow:
    kind: str
    at: datetime
    amount: Money
    serial: str
    provider_ref: str
    memo: str


@dataclass(frozen=True, slots=True)
class OneDifference:
    """One task: both sides, what the bill says, and what can be decided."""

    template: ClassVar[str] = "console/difference.html"
    row: DifferenceRow
    provider: str
    lines: tuple[LineRow, ...]
    decisions: tuple[str, ...]
    decision: str
    reason: str
    who: str
    second: str
    decided_at: datetime | None
    own: bool
    may_decide: bool
    may_confirm: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BringBill:
    """A statement to upload, and cash entered by hand."""

    template: ClassVar[str] = "console/reconciliation_upload.html"
    kinds: ClassVar[tuple[str, ...]] = ("opening", "deposit", "taken", "fee")
    providers: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str], ...]
    """The roles a column can play, and their names."""
    key: str
    today: date
    typed: dict[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    problem: str = ""
    at: str = ""
