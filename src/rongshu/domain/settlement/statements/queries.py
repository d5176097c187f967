from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import connection

from rongshu.kernel.errors import unavailable
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book
from rongshu.ledger.queries import standings_of

RELEASED, REWARD, REVERSED, PAID, TAX, FEE, RETURNED, MERGED = (
    "released",
    "reward",
    "reversed",
    "paid",
    "tax",
    "fee",
    "returned",
    "merged",
)
_KINDS = {
    (Book.PENDING, Book.AVAILABLE): RELEASED,
    (Book.EXPENSE, Book.AVAILABLE): REWARD,
    (Book.AVAILABLE, Book.EXPENSE): REVERSED,
    (Book.DEBT, Book.EXPENSE): REVERSED,
    (Book.RESERVED, Book.PAID_OUT): PAID,
    (Book.RESERVED, Book.TAX): TAX,
    (Book.RESERVED, Book.FEE): FEE,
    (Book.PAID_OUT, Book.AVAILABLE): RETURNED,
    (Book.TAX, Book.AVAILABLE): RETURNED,
    (Book.FEE, Book.AVAILABLE): RETURNED,
    (Book.AVAILABLE, Book.AVAILABLE): MERGED,
    (Book.DEBT, Book.DEBT): MERGED,
}
"""What a transfer across the edge of a promoter's own books (available, reserved, debt) is. Between those nothing comes or goes."""


@dataclass(frozen=True, slots=True)
class Line:
    """Something that came (above 0) or left (below 0), minor units; `order` is the order or reward period it is about, 0 for none."""

    at: datetime
    kind: str
    amount: int
    journal: int
    order: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A month of one promoter. `opening` and `closing` are what is theirs: available, reserved, less what they owe."""

    since: date
    until: date
    opening: int
    closing: int
    lines: Sequence[Line]

    def total(self, kind: str) -> int:
        """The sum of the lines of one kind."""
        return sum(line.amount for line in self.lines if line.kind == kind)


def statement(promoter_id: int, month: date) -> Statement:
    """The statement of the month a day is in: worked back from what is theirs now, so that months join without a gap."""
    since = month.replace(day=1)
    after = date.fromordinal(since.replace(day=28).toordinal() + 4).replace(day=1)
    zone = house().zone
    start, end = (datetime.combine(day, time(), zone) for day in (since, after))
    lines = _lines(promoter_id, start)
    standing = standings_of([promoter_id])[promoter_id]
    now = standing.available + standing.reserved + standing.debt
    inside = [line for line in lines if line.at < end]
    closing = now - sum(line.amount for line in lines if line.at >= end)
    return Statement(since, after, closing - sum(line.amount for line in inside), closing, inside)


def proved(promoter_id: int, found: Statement) -> Statement:
    """The statement, its opening summed anew from the very first transfer: for files that leave the house.

    Raises `unavailable` where opening, movements and closing do not add up; then nothing may be handed out.
    """
    start = datetime.combine(found.since, time(), house().zone)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT sum(amount) FROM ledger_transfer WHERE tenant_id = %s AND cr_owner = %s AND cr_owner > 0 "
            "AND cr_book IN (102, 103, 104) AND at < %s), 0) - coalesce((SELECT sum(amount) FROM ledger_transfer WHERE tenant_id = %s "
            "AND dr_owner = %s AND dr_owner > 0 AND dr_book IN (102, 103, 104) AND at < %s), 0)",
            [current_tenant(), promoter_id, start, current_tenant(), promoter_id, start],
        )
        opening = int(cursor.fetchone()[0])
    if opening != found.opening or opening + sum(line.amount for line in found.lines) != found.closing:
        raise unavailable(
            "statement_differs", "This statement does not add up and is not handed out; the ledger has to be checked."
        )
    return found


def _lines(owner: int, since: datetime) -> list[Line]:
    """Everything that came to a promoter's own books or left them since an instant, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at, dr_book, cr_book, amount, journal, line, about, 1 AS sign FROM ledger_transfer WHERE tenant_id = %s AND cr_owner = %s "
            "AND cr_book IN (102, 103, 104) AND NOT (dr_owner = %s AND dr_book IN (102, 103, 104)) AND at >= %s "
            "UNION ALL SELECT at, dr_book, cr_book, amount, journal, line, about, -1 FROM ledger_transfer WHERE tenant_id = %s AND dr_owner = %s "
            "AND dr_book IN (102, 103, 104) AND NOT (cr_owner = %s AND cr_book IN (102, 103, 104)) AND at >= %s ORDER BY at, journal, line",
            [current_tenant(), owner, owner, since, current_tenant(), owner, owner, since],
        )
        return [
            Line(at, _KINDS[Book(dr), Book(cr)], sign * amount, journal, about)
            for at, dr, cr, amount, journal, _line, about, sign in cursor.fetchall()
        ]
