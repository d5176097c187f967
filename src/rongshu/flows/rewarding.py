"""What members get for their orders: one loader for everything that is earned by buying.

Reactions hand columns down to the rooms of members; those never look into the tables of commerce themselves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.members.cards.queries import without_card
from rongshu.domain.members.growth import actions as growth
from rongshu.domain.members.growth.queries import growth_version_at
from rongshu.domain.members.points.actions import earn_for_orders, take_back_for_refunds
from rongshu.domain.members.points.actions.earning import Bought
from rongshu.domain.members.points.queries import newest_number
from rongshu.domain.members.tiers.actions import raise_members
from rongshu.domain.members.tiers.queries import benefits_of
from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import from_micros
from rongshu.kernel.outbox.actions import Event
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class BoughtLines:
    """Lines of orders, by order and line number. Money in minor units; `refunded` is all so far, at most `paid`."""

    order: I64
    """Row of the order in its frame."""
    line_no: I64
    sku: list[str]
    category: list[str]
    paid: I64
    refunded: I64


@dataclass(frozen=True, slots=True)
class BoughtOrders:
    """Orders of known buyers, by the instant they were paid; arrays of one length. Money in minor units, instants in microseconds."""

    id: I64
    member: I64
    paid: I64
    paid_at: I64
    first: NDArray[np.bool_]
    """Whether the buyer has no earlier order."""
    tier: list[str]
    """The buyer's tier as the order was accepted; `` for none."""
    refunded: I64
    """Everything refunded so far, at most what was paid."""
    lines: BoughtLines

    def __len__(self) -> int:
        return len(self.id)


def orders_of(ids: Sequence[int] | I64) -> BoughtOrders:
    """What an `order.paid` or `order.refunded` event's subjects are now; orders of nobody known, or of somebody who held no member
    card where the brand asks for one, are left out."""
    copying.flush()
    tenant, wanted = current_tenant(), bulk.int8s(np.unique(np.asarray(ids, dtype=np.int64)))
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, o.buyer_id, o.paid, (extract(epoch FROM o.paid_at) * 1000000)::bigint, coalesce(o.tier, ''), NOT EXISTS "
            "(SELECT 1 FROM commerce_order e WHERE e.tenant_id = o.tenant_id AND e.buyer_id = o.buyer_id "
            " AND (e.paid_at, e.id) < (o.paid_at, o.id)) "
            "FROM commerce_order o WHERE o.tenant_id = %s AND o.id = ANY (%s::bigint[]) AND o.buyer_id IS NOT NULL "
            "ORDER BY o.paid_at, o.id",
            [tenant, wanted],
        )
        orders = _with_card(cursor.fetchall())
        row = {order[0]: at for at, order in enumerate(orders)}
        cursor.execute(
            "SELECT order_id, line_no, sku, category, paid, least(refunded, paid) FROM commerce_line "
            "WHERE tenant_id = %s AND order_id = ANY (%s::bigint[])",
            [tenant, bulk.int8s(list(row))],
        )
        lines = sorted(((row[line[0]], *line[1:]) for line in cursor.fetchall()), key=lambda line: line[:2])

    def numbers(rows: Sequence[tuple[object, ...]], column: int) -> I64:
        return np.array([one[column] for one in rows], dtype=np.int64)

    order, refunded = numbers(lines, 0), numbers(lines, 5)
    total = np.zeros(len(orders), dtype=np.int64)
    np.add.at(total, order, refunded)
    return BoughtOrders(
        id=numbers(orders, 0),
        member=numbers(orders, 1),
        paid=numbers(orders, 2),
        paid_at=numbers(orders, 3),
        first=np.array([one[5] for one in orders], dtype=bool),
        tier=[one[4] for one in orders],
        refunded=total,
        lines=BoughtLines(
            order, numbers(lines, 1), [one[2] for one in lines], [one[3] for one in lines], numbers(lines, 4), refunded
        ),
    )


def _with_card(orders: list[Any]) -> list[Any]:
    no = without_card([one[1] for one in orders], [from_micros(one[3]) for one in orders])
    return [one for one, left_out in zip(orders, no, strict=True) if not left_out]


def earn_points(event: Event) -> None:
    """Orders bring points by the rules in force when they were paid; what was there before stays as it is."""
    if newest_number():
        earn_for_orders(_bought(orders_of(event.subjects), event.at), now=event.at)


def take_points_back(event: Event) -> None:
    """Refunds take back what they undo."""
    if newest_number():
        take_back_for_refunds(_bought(orders_of(event.subjects), event.at), now=event.at)


def earn_growth(event: Event) -> None:
    """Orders bring growth value by the rules in force when they were paid."""
    if growth_version_at(event.at) is not None:
        growth.earn_for_orders(_paid(orders_of(event.subjects)), now=event.at)


def rise(event: Event) -> None:
    """Whose growth value reaches a higher tier rises at once."""
    raise_members(np.unique(np.asarray(event.subjects, dtype=np.int64)), now=event.at)


def take_growth_back(event: Event) -> None:
    """Refunds take back the growth value that they undo; nobody falls for it before their assessment."""
    if growth_version_at(event.at) is not None:
        growth.take_back_for_refunds(_paid(orders_of(event.subjects)), now=event.at)


def _paid(orders: BoughtOrders) -> growth.Paid:
    return growth.Paid(orders.id, orders.member, orders.paid, orders.paid_at, orders.first, orders.refunded)


def _bought(orders: BoughtOrders, now: datetime) -> Bought:
    lines, multipliers = orders.lines, {code: benefits_of(code, now=now).points_ppm for code in set(orders.tier)}
    return Bought(
        order=orders.id, member=orders.member, paid_at=orders.paid_at, first=orders.first,
        tier_ppm=[multipliers[code] for code in orders.tier], line_order=lines.order, sku=lines.sku, category=lines.category,
        paid=lines.paid, refunded=lines.refunded,
    )  # fmt: skip
