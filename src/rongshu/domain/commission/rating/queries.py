from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from rongshu.domain.commission.rating.models import PENDING, RELEASED, Rating
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Earned:
    """A commission as listed: what one promoter has from one line of an order. Money in minor units."""

    order_id: int
    row: int
    line_no: int
    kind: int
    level: int
    beneficiary_id: int
    rule: str
    base: int
    ppm: int
    amount: int
    reversed: int
    state: int
    paid_at: datetime


_COLUMNS = "order_id, row, line_no, kind, level, beneficiary_id, rule, base, ppm, amount, reversed, state, paid_at"

Cursor = tuple[datetime, int, int]
"""Where a page ended: (paid_at, order id, row) of its last entry."""


def earned_by(
    promoter_id: int, *, state: int | None = None, after: Cursor | None = None, limit: int = 50
) -> list[Earned]:
    """A promoter's commissions, latest payment first; `state` PENDING or RELEASED, None for both."""
    tenant = current_tenant()
    bound = "" if after is None else "AND (paid_at, order_id, row) < (%s, %s, %s) "
    one = (
        f"(SELECT {_COLUMNS} FROM commission_commission WHERE tenant_id = %s AND beneficiary_id = %s AND state = %s "
        f"{bound}ORDER BY paid_at DESC, order_id DESC, row DESC LIMIT %s)"
    )
    states = [PENDING, RELEASED] if state is None else [state]
    parameters = [value for each in states for value in (tenant, promoter_id, each, *(after or ()), limit)]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({' UNION ALL '.join([one] * len(states))}) e ORDER BY paid_at DESC, order_id DESC, row DESC LIMIT %s",
            [*parameters, limit],
        )
        return [Earned(*row) for row in cursor.fetchall()]


def commissions_of(orders: Sequence[int]) -> list[Earned]:
    """The commissions that stand for some orders, in their order; what a re-rating replaced is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM commission_commission WHERE tenant_id = %s AND order_id = ANY (%s) "
            "AND state < 2 ORDER BY order_id, row",
            [current_tenant(), list(orders)],
        )
        return [Earned(*row) for row in cursor.fetchall()]


def commission_by_order(orders: Sequence[int]) -> dict[int, int]:
    """What stands of the commissions of some orders, all promoters together, in minor units; orders without any are left out."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT order_id, sum(amount - reversed)::bigint FROM commission_commission "
            "WHERE tenant_id = %s AND order_id = ANY (%s::bigint[]) AND state < 2 GROUP BY 1",
            [current_tenant(), bulk.int8s(list(orders))],
        )
        return dict(cursor.fetchall())


def is_rated(order_id: int) -> bool:
    """Whether an order that was accepted has been rated yet."""
    return Rating.objects.filter(order_id=order_id).exists()


def pending_of(promoters: Sequence[int]) -> dict[int, int]:
    """What is pending for each of these promoters: the sum of their open commissions, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT beneficiary_id, sum(amount - reversed)::bigint FROM commission_commission "
            "WHERE tenant_id = %s AND beneficiary_id = ANY (%s) AND state = %s GROUP BY 1",
            [current_tenant(), list(promoters), PENDING],
        )
        found = dict(cursor.fetchall())
    return {promoter: found.get(promoter, 0) for promoter in promoters}


def next_release(promoter_id: int) -> datetime | None:
    """When the next of a promoter's pending commissions is due, among the 500 oldest; None when none is scheduled."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT min(r.due_at) FROM (SELECT DISTINCT order_id FROM (SELECT order_id FROM commission_commission "
            "WHERE tenant_id = %s AND beneficiary_id = %s AND state = %s ORDER BY paid_at LIMIT 500) o) c "
            "JOIN commission_rating r ON r.tenant_id = %s AND r.order_id = c.order_id WHERE r.released_at IS NULL",
            [current_tenant(), promoter_id, PENDING, current_tenant()],
        )
        (due,) = cursor.fetchone()
    return due  # type: ignore[no-any-return]


def orders_earning(
    promoter_id: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[tuple[datetime, int]]:
    """Orders of which a promoter earns, at any level: (paid_at, order id), latest first."""
    bounds, values = "", []
    for clause, value in (("AND paid_at >= %s ", since), ("AND paid_at < %s ", until)):
        if value is not None:
            bounds += clause
            values.append(value)
    if after is not None:
        bounds += "AND (paid_at, order_id) < (%s, %s) "
    one = (
        "(SELECT DISTINCT paid_at, order_id FROM commission_commission WHERE tenant_id = %s AND beneficiary_id = %s "
        f"AND state = %s {bounds}ORDER BY paid_at DESC, order_id DESC LIMIT %s)"
    )
    tenant = current_tenant()
    parameters = [
        value for state in (PENDING, RELEASED) for value in (tenant, promoter_id, state, *values, *(after or ()), limit)
    ]
    with connection.cursor() as cursor:
        cursor.execute(f"{one} UNION {one} ORDER BY 1 DESC, 2 DESC LIMIT %s", [*parameters, limit])
        return [(paid_at, order_id) for paid_at, order_id in cursor.fetchall()]


def earned_between(promoter_id: int, since: datetime, until: datetime) -> int:
    """What a promoter has from orders paid in a time, net of refunds, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount - reversed), 0)::bigint FROM commission_commission "
            "WHERE tenant_id = %s AND beneficiary_id = %s AND state IN (%s, %s) AND paid_at >= %s AND paid_at < %s",
            [current_tenant(), promoter_id, PENDING, RELEASED, since, until],
        )
        (found,) = cursor.fetchone()
    return int(found)


def earned_in_all(promoter_id: int, *, state: int | None = None) -> int:
    """What a promoter has from all orders, net of refunds, in minor units; `state` PENDING or RELEASED, None for both."""
    states = [PENDING, RELEASED] if state is None else [state]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount - reversed), 0)::bigint FROM commission_commission "
            "WHERE tenant_id = %s AND beneficiary_id = %s AND state = ANY (%s)",
            [current_tenant(), promoter_id, states],
        )
        (found,) = cursor.fetchone()
    return int(found)


def due_until(promoter_id: int, until: datetime) -> int:
    """What of a promoter's pending commissions is due before an instant, among the 500 oldest, in minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(c.amount - c.reversed), 0)::bigint FROM (SELECT order_id, amount, reversed FROM commission_commission "
            "WHERE tenant_id = %s AND beneficiary_id = %s AND state = %s ORDER BY paid_at LIMIT 500) c "
            "JOIN commission_rating r ON r.tenant_id = %s AND r.order_id = c.order_id WHERE r.released_at IS NULL AND r.due_at < %s",
            [current_tenant(), promoter_id, PENDING, current_tenant(), until],
        )
        (found,) = cursor.fetchone()
    return int(found)


def due_dates(orders: Sequence[int]) -> dict[int, datetime]:
    """When the commissions of some orders become available; orders without a date yet are left out."""
    rows = Rating.objects.filter(order_id__in=list(orders), due_at__isnull=False, released_at=None)
    return dict(rows.values_list("order_id", "due_at"))


@dataclass(frozen=True, slots=True)
class EarnedOrder:
    """What one promoter has from one order, its lines together: pending and released parts stand apart. Money in minor units."""

    paid_at: datetime
    order_id: int
    kind: int
    level: int
    rows: int
    amount: int
    reversed: int
    state: int


def orders_earned_by(
    promoter_id: int, *, state: int | None = None, after: tuple[datetime, int, int] | None = None, limit: int = 50
) -> list[EarnedOrder]:
    """What a promoter earned, an entry an order, latest payment first; `after` is (paid_at, order id, state) of the page before's last."""
    bound = "" if after is None else "AND (paid_at, order_id, state) < (%s, %s, %s) "
    one = (
        "(SELECT paid_at, order_id, min(kind), min(level), count(*), sum(amount)::bigint, sum(reversed)::bigint, state "
        f"FROM commission_commission WHERE tenant_id = %s AND beneficiary_id = %s AND state = %s {bound}"
        "GROUP BY state, paid_at, order_id ORDER BY paid_at DESC, order_id DESC LIMIT %s)"
    )
    states = [PENDING, RELEASED] if state is None else [state]
    parameters = [value for each in states for value in (current_tenant(), promoter_id, each, *(after or ()), limit)]
    with connection.cursor() as cursor:
        cursor.execute(
            " UNION ALL ".join([one] * len(states)) + " ORDER BY 1 DESC, 2 DESC, 8 DESC LIMIT %s", [*parameters, limit]
        )
        return [EarnedOrder(*row) for row in cursor.fetchall()]
