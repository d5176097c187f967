"""The pages of the console: what each one shows, as frozen dataclasses that its template renders.

Amounts are `Money` (minor units with a currency), instants are aware datetimes, ids are outside ids (`ord_…`), texts are
ready to show. A list carries a `Cursor`; `filters` repeats what was asked, so that the form shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.interfaces.console.pages_ranks import PromoterRank
from rongshu.interfaces.faces.parts import (
    Act,
    Chart,
    Cursor,
    Figure,
    Moment,
    Money,
    Panel,
    Person,
    Progress,
    Words,
)
from rongshu.interfaces.faces.templatetags.faces import money_text, percent


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the left navigation."""

    key: str
    label: str | Promise
    icon: str
    url: str
    """The name of its URL."""


ENTRIES = (
    Entry("today", gettext_lazy("Today"), icon="house", url="console:today"),
    Entry("orders", gettext_lazy("Orders"), icon="receipt-text", url="console:orders"),
    Entry("promoters", gettext_lazy("Promoters"), icon="users", url="console:promoters"),
    Entry("ranks", gettext_lazy("Ranks"), icon="sprout", url="console:ranks"),
    Entry("plans", gettext_lazy("Plans"), icon="scroll-text", url="console:plans"),
    Entry("money", gettext_lazy("Withdrawals"), icon="banknote", url="console:withdrawals"),
    Entry("periods", gettext_lazy("Periods"), icon="calendar-days", url="console:periods"),
    Entry("reratings", gettext_lazy("Re-ratings"), icon="undo-2", url="console:reratings"),
    Entry("ledger", gettext_lazy("Ledger check"), icon="scale", url="console:ledger"),
)
"""The operator's work, in the order of a day. A room without a page has no entry."""


@dataclass(frozen=True, slots=True)
class ConsoleFrame:
    """What stands around every page. `waiting` is how many things need a decision; it is shown beside Today."""

    tenant: str
    who: str
    role: str
    zone: str
    current: str
    waiting: int = 0
    q: str = ""
    entries: tuple[Entry, ...] = ENTRIES


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in. `problem` says what to do, without telling which of the two was wrong."""

    template: ClassVar[str] = "console/sign_in.html"
    account: str = ""
    next: str = ""
    problem: str = ""


# ---------------------------------------------------------------------------------------------------- today


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that waits for somebody: a refused or poisoned intake row, a difference of the ledger."""

    kind: Literal["refused", "poisoned", "difference"]
    title: str
    reason: str
    at: datetime
    ref: str = ""
    href: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True, slots=True)
class Today:
    """The figures of a window of days that ends today, or, while today is empty, on the last day with orders."""

    template: ClassVar[str] = "console/today.html"
    windows: ClassVar[tuple[int, ...]] = (1, 7, 30, 90)
    window: int
    since: date
    until: date
    today: date
    as_of: datetime
    figures: tuple[Figure, ...]
    chart: Chart | None
    decisions: tuple[Decision, ...]
    waiting: int
    """How many decisions there are in all; `decisions` are the first of them."""

    @property
    def anchored(self) -> bool:
        """Whether the window ends before today because today has no orders yet."""
        return self.until != self.today


def paid_and_commission(
    days: tuple[date, ...],
    paid: tuple[int, ...],
    commission: tuple[int, ...],
    currency: str,
    *,
    ratio_before: int | None,
) -> Chart | None:
    """The daily chart with its answer in words; None when nothing was paid. `ratio_before` is the ppm one window earlier."""
    total = sum(paid)
    if total == 0:
        return None
    ratio = (2 * 1_000_000 * sum(commission) + total) // (2 * total)
    spoken = {
        "ratio": percent(ratio, 1),
        "commission": money_text(Money(sum(commission), currency)),
        "paid": money_text(Money(total, currency)),
    }
    answer = _("%(commission)s of %(paid)s: %(ratio)s.") % spoken
    if ratio_before is not None:
        moved = ratio - ratio_before
        spoken["moved"] = percent(abs(moved), 1).removesuffix("%")
        if abs(moved) < 500:
            answer = _("%(commission)s of %(paid)s: %(ratio)s, as in the window before.") % spoken
        elif moved > 0:
            answer = (
                _("%(commission)s of %(paid)s: %(ratio)s, %(moved)s points more than in the window before.") % spoken
            )
        else:
            answer = (
                _("%(commission)s of %(paid)s: %(ratio)s, %(moved)s points less than in the window before.") % spoken
            )
    return Chart(
        key="paid-and-commission",
        question=_("How much of what was paid went to promoters?"),
        answer=answer,
        days=days,
        panels=(Panel(_("Paid"), "bar", paid, currency), Panel(_("Commission"), "line", commission, currency)),
    )


# ---------------------------------------------------------------------------------------------------- search


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind; `more` leads to the list that shows them all."""

    title: str
    hits: tuple[Hit, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for `q`. A single exact hit never comes here: the view goes to it at once."""

    template: ClassVar[str] = "console/search.html"
    q: str
    groups: tuple[Group, ...]


# ---------------------------------------------------------------------------------------------------- orders


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

    @property
    def downwards(self) -> tuple[ChainLink, ...]:
        """The chain as it is drawn: the highest first, the buyer's promoter last."""
        return tuple(reversed(self.chain))


# ---------------------------------------------------------------------------------------------------- promoters


@dataclass(frozen=True, slots=True)
class PromoterRow:
    person: Person
    state: str
    rank: str
    inviter: Person | None
    joined_at: datetime
    team_size: int
    team_sales: Money
    pending: Money
    available: Money
    reserved: Money
    debt: Money


@dataclass(frozen=True, slots=True)
class Promoters:
    """`sort` is one of `sorts`, a minus before it for the largest first."""

    template: ClassVar[str] = "console/promoters.html"
    sorts: ClassVar[tuple[str, ...]] = ("-team_sales", "-team_size", "-joined")
    q: str
    sort: str
    rows: tuple[PromoterRow, ...]
    cursor: Cursor
    problem: str = ""


@dataclass(frozen=True, slots=True)
class TeamRow:
    person: Person
    state: str
    rank: str
    joined_at: datetime
    sales: Money
    team_size: int


@dataclass(frozen=True, slots=True)
class EarnedRow:
    """What the promoter has from one order; why is fetched from `console:why` when somebody asks."""

    order_id: str
    order_ref: str
    buyer: Person | None
    kind: str
    level: int
    lines: int
    state: str
    amount: Money
    reversed: Money
    earned_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Depth:
    """One generation of a team: 1 is who was invited directly."""

    depth: int
    members: int


@dataclass(frozen=True, slots=True)
class InviterChange:
    at: datetime
    before: Person | None
    after: Person | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Promoter:
    """One promoter. `view` decides which of the lists is filled; `cursor` belongs to that list."""

    template: ClassVar[str] = "console/promoter.html"
    views: ClassVar[tuple[str, ...]] = ("commissions", "team", "rank", "history")
    view: Literal["commissions", "team", "rank", "history"]
    person: Person
    state: str
    rank: str
    joined_at: datetime
    pending: Money
    available: Money
    reserved: Money
    debt: Money
    own_sales: Money
    team_sales: Money
    team_size: int
    inviter: Person | None
    depths: tuple[Depth, ...]
    cursor: Cursor
    commissions: tuple[EarnedRow, ...] = ()
    depth: int = 1
    team: tuple[TeamRow, ...] = ()
    ranked: PromoterRank | None = None
    history: tuple[InviterChange, ...] = ()


# ---------------------------------------------------------------------------------------------------- ledger


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule of the books, what it means, and how it stood at the last run."""

    code: str
    title: str
    meaning: str
    state: Literal["holds", "differs", "unknown"]
    checked: int = 0
    differences: int = 0


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """One place where the books do not agree: the key of the row with what was expected and what was found."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """All accounts of one book together: how many there are and what they hold."""

    book: int
    accounts: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Run:
    at: datetime
    milliseconds: int
    by: str


@dataclass(frozen=True, slots=True)
class Ledger:
    template: ClassVar[str] = "console/ledger.html"
    last: Run | None
    running: Progress | None
    may_run: bool
    invariants: tuple[Invariant, ...]
    differences: tuple[LedgerDifference, ...]
    accounts: tuple[Account, ...]
    transfers: tuple[TransferRow, ...]
    cursor: Cursor

    @property
    def state(self) -> Literal["holds", "differs", "unknown"]:
        """How the books stand as a whole."""
        if self.last is None:
            return "unknown"
        return "differs" if any(one.state == "differs" for one in self.invariants) else "holds"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as people read it: what happened, what was not harmed, what to do."""

    template: ClassVar[str] = "console/trouble.html"
    title: str
    harmless: str
    todo: str = ""
    href: str = ""
    link: str = ""
    trace: str = ""
