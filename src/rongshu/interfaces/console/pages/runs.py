"""Console pages of settlement runs and the calendar of holidays."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.console.pages.money import StateTotal, WithdrawalRow
from rongshu.interfaces.faces.parts import Cursor, Money, Person, Progress


@dataclass(frozen=True, slots=True)
class RunRow:
    id: str
    day: date
    state: str
    by_clock: bool
    who: str
    made_at: datetime
    promoters: int
    amount: Money
    left_out: int


@dataclass(frozen=True, slots=True)
class Runs:
    template: ClassVar[str] = "console/runs.html"
    rows: tuple[RunRow, ...]
    cursor: Cursor
    cycle: str
    may_begin: bool


@dataclass(frozen=True, slots=True)
class LeftReason:
    """Why some are left out: a code, its words, how many, and what they have available."""

    code: str
    words: str
    promoters: int
    amount: Money


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """One promoter of a run to come; `why` is empty for who gets something."""

    person: Person
    available: Money
    amount: Money
    fee: Money
    tax: Money
    net: Money
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would do as of now. The tax is an estimate."""

    promoters: int
    amount: Money
    fee: Money
    tax: Money
    net: Money
    unapproved: int
    left: tuple[LeftReason, ...]
    rows: tuple[PlannedRow, ...]


@dataclass(frozen=True, slots=True)
class LeftRow:
    person: Person
    amount: Money


@dataclass(frozen=True, slots=True)
class RunPage:
    """One run: to come with its preview, under way with its progress, or done; what it asked for, and whom it left out and why."""

    template: ClassVar[str] = "console/run.html"
    row: RunRow
    changed_at: datetime
    changed_by: str
    fee: Money
    counts_until: datetime | None
    preview: Preview | None
    progress: Progress | None
    states: tuple[StateTotal, ...]
    rows: tuple[WithdrawalRow, ...]
    left: tuple[LeftReason, ...]
    left_rows: tuple[LeftRow, ...]
    shown: str
    """The reason whose promoters are listed, empty for the withdrawals."""
    batches: tuple[str, ...]
    cursor: Cursor
    waiting: int
    """Withdrawals of it that wait for an approval."""
    may_begin: bool
    may_approve: bool
    own: bool = False
    """The reader started it, and the policy has somebody else approve it."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The holidays of a year as text, one day a line."""

    template: ClassVar[str] = "console/holidays.html"
    year: int
    years: tuple[int, ...]
    text: str
    off: int
    working: int
    next_days: tuple[date, ...]
    """The next days that are off although their weekday is worked."""
    may_set: bool
    problems: tuple[str, ...] = ()
