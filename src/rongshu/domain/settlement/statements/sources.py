"""What explains the lines of a statement: the order, the closed period, the release or the withdrawal behind each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db import connection

from rongshu.domain.settlement.statements.queries import FEE, PAID, RELEASED, RETURNED, REVERSED, TAX, Line
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Source:
    """`id` is an order's, period's or withdrawal's, or the journal of a release; `day` is when that was: paid, ended, asked for."""

    kind: Literal["order", "period", "release", "withdrawal", ""]
    id: int
    day: date | None = None
    name: str = ""
    """What people call it: the order's own number, the period's name."""


def sources_of(promoter_id: int, lines: Sequence[Line]) -> list[Source]:
    """The source of each line, beside them."""
    about = sorted({line.order for line in lines if line.order})
    journals = sorted({line.journal for line in lines if line.kind in (PAID, TAX, FEE, RETURNED)})
    zone, tenant = house().zone, current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, external_id, paid_at FROM commerce_order WHERE tenant_id = %s AND id = ANY (%s)",
            [tenant, about],
        )
        orders = {one: Source("order", one, at.astimezone(zone).date(), name) for one, name, at in cursor.fetchall()}
        cursor.execute(
            'SELECT id, rule, start, "end" FROM commission_period WHERE tenant_id = %s AND id = ANY (%s)',
            [tenant, about],
        )
        periods = {
            one: Source("period", one, start, f"{rule} {start} – {date.fromordinal(end.toordinal() - 1)}")
            for one, rule, start, end in cursor.fetchall()
        }
        cursor.execute(
            "SELECT j.id, w.id, w.asked_at FROM settlement_withdrawal w JOIN ledger_journal j ON j.tenant_id = w.tenant_id "
            "AND j.kind IN ('withdrawal', 'withdrawal_back') AND j.ref = 'W' || w.id "
            "WHERE w.tenant_id = %s AND w.promoter_id = %s AND j.id = ANY (%s)",
            [tenant, promoter_id, journals],
        )
        gone = {
            journal: Source("withdrawal", one, at.astimezone(zone).date()) for journal, one, at in cursor.fetchall()
        }
    return [
        orders.get(line.order) or periods.get(line.order) or gone.get(line.journal)
        or (Source("release", line.journal) if line.kind == RELEASED else Source("", 0))
        for line in lines
    ]  # fmt: skip


def adjusts(line: Line, source: Source, since: date) -> bool:
    """Whether a line sets right what was of a month before the statement's: refunds of earlier orders, payments come back, rewards reckoned anew."""
    if source.kind == "period":
        return line.journal != source.id
    return line.kind in (REVERSED, RETURNED) and source.day is not None and source.day < since


@dataclass(frozen=True, slots=True)
class ReleasedOrder:
    """An order whose commission became available, minor units; `reversed` is what was taken back of it so far."""

    order_id: int
    name: str
    paid_at: datetime
    amount: int
    reversed: int


@dataclass(frozen=True, slots=True)
class Release:
    """What became available to a promoter at one instant."""

    at: datetime
    amount: int
    orders: Sequence[ReleasedOrder]
    more: int


def release_of(promoter_id: int, journal: int, limit: int = 500) -> Release:
    """The release a statement's line stands for, with the orders of it, dearest first. Raises `missing`.

    Releases of one instant are one: what was due together is shown together.
    """
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT at FROM ledger_transfer WHERE tenant_id = %s AND journal = %s AND dr_owner = %s AND dr_book = 101 AND cr_book = 102 LIMIT 1",
            [tenant, journal, promoter_id],
        )
        found = cursor.fetchone()
        if found is None:
            raise missing("unknown_release", "There is no such release.")
        cursor.execute(
            "SELECT sum(amount)::bigint FROM ledger_transfer WHERE tenant_id = %s AND cr_owner = %s AND cr_owner > 0 "
            "AND cr_book IN (102, 103, 104) AND cr_book = 102 AND dr_book = 101 AND at = %s",
            [tenant, promoter_id, found[0]],
        )
        amount = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT o.id, o.external_id, o.paid_at, sum(c.amount)::bigint, sum(c.reversed)::bigint, count(*) OVER () "
            "FROM commission_commission c JOIN commission_rating r ON r.tenant_id = c.tenant_id AND r.order_id = c.order_id "
            "JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id "
            "WHERE c.tenant_id = %s AND c.beneficiary_id = %s AND c.state = 1 AND r.released_at = %s "
            "GROUP BY o.id, o.external_id, o.paid_at ORDER BY 4 DESC, o.id LIMIT %s",
            [tenant, promoter_id, found[0], limit],
        )
        rows = cursor.fetchall()
    return Release(found[0], amount, [ReleasedOrder(*row[:5]) for row in rows], rows[0][5] - len(rows) if rows else 0)
