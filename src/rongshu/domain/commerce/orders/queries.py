from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.utils.translation import gettext_noop as _
from numpy.typing import NDArray

from rongshu.kernel import bulk, ids
from rongshu.kernel.errors import conflict, missing
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import journal_ids

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


def find_order(text: str) -> int:
    """The id of an order by our id (`ord_…`), by `source:external id`, or by its external id alone.

    The external id alone means the order of source `api`, else the one of the sources of the latest 10,000 orders.
    Raises `missing`, and `conflict` when several sources know the id.
    """
    tenant = current_tenant()
    inside = ids.inside("ord", text)
    with bulk.cursor() as cursor:
        if inside is not None:
            cursor.execute("SELECT id FROM commerce_order WHERE tenant_id = %s AND id = %s", [tenant, inside])
            if cursor.fetchone():
                return inside
        cursor.execute(
            "SELECT DISTINCT source FROM (SELECT source FROM commerce_order WHERE tenant_id = %s "
            "ORDER BY paid_at DESC, id DESC LIMIT 10000) o",
            [tenant],
        )
        sources = sorted(row[0] for row in cursor.fetchall())
    found = journal_ids("order", [text, *(f"{source}:{text}" for source in ["api", *sources])])
    for ref in (text, f"api:{text}"):
        if ref in found:
            return found[ref]
    if not found:
        raise missing("unknown_order", _("There is no order %(name)s."), name=text)
    if len(found) > 1:
        refs = ", ".join(sorted(found))
        raise conflict(
            "order_ambiguous", _("Several orders are called %(name)s; name one of %(refs)s."), name=text, refs=refs
        )
    return next(iter(found.values()))
