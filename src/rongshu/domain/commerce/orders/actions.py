"""Writes of orders. They belong to larger writes (a rating run, a refund), which audit and announce for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.batch import CREDITED, OrderBatch, coded
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


def _optional(values: Sequence[str | None]) -> bulk._Packed:
    return bulk.words(*coded(values))


def store_orders(*, batch: OrderBatch) -> None:
    """Writes the orders and their lines. Their ids were claimed in the journal when they were accepted."""
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "commerce_order",
            {
                "id": bulk.int8s(batch.id),
                "source": _optional(batch.source),
                "external_id": bulk.texts(batch.external_id),
                "buyer_id": bulk.int8s(batch.buyer),
                "promoter_id": bulk.int8s(batch.promoter),
                "credited_by": bulk.words(batch.credited, CREDITED),
                "paid": bulk.int8s(batch.total_paid),
                "paid_at": bulk.instants(batch.paid_at),
                "completed_at": bulk.instants(batch.completed_at),
                "channel": _optional(batch.channel),
                "store": _optional(batch.store),
                "region": _optional(batch.region),
                "tier": _optional(batch.tier),
            },
            expressions={
                "buyer_id": bulk.nullable("buyer_id", "0"),
                "promoter_id": bulk.nullable("promoter_id", "0"),
                "completed_at": bulk.nullable("completed_at"),
            },
            constants={"tenant_id": tenant},
        )
        categories, words = coded(batch.category)
        bulk.insert(
            cursor,
            "commerce_line",
            {
                "order_id": bulk.int8s(batch.id[batch.line_order]),
                "line_no": bulk.int4s(batch.line_no),
                "sku": bulk.texts(batch.sku),
                "category": bulk.words(np.where(categories < 0, len(words), categories), (*words, "")),
                "qty": bulk.int4s(batch.qty),
                "paid": bulk.int8s(batch.paid),
                "cost": bulk.int8s(batch.cost),
            },
            constants={"tenant_id": tenant, "refunded": 0},
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
