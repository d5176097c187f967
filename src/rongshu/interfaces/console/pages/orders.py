"""The list of orders, and one order with why its commissions are what they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.bought_at_parts import BoughtAt
from rongshu.interfaces.faces.credited_parts import CreditedSo, WhyNot
from rongshu.interfaces.faces.parts import (
    Cursor,
    Moment,
    Money,
    Person,
    Words,
)


@dataclass(frozen=True, slots=True)
class OrderFilters:
    """`q` finds an order id, a buyer or a promoter; `problems` are what could not be understood."""

    q: str = ""
    state: str = ""
    since: date | None = None
    until: date | None = None
    promoter: Person | None = None
    buyer: Person | None = None
    problems: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return bool(self.q or self.state or self.since or self.until or self.promoter or self.buyer)


@dataclass(frozen=True, slots=True)
class OrderRow:
    id: str
    external_id: str
    paid_at: datetime
    buyer: Person | None
    promoter: Person | None
    state: str
    paid: Money
    commission: Money


@dataclass(frozen=True, slots=True)
class Orders:
    template: ClassVar[str] = "console/orders.html"
    states: ClassVar[tuple[str, ...]] = ("paid", "completed", "part_refunded", "refunded", "cancelled")
    filters: OrderFilters
    rows: tuple[OrderRow, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Line:
    """One order line. `refunded` is what flowed back of `paid`."""

    no: int
    sku: str
    category: str
    qty: int
    paid: Money
    refunded: Money


@dataclass(frozen=True, slots=True)
class CommissionRow:
    """One commission with its explanation. Give `ppm` or `fixed`. `line_no` is 0 for a row of the whole order."""

    id: str
    kind: str
    level: int
    state: str
    rule: str
    base: Money
    amount: Money
    reversed: Money
    why: Words
    ppm: int | None = None
    fixed: Money | None = None
    line_no: int = 0
    line_title: str = ""
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One promoter of the order's chain. Who earned has `rows`; who did not has `why_not`."""

    person: Person
    position: int
    level: int | None
    rank: str
    earned: Money
    rows: tuple[CommissionRow, ...] = ()
    why_not: Words | None = None


@dataclass(frozen=True, slots=True)
class RefundRow:
    id: str
    external_id: str
    at: datetime
    amount: Money
    reversed: Money
    lines: str
    """The lines it named, ready to show: `1, 3`."""


@dataclass(frozen=True, slots=True)
class TransferRow:
    """One row of the ledger: `amount` went from one account to the other."""

    journal: str
    kind: str
    at: datetime
    debit: str
    debit_book: int
    credit: str
    credit_book: int
    amount: Money
    ref: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    template: ClassVar[str] = "console/order.html"
    id: str
    external_id: str
    source: str
    state: str
    paid_at: datetime
    completed_at: datetime | None
    buyer: Person | None
    paid: Money
    refunded: Money
    commission: Money
    plan: str
    """Name and version that rated it, empty when none did."""
    plan_href: str
    credited_to: Person | None
    credited_by: str
    """How the order came to its direct promoter, in words; empty when it is credited to nobody."""
    facts: tuple[tuple[str, str], ...]
    """What the plan could look at: channel, store, region, tier, first or repeat — only what is known."""
    lines: tuple[Line, ...]
    chain: tuple[ChainLink, ...]
    """From the direct promoter upwards."""
    no_chain: Words | None
    """Why nobody could earn, when the chain is empty."""
    refunds: tuple[RefundRow, ...]
    timeline: tuple[Moment, ...]
    transfers: tuple[TransferRow, ...]
    corrections: tuple[Words, ...] = ()
    """What re-ratings changed of it."""
    noted: str = ""
    """A correction of the promoter that is not posted yet, in words."""
    may_correct: bool = False
    credit: CreditedSo | None = None
    """What the attribution policy considered; None where nothing was."""
    asked: str = ""
    """Of whom the reader asks why not them, as typed."""
    other: WhyNot | None = None
    other_problem: str = ""
    bought: BoughtAt | None = None
    """None for an order whose shop did not ask for our price."""

    @property
    def downwards(self) -> tuple[ChainLink, ...]:
        """The chain as it is drawn: the highest first, the buyer's promoter last."""
        return tuple(reversed(self.chain))
