from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Sum

from rongshu.domain.commerce.orders.models import Order, OrderLine
from rongshu.domain.commerce.purchases.models import Purchases, PurchasesHead
from rongshu.engine.segments.life import LIVES, Rhythm
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Bought:
    """One order of a member's history. Money in minor units; `skus` in the order of its lines."""

    id: int
    external_id: str
    paid_at: datetime
    paid: int
    refunded: int
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Buyers of one pair of scores, and what they have paid net of refunds, in minor units."""

    recency: int
    frequency: int
    members: int
    net: int


def rhythm_of(head: PurchasesHead | None) -> Rhythm:
    """The thresholds a tenant has set, or the usual ones."""
    return Rhythm(**head.settings) if head is not None else Rhythm()


def head() -> PurchasesHead | None:
    """The tenant's thresholds, the edges of its scores and when they were drawn; None before the first order."""
    return PurchasesHead.objects.first()


def rhythm() -> Rhythm:
    """The tenant's thresholds of life."""
    return rhythm_of(head())


def purchases_of(members: Sequence[int]) -> Mapping[int, Purchases]:
    """The figures of these members; who never bought is not in it."""
    return {row.member_id: row for row in Purchases.objects.filter(member_id__in=members)}


def history(*, member_id: int, before: tuple[datetime, int] | None = None, limit: int = 20) -> list[Bought]:
    """What a member bought, latest first; `before` is (paid at, id) of the page before's last."""
    edge = "" if before is None else "AND (o.paid_at, o.id) < (%(at)s, %(id)s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.id, o.external_id, o.paid_at, o.paid, coalesce(sum(least(l.refunded, l.paid)), 0)::bigint, "
            "coalesce(array_agg(l.sku ORDER BY l.line_no) FILTER (WHERE l.sku IS NOT NULL), '{}') FROM ("
            "SELECT * FROM commerce_order o WHERE o.tenant_id = %(tenant)s AND o.buyer_id = %(member)s " + edge +
            "ORDER BY o.paid_at DESC, o.id DESC LIMIT %(limit)s) o "
            "LEFT JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
            "GROUP BY o.id, o.external_id, o.paid_at, o.paid ORDER BY o.paid_at DESC, o.id DESC",
            {"tenant": current_tenant(), "member": member_id, "limit": limit,
             "at": before and before[0], "id": before and before[1]},
        )  # fmt: skip
        return [Bought(one, name, at, paid, back, tuple(skus)) for one, name, at, paid, back, skus in cursor.fetchall()]


def one_bought(*, member_id: int, order_id: int) -> Bought:
    """One order of a member. Raises `missing` for one nobody knows, or of somebody else."""
    found = Order.objects.filter(id=order_id, buyer_id=member_id).first()
    if found is None:
        raise missing("no_such_purchase", "You have no such order here.")
    lines = lines_bought(order_id)
    back = sum(one.refunded for one in lines)
    return Bought(found.id, found.external_id, found.paid_at, found.paid, back, tuple(one.sku for one in lines))


@dataclass(frozen=True, slots=True)
class LineBought:
    """A line of an order; at most what was paid for it counts as refunded."""

    sku: str
    qty: int
    paid: int
    refunded: int


def lines_bought(order_id: int) -> list[LineBought]:
    """The lines of an order in their sequence."""
    rows = OrderLine.objects.filter(order_id=order_id).order_by("line_no")
    return [LineBought(one.sku, one.qty, one.paid, min(one.refunded, one.paid)) for one in rows]


def heat() -> list[Cell]:
    """Buyers by how lately and how often they bought; only pairs that somebody has."""
    rows = (
        Purchases.objects.filter(recency__gt=0)
        .values("recency", "frequency")
        .annotate(members=Count("member_id"), paid_all=Sum("paid"), back=Sum("refunded"))
    )
    return [
        Cell(row["recency"], row["frequency"], row["members"], row["paid_all"] - row["back"])
        for row in rows.order_by("recency", "frequency")
    ]


def lives() -> Mapping[str, int]:
    """How many buyers are where in life; every place, in its order."""
    rows = dict(Purchases.objects.values_list("life").annotate(count=Count("member_id")).order_by())
    return {name: rows.get(place, 0) for place, name in enumerate(LIVES)}
