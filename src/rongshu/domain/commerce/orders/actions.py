"""Writes of orders. They belong to larger writes (a rating run, a refund), which audit and announce for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.batch import CREDITED, OrderBatch, coded
from rongshu.domain.commerce.orders.queries import credits_of
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


def store_orders(*, batch: OrderBatch) -> None:
    """Writes the orders and their lines. Their ids were claimed in the journal when they were accepted."""
    tenant = copying.int8(current_tenant())
    copying.copy(
        "commerce_order",
        {
            "tenant_id": tenant,
            "id": copying.int8(batch.id),
            "paid": copying.int8(batch.total_paid),
            "paid_at": copying.instant(batch.paid_at),
            "source": copying.words(*coded(batch.source)),
            "external_id": copying.text(batch.external_id),
            "buyer_id": copying.int8_or_null(batch.buyer, 0),
            "promoter_id": copying.int8_or_null(batch.promoter, 0),
            "credited_by": copying.words(batch.credited, CREDITED),
            "completed_at": copying.instant_or_null(batch.completed_at),
            **{name: copying.words(*coded(getattr(batch, name))) for name in ("channel", "store", "region", "tier")},
        },
        len(batch),
    )
    copying.copy(
        "commerce_line",
        {
            "tenant_id": tenant,
            "order_id": copying.int8(batch.id[batch.line_order]),
            "line_no": copying.int4(batch.line_no),
            "qty": copying.int4(batch.qty),
            "paid": copying.int8(batch.paid),
            "cost": copying.int8(batch.cost),
            "refunded": copying.int8(0),
            "sku": copying.words(*coded(batch.sku)),
            "category": copying.words(*coded(batch.category), none=""),
        },
        len(batch.line_no),
    )


@dataclass(frozen=True, slots=True)
class RefundLines:
    """What refunds take from lines: one entry a refund and line, in the sequence they count. Amounts in minor units."""

    refund: I64
    external_id: list[str]
    order: I64
    line_no: I64
    amount: I64
    refunded_at: I64

    def __len__(self) -> int:
        return len(self.refund)


def store_refunds(*, lines: RefundLines) -> None:
    """Writes refunds and adds them to what their lines have refunded so far."""
    tenant = current_tenant()
    keys = {
        "order_id": bulk.int8s(lines.order),
        "line_no": bulk.int4s(lines.line_no),
        "amount": bulk.int8s(lines.amount),
    }
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "commerce_refund",
            {
                "id": bulk.int8s(lines.refund),
                "external_id": bulk.texts(lines.external_id),
                **keys,
                "refunded_at": bulk.instants(lines.refunded_at),
            },
            constants={"tenant_id": tenant},
        )
        cursor.execute(
            "UPDATE commerce_line l SET refunded = l.refunded + r.amount FROM ("
            " SELECT order_id, line_no, sum(amount)::bigint AS amount"
            " FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS u (order_id, line_no, amount) GROUP BY 1, 2) r "
            "WHERE l.tenant_id = %s AND l.order_id = r.order_id AND l.line_no = r.line_no",
            [*keys.values(), tenant],
        )


def mark_completed(*, orders: I64, at: I64) -> I64:
    """Notes when orders were completed; the ids of those for which it is news (neither completed nor cancelled before)."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_order o SET completed_at = u.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, at) "
            "WHERE o.tenant_id = %s AND o.id = u.id AND o.completed_at IS NULL AND o.cancelled_at IS NULL RETURNING o.id",
            [bulk.int8s(orders), bulk.instants(at), current_tenant()],
        )
        return np.array(sorted(row[0] for row in cursor.fetchall()), dtype=np.int64)


def mark_cancelled(*, orders: I64, at: I64) -> I64:
    """Notes when orders were cancelled; the ids of those for which it is news."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_order o SET cancelled_at = u.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, at) "
            "WHERE o.tenant_id = %s AND o.id = u.id AND o.cancelled_at IS NULL RETURNING o.id",
            [bulk.int8s(orders), bulk.instants(at), current_tenant()],
        )
        return np.array(sorted(row[0] for row in cursor.fetchall()), dtype=np.int64)


def correct_credits(*, orders: I64, promoters: I64, reason: str, by: Actor, now: datetime) -> I64:
    """Notes whom orders really belong to (0: nobody); the orders for which that is news.

    Nothing else changes: the orders follow when a re-rating of the time they were paid in is posted. `orders` do not repeat.
    """
    known = credits_of(orders)
    wanted = dict(zip(orders.tolist(), (value or None for value in promoters.tolist()), strict=True))
    news = [order for order in sorted(known) if known[order] != wanted[order]]
    if not news:
        return np.zeros(0, dtype=np.int64)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "commerce_credit_correction",
            {
                "order_id": bulk.int8s(news),
                "id": bulk.int8s(new_ids(len(news))),
                "old_promoter_id": bulk.int8s([known[order] or 0 for order in news]),
                "new_promoter_id": bulk.int8s([wanted[order] or 0 for order in news]),
            },
            expressions={name: bulk.nullable(name, "0") for name in ("old_promoter_id", "new_promoter_id")},
            constants={"tenant_id": current_tenant(), "reason": reason, "at": now, "actor": str(by)},
        )
    return np.array(news, dtype=np.int64)


def move_credits(*, orders: I64, promoters: I64) -> None:
    """Credits orders to other promoters (0: nobody), as a posted re-rating does. The caller announces what it means for sales."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_order o SET promoter_id = NULLIF(u.promoter, 0), "
            "credited_by = CASE WHEN u.promoter = 0 THEN '' ELSE 'corrected' END "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, promoter) WHERE o.tenant_id = %s AND o.id = u.id",
            [bulk.int8s(orders), bulk.int8s(promoters), current_tenant()],
        )
