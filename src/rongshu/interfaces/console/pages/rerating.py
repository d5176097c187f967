"""The pages about re-ratings and corrected attributions. Amounts, instants and ids as in `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money, Person, Progress, Words


@dataclass(frozen=True, slots=True)
class CreditRow:
    """A corrected attribution that waits for a re-rating."""

    order_id: str
    external_id: str
    paid_at: datetime
    old: Person | None
    new: Person | None
    reason: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class ReratingRow:
    id: str
    state: str
    since: datetime
    last: datetime
    """The last instant of the window."""
    version: int | None
    reason: str
    asked_by: str
    asked_at: datetime
    changed: int
    gains: Money
    losses: Money


@dataclass(frozen=True, slots=True)
class Reratings:
    template: ClassVar[str] = "console/reratings.html"
    rows: tuple[ReratingRow, ...]
    cursor: Cursor
    credits: tuple[CreditRow, ...]
    """The latest corrections that wait."""
    waiting: int
    waiting_from: date | None
    """The days on which the orders of all that wait were paid."""
    waiting_to: date | None
    may_ask: bool


@dataclass(frozen=True, slots=True)
class NewRerating:
    template: ClassVar[str] = "console/rerating_new.html"
    versions: tuple[tuple[int, str], ...]
    """Number and name of what may rate, the latest first."""
    since: str = ""
    until: str = ""
    version: str = ""
    reason: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CorrectCredits:
    """Many corrections at once, from a file or typed."""

    template: ClassVar[str] = "console/rerating_credits.html"
    rows: str = ""
    reason: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CorrectPromoter:
    """One order's promoter."""

    template: ClassVar[str] = "console/order_promoter.html"
    order_id: str
    external_id: str
    paid_at: datetime
    now: Person | None
    noted: Person | None
    """What is noted and waits for a re-rating; the same as `now` when nothing does."""
    promoter: str = ""
    reason: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CauseRow:
    cause: str
    orders: int
    gain: Money


@dataclass(frozen=True, slots=True)
class GainRow:
    person: Person
    gain: Money
    rows: int


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One amount of an order: what stood and what is to stand, before refunds."""

    person: Person
    kind: str
    level: int
    line_no: int
    old: Money
    new: Money


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: str
    external_id: str
    paid_at: datetime
    cause: str
    old: Person | None
    new: Person | None
    gain: Money
    rows: tuple[DifferenceRow, ...]


@dataclass(frozen=True, slots=True)
class Rerating:
    template: ClassVar[str] = "console/rerating.html"
    row: ReratingRow
    preview: str
    previewed_at: datetime | None
    stale: bool
    failure: str
    orders: int
    corrected: int
    decided_by: str
    decided_at: datetime | None
    decision: str
    posted_at: datetime | None
    causes: tuple[CauseRow, ...]
    people: tuple[GainRow, ...]
    """Those for whom most changes."""
    differences: tuple[OrderRow, ...]
    cursor: Cursor
    progress: Progress | None
    may_decide: bool
    may_ask: bool
    own: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SideRow:
    person: Person
    kind: str
    level: int
    line_no: int
    amount: Money
    why: Words


@dataclass(frozen=True, slots=True)
class Side:
    version: str
    href: str
    credited_to: Person | None
    total: Money
    rows: tuple[SideRow, ...]
    nothing: Words | None


@dataclass(frozen=True, slots=True)
class ReratedOrder:
    """One order of a re-rating, as it was rated and as it is rated anew."""

    template: ClassVar[str] = "console/rerating_order.html"
    rerating_id: str
    id: str
    external_id: str
    posted: bool
    old: Side
    new: Side
