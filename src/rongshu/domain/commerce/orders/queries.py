from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


def buyers_with_orders(buyers: I64) -> I64:
    """Which of these members have an order already."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT u.id FROM unnest(%s::bigint[]) AS u (id) WHERE EXISTS "
            "(SELECT 1 FROM commerce_order o WHERE o.tenant_id = %s AND o.buyer_id = u.id)",
            [bulk.int8s(buyers), current_tenant()],
        )
        return np.array([row[0] for row in cursor.fetchall()], dtype=np.int64)


def known_lines(orders: Sequence[int]) -> dict[int, set[int]]:
    """The line numbers of those of these orders that are stored."""
    found: dict[int, set[int]] = {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no FROM commerce_line WHERE tenant_id = %s AND order_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        for order, line_no in cursor.fetchall():
            found.setdefault(order, set()).add(line_no)
    return found


def open_lines(orders: Sequence[int]) -> list[tuple[int, int, int]]:
    """What is not refunded yet of these orders: (order, line number, rest in minor units), lines with a rest only."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, line_no, paid - refunded FROM commerce_line "
            "WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) AND paid > refunded ORDER BY order_id, line_no",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        return cursor.fetchall()
