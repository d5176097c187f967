"""An explanation: facts in minor units with their sentences, which are said in a language when asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.words import Sentence, moment, money, say, together
from rongshu.engine.money import format_units
from rongshu.engine.plan.fields import write_percent
from rongshu.kernel.ids import outside
from rongshu.ledger.books import Book

Steps = tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """What amounts and times are shown in."""

    currency: str
    zone: tzinfo

    def units(self, units: int) -> str:
        """The decimal string, for programs."""
        return format_units(units, self.currency)

    def money(self, units: int) -> str:
        """The amount with its sign, for people."""
        return money(units, self.currency)

    def at(self, instant: datetime) -> str:
        """The minute, for people."""
        return moment(instant, self.zone)

    def iso(self, instant: datetime | None) -> str | None:
        """The instant in the tenant's zone, for programs."""
        return None if instant is None else instant.astimezone(self.zone).isoformat()


@dataclass(frozen=True, slots=True)
class Who:
    """A member as shown."""

    id: int
    name: str
    hidden: bool = False
    """Known to the reader only as a place in the chain: `#2`."""

    def as_json(self) -> dict[str, str | None]:
        """The outside id and the name."""
        return {"id": None if self.hidden else outside("mem", self.id), "name": self.name}


@dataclass(frozen=True, slots=True)
class OrderPart:
    """The order itself."""

    id: int
    source: str
    external_id: str
    buyer: Who | None
    credited_to: Who | None
    credited_by: str
    """`named`, `bond`, `corrected`, or `` for nobody."""
    paid: int
    paid_at: datetime
    completed_at: datetime | None
    cancelled_at: datetime | None

    @property
    def outside_id(self) -> str:
        """`ord_…`."""
        return outside("ord", self.id)


@dataclass(frozen=True, slots=True)
class LinePart:
    """One order line; `base` is what rates apply to (None without a plan), `refunded` what counts of the refunds."""

    line_no: int
    sku: str
    category: str
    qty: int
    paid: int
    refunded: int
    base: int | None


@dataclass(frozen=True, slots=True)
class VersionPart:
    """The plan version in force when the order was paid."""

    number: int
    name: str
    effective_from: datetime


@dataclass(frozen=True, slots=True)
class Met:
    """A rank on its way up the chain: its rate, and the highest rate below with who held it. Rates in ppm."""

    rate: int
    below: int
    who: Who | None
    rank: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "rate": write_percent(self.rate),
            "highest_below": write_percent(self.below),
            "held_by": self.who and self.who.as_json(),
            "held_rank": self.rank or None,
        }


@dataclass(frozen=True, slots=True)
class Position:
    """One place of the chain, counted from the direct promoter upwards."""

    position: int
    level: int | None
    """The plan's level taken; None when passed over, or when it earns nothing by its state."""
    promoter: Who
    state: int
    """0 may earn, 1 not active when paid, 2 is the buyer, 3 no level left."""
    earned: int
    reversed: int
    why: Steps
    """What they earned or why nothing; then the lines on which an earner earned nothing."""
    rank: str = ""
    """The rank held when paid; said only under a plan with a differential."""
    met: Met | None = None
    """What the rank was met with; None under a plan without a differential, or for who could not earn."""

    def sentence(self, language: str) -> str:
        """What they earned, or why nothing."""
        return together(self.why, language)


@dataclass(frozen=True, slots=True)
class CommissionPart:
    """One commission row: its trace in numbers, and as steps in words."""

    row: int
    beneficiary: Who
    line_no: int
    kind: str
    level: int
    rules: tuple[str, ...]
    base: int
    ppm: int | None
    """None for a fixed amount."""
    before_caps: int
    cut_order: int
    cut_day: int
    cut_month: int
    amount: int
    reversed: int
    state: str
    """`pending`, `released`, `reversed` (all of it) or `capped` (to nothing)."""
    due_at: datetime | None
    released_at: datetime | None
    steps: Steps

    def sentence(self, language: str) -> str:
        """How this amount came to be, from the rule to the release."""
        return together(self.steps, language)


@dataclass(frozen=True, slots=True)
class Taken:
    """What a refund took from one commission, and from where: `pending`, `available` or `debt`."""

    promoter: Who
    row: int
    book: Book
    amount: int


@dataclass(frozen=True, slots=True)
class RefundPart:
    """A refund, or the cancellation of the order, which takes back all that is left."""

    id: int
    external_id: str
    cancellation: bool
    refunded_at: datetime
    lines: tuple[tuple[int, int], ...]
    """(line number, amount), as asked for."""
    taken: tuple[Taken, ...]
    steps: Steps

    def sentence(self, language: str) -> str:
        """What was refunded, and what it took from whom, from where."""
        return together(self.steps, language)


@dataclass(frozen=True, slots=True)
class TransferPart:
    """One transfer of the ledger about this order. None is the house."""

    journal: int
    line: int
    debit: tuple[Who | None, Book]
    credit: tuple[Who | None, Book]
    amount: int
    row: int
    at: datetime
    step: Sentence

    def sentence(self, language: str) -> str:
        """`¥12.80: commission expense → pending of m1`."""
        return self.step.said(language)


@dataclass(frozen=True, slots=True)
class OrderExplanation:
    """One order: who earned what and why, and who nothing and why.

    A release is one transfer an owner over many orders and so is not among the transfers; the commissions say when
    they were released.
    """

    scale: Scale
    order: OrderPart
    lines: tuple[LinePart, ...]
    version: VersionPart | None
    chain: tuple[Position, ...]
    commissions: tuple[CommissionPart, ...]
    refunds: tuple[RefundPart, ...]
    transfers: tuple[TransferPart, ...]
    about: Steps
    """The order in words."""
    nothing: Steps
    """Why the order earned nothing at all; empty when it earned."""

    @property
    def earned(self) -> int:
        """All final amounts, before refunds."""
        return sum(row.amount for row in self.commissions)

    @property
    def reversed(self) -> int:
        """What refunds took back."""
        return sum(row.reversed for row in self.commissions)

    def summary(self, language: str) -> str:
        """The order in words, with why it earned nothing where it did."""
        return together((*self.about, *self.nothing), language)

    def why_nothing(self, language: str) -> str:
        """Why the order earned nothing at all; empty when it earned."""
        return together(self.nothing, language)

    def as_json(self, language: str) -> dict[str, Any]:
        """JSON-able: money as decimal strings, outside ids, times in the tenant's zone, sentences in a language."""
        scale, order = self.scale, self.order
        return {
            "currency": scale.currency,
            "summary": self.summary(language),
            "nothing": self.why_nothing(language) or None,
            "earned": scale.units(self.earned),
            "reversed": scale.units(self.reversed),
            "order": {
                "id": order.outside_id,
                "source": order.source,
                "external_id": order.external_id,
                "buyer": order.buyer and order.buyer.as_json(),
                "credited_to": order.credited_to and order.credited_to.as_json(),
                "credited_by": order.credited_by or None,
                "paid": scale.units(order.paid),
                "paid_at": scale.iso(order.paid_at),
                "completed_at": scale.iso(order.completed_at),
                "cancelled_at": scale.iso(order.cancelled_at),
            },
            "plan_version": self.version
            and {
                "number": self.version.number,
                "name": self.version.name,
                "effective_from": scale.iso(self.version.effective_from),
            },
            "lines": [
                {
                    "line_no": line.line_no, "sku": line.sku, "category": line.category, "qty": line.qty,
                    "paid": scale.units(line.paid), "refunded": scale.units(line.refunded),
                    "base": None if line.base is None else scale.units(line.base),
                }
                for line in self.lines
            ],
            "chain": [
                {
                    "position": one.position, "level": one.level, "promoter": one.promoter.as_json(),
                    "state": STATES[one.state], "rank": one.rank or None, "by_rank": one.met and one.met.as_json(),
                    "earned": scale.units(one.earned),
                    "reversed": scale.units(one.reversed),
                    "sentence": one.sentence(language), "steps": [step.as_json(language) for step in one.why],
                }
                for one in self.chain
            ],
            "commissions": [self._commission(row, language) for row in self.commissions],
            "refunds": [
                {
                    "id": refund.external_id, "cancellation": refund.cancellation,
                    "refunded_at": scale.iso(refund.refunded_at),
                    "lines": [{"line_no": line_no, "amount": scale.units(amount)} for line_no, amount in refund.lines],
                    "taken": [
                        {"promoter": one.promoter.as_json(), "row": one.row, "from": one.book.name.lower(),
                         "amount": scale.units(one.amount)}
                        for one in refund.taken
                    ],
                    "sentence": refund.sentence(language),
                }
                for refund in self.refunds
            ],
            "transfers": [
                {
                    "journal": str(one.journal), "line": one.line, "debit": _account(one.debit),
                    "credit": _account(one.credit), "amount": scale.units(one.amount), "row": one.row,
                    "at": scale.iso(one.at), "sentence": one.sentence(language),
                }
                for one in self.transfers
            ],
        }  # fmt: skip

    def _commission(self, row: CommissionPart, language: str) -> dict[str, Any]:
        scale = self.scale
        return {
            "row": row.row, "beneficiary": row.beneficiary.as_json(), "line_no": row.line_no, "kind": row.kind,
            "level": row.level, "rules": list(row.rules), "base": scale.units(row.base),
            "rate": None if row.ppm is None else write_percent(row.ppm), "before_caps": scale.units(row.before_caps),
            "cut_order": scale.units(row.cut_order), "cut_day": scale.units(row.cut_day),
            "cut_month": scale.units(row.cut_month), "amount": scale.units(row.amount),
            "reversed": scale.units(row.reversed), "state": row.state, "due_at": scale.iso(row.due_at),
            "released_at": scale.iso(row.released_at), "sentence": row.sentence(language),
            "steps": [step.as_json(language) for step in row.steps],
        }  # fmt: skip


STATES = ("may_earn", "inactive", "is_buyer", "no_level")
"""The states of a chain's places, for programs."""

BOOKS = {
    Book.PENDING: _("pending commission of %(name)s"),
    Book.AVAILABLE: _("available balance of %(name)s"),
    Book.RESERVED: _("withdrawal reserve of %(name)s"),
    Book.DEBT: _("debt of %(name)s"),
    Book.EXPENSE: _("commission expense"),
    Book.PAID_OUT: _("paid out"),
    Book.TAX: _("tax payable"),
}


def account(name: str | Sentence, book: Book) -> Sentence:
    """An account in words, by the name of whom it is of."""
    return say(book.name.lower(), BOOKS[book], name=name)


def _account(side: tuple[Who | None, Book]) -> dict[str, Any]:
    who, book = side
    return {"owner": None if who is None else who.as_json(), "book": book.name.lower()}
