from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.actions import RefundLines, store_refunds
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.commission.rating.models import PENDING, RELEASED
from rongshu.engine.calendar import local_days, sums_by_day
from rongshu.engine.rating import due_at, reversal_due
from rongshu.engine.rating.frames import FOREVER
from rongshu.kernel import bulk
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.ledger import actions as ledger

I64 = NDArray[np.int64]


def schedule_release(*, orders: I64, completed_at: I64) -> None:
    """Notes from when the commissions of orders that have now completed may be released, by the version that rated them."""
    if not len(orders):
        return
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, version_id, (extract(epoch FROM o.paid_at) * 1000000)::bigint FROM commission_rating r "
            "JOIN commerce_order o ON o.tenant_id = r.tenant_id AND o.id = r.order_id "
            "WHERE r.tenant_id = %s AND r.order_id = ANY (%s::bigint[]) AND r.version_id IS NOT NULL",
            [current_tenant(), bulk.int8s(orders)],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        order, version, paid_at = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        sequence = np.argsort(orders)
        completed = completed_at[sequence[np.searchsorted(orders[sequence], order)]]
        plans = {found.id: plan_of(found) for found in versions().versions}
        due = np.full(len(order), FOREVER, dtype=np.int64)
        for one in np.unique(version).tolist():
            which = version == one
            due[which] = due_at(plans[one].release, paid_at[which], completed[which])
        cursor.execute(
            "UPDATE commission_rating r SET due_at = u.due FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, due) "
            "WHERE r.tenant_id = %s AND r.order_id = u.id",
            [bulk.int8s(order), bulk.instants(due), current_tenant()],
        )


def release_due(*, now: datetime, limit: int = 5000) -> int:
    """Releases what is due of up to `limit` orders of the active tenant: one transfer an owner. How many orders.

    Each row is released at most once, whoever else runs this at the same time.
    """
    lock_background_writing()
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_rating r SET released_at = %s FROM ("
            " SELECT order_id FROM commission_rating WHERE tenant_id = %s AND due_at <= %s AND released_at IS NULL"
            " ORDER BY due_at, order_id LIMIT %s FOR UPDATE SKIP LOCKED) d "
            "WHERE r.tenant_id = %s AND r.order_id = d.order_id RETURNING r.order_id",
            [now, tenant, now, limit, tenant],
        )
        orders = np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)
        if not len(orders):
            return 0
        cursor.execute(
            "WITH freed AS (UPDATE commission_commission SET state = %s "
            "WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) AND state = %s RETURNING beneficiary_id, amount - reversed AS rest)"
            "SELECT beneficiary_id, sum(rest)::bigint FROM freed GROUP BY beneficiary_id HAVING sum(rest) > 0 ORDER BY 1",
            [RELEASED, tenant, bulk.int8s(orders), PENDING],
        )
        rows = cursor.fetchall()
    if rows:
        owners, sums = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
        journal = new_id()
        ledger.claim("release", [str(journal)], [b""], np.array([journal], dtype=np.int64))
        ledger.release(journal=journal, owners=owners, amounts=sums, now=now)
        announce("commission.released", subjects=np.sort(orders), now=now, journal=str(journal), amount=int(sums.sum()))
    return len(orders)


def refund_lines(*, lines: RefundLines, now: datetime) -> None:
    """Takes back, through every level, what refunds undo. The refunds were claimed in the journal when they were accepted.

    The caller holds the tenant's turn for background writing.
    """
    if not len(lines):
        return
    tenant = current_tenant()
    key, group = _line_keys(lines)
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT l.order_id, l.line_no, l.paid, l.refunded FROM commerce_line l "
            "JOIN unnest(%s::bigint[], %s::integer[]) AS u (order_id, line_no) USING (order_id, line_no) WHERE l.tenant_id = %s",
            [bulk.int8s(lines.order[key]), bulk.int4s(lines.line_no[key]), tenant],
        )
        known = {(order, line): (paid, refunded) for order, line, paid, refunded in cursor.fetchall()}
        cursor.execute(
            "SELECT c.order_id, c.row, c.line_no, c.beneficiary_id, c.amount, c.reversed, c.state FROM commission_commission c "
            "JOIN unnest(%s::bigint[], %s::integer[]) AS u (order_id, line_no) USING (order_id, line_no) "
            "WHERE c.tenant_id = %s AND c.amount > 0 AND c.state < 2 ORDER BY c.order_id, c.row FOR UPDATE OF c",
            [bulk.int8s(lines.order[key]), bulk.int4s(lines.line_no[key]), tenant],
        )
        commissions = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 7)
    before, after = _running(lines, group, known)
    store_refunds(lines=lines)
    paid = np.array([known[place][0] for place in _places(lines)], dtype=np.int64)
    counted = np.minimum(after, paid) - np.minimum(before, paid)
    orders, at = np.unique(lines.order, return_inverse=True)
    amounts = np.zeros(len(orders), dtype=np.int64)
    np.add.at(amounts, at, counted)
    days = local_days(lines.refunded_at, house().zone)
    announce("order.refunded", subjects=orders, now=now, amounts=amounts.tolist(), days=sums_by_day(days, counted))
    if not len(commissions):
        return
    _reverse(lines, before, after, paid, commissions, days, now)


def _places(lines: RefundLines) -> list[tuple[int, int]]:
    return list(zip(lines.order.tolist(), lines.line_no.tolist(), strict=True))


def _line_keys(lines: RefundLines) -> tuple[I64, I64]:
    """The first entry of each distinct line, and for each entry which distinct line it is about."""
    table = np.stack([lines.order, lines.line_no], axis=1)
    _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return first.astype(np.int64), inverse.reshape(-1).astype(np.int64)


def _running(lines: RefundLines, group: I64, known: dict[tuple[int, int], tuple[int, int]]) -> tuple[I64, I64]:
    """What each entry's line had refunded before it and has after it."""
    totals: dict[int, int] = {}
    before, after = np.zeros(len(lines), dtype=np.int64), np.zeros(len(lines), dtype=np.int64)
    entries = zip(lines.order.tolist(), lines.line_no.tolist(), lines.amount.tolist(), group.tolist(), strict=True)
    for i, (order, line_no, amount, which) in enumerate(entries):
        before[i] = totals.get(which, known[order, line_no][1])
        after[i] = totals[which] = before[i] + amount
    return before, after


def _reverse(
    lines: RefundLines, before: I64, after: I64, paid: I64, commissions: I64, days: I64, now: datetime
) -> None:
    by_line: dict[tuple[int, int], list[int]] = {}
    for i, (order, line_no) in enumerate(zip(commissions[:, 0].tolist(), commissions[:, 2].tolist(), strict=True)):
        by_line.setdefault((order, line_no), []).append(i)
    pairs = [(entry, row) for entry, place in enumerate(_places(lines)) for row in by_line.get(place, ())]
    if not pairs:
        return
    entry, row = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    amount = commissions[row, 4]
    taken = reversal_due(amount, paid[entry], after[entry]) - reversal_due(amount, paid[entry], before[entry])
    entry, row, taken = (values[taken > 0] for values in (entry, row, taken))
    if not len(taken):
        return
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_commission c SET reversed = c.reversed + u.taken FROM ("
            " SELECT order_id, row, sum(taken)::bigint AS taken"
            " FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS a (order_id, row, taken) GROUP BY 1, 2) u "
            "WHERE c.tenant_id = %s AND c.order_id = u.order_id AND c.row = u.row",
            [bulk.int8s(commissions[row, 0]), bulk.int4s(commissions[row, 1]), bulk.int8s(taken), tenant],
        )
    ledger.reverse(
        journals=lines.refund[entry],
        lines=np.arange(len(taken), dtype=np.int64) * 2 + 2,
        owners=commissions[row, 3],
        amounts=taken,
        pending=commissions[row, 6] == PENDING,
        about=commissions[row, 0],
        about_rows=commissions[row, 1],
        now=now,
    )
    announce(
        "commission.reversed", subjects=np.unique(lines.order[entry]), now=now, days=sums_by_day(days[entry], taken)
    )


def cancel_release(*, orders: I64) -> None:
    """Cancelled orders are never due: what they earned is taken back whole."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_rating SET due_at = NULL WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) AND released_at IS NULL",
            [current_tenant(), bulk.int8s(orders)],
        )
