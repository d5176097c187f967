from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.insight.suggesting.models import Affinity, Learned
from rongshu.engine.recommendation import Measured, Sales, learn, measure
from rongshu.kernel.tenancy.scope import current_tenant

WINDOW = timedelta(days=180)
RECENT = timedelta(days=56)
HELD_BACK = timedelta(days=28)
EVERY = timedelta(hours=20)
MOST_PRODUCTS = 1500
MOST_SELLERS = 20_000
LEAST_SELLERS = 20
"""With fewer who took up something new, nothing can be said of how good it is."""

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Sold:
    """Entries of who sold what, with the counts of orders in each stretch of time."""

    seller: I64
    product: I64
    products: I64
    sellers: int
    until: datetime
    counts: dict[str, I64]

    def sales(self, orders: str, recent: str) -> Sales:
        some = self.counts[orders] > 0
        return Sales(
            self.seller[some], self.product[some], self.counts[orders][some], self.counts[recent][some],
            self.sellers, len(self.products),
        )  # fmt: skip


def learn_suggestions(*, now: datetime) -> int:
    """Learns anew from the sales of half a year up to the latest order, at most once in 20 hours; how many products it knows.

    First it learns without the last 28 days and is held against them: where it does not beat the best sellers it is not used.
    """
    last = Learned.objects.filter(one=1).first()
    if last is not None and now < last.at + EVERY:
        return 0
    found = _sold(now)
    if found is None:
        return 0
    measured = measure(found.sales("before", "before_recent"), found.sales("held_back", "held_back"))
    used = measured.beats and measured.sellers >= LEAST_SELLERS
    whole = found.sales("orders", "recent")
    _keep(found, whole, measured, used, now)
    return len(found.products)


def _keep(found: _Sold, whole: Sales, measured: Measured, used: bool, now: datetime) -> None:
    Affinity.objects.all().delete()
    if used:
        rows = learn(whole).astype("<f4")
        Affinity.objects.bulk_create(
            [
                Affinity(tenant_id=current_tenant(), product_id=product, row=row.tobytes())
                for product, row in zip(found.products.tolist(), rows, strict=True)
            ],
            batch_size=500,
        )
    Learned.objects.update_or_create(
        tenant_id=current_tenant(), one=1,
        defaults={
            "at": now, "until": found.until, "products": found.products.astype("<i8").tobytes(),
            "popular": whole.popular().astype("<f4").tobytes(), "sellers": found.sellers, "measured": measured.learned,
            "measured_popular": measured.popular, "used": used,
        },
    )  # fmt: skip


def _sold(now: datetime) -> _Sold | None:
    """Who sold what: the products sold most of those shared, and the sellers whose latest order is the latest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(paid_at) FROM commerce_order WHERE tenant_id = %s AND paid_at <= %s", [current_tenant(), now]
        )
        latest = cursor.fetchone()[0]
        if latest is None:
            return None
        cut = latest - HELD_BACK
        cursor.execute(
            "WITH chosen AS (SELECT id, sku FROM commerce_product WHERE tenant_id = %(tenant)s AND shared "
            " ORDER BY sold DESC, id LIMIT %(products)s), "
            "sellers AS (SELECT promoter_id FROM commerce_order WHERE tenant_id = %(tenant)s AND paid_at > %(since)s "
            " AND paid_at <= %(latest)s AND promoter_id IS NOT NULL GROUP BY 1 ORDER BY max(paid_at) DESC, 1 LIMIT %(sellers)s) "
            "SELECT o.promoter_id, p.id, count(DISTINCT o.id), count(DISTINCT o.id) FILTER (WHERE o.paid_at > %(recent)s), "
            " count(DISTINCT o.id) FILTER (WHERE o.paid_at <= %(cut)s), "
            " count(DISTINCT o.id) FILTER (WHERE o.paid_at <= %(cut)s AND o.paid_at > %(before)s), "
            " count(DISTINCT o.id) FILTER (WHERE o.paid_at > %(cut)s) "
            "FROM commerce_order o JOIN sellers s ON s.promoter_id = o.promoter_id "
            "JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id JOIN chosen p ON p.sku = l.sku "
            "WHERE o.tenant_id = %(tenant)s AND o.paid_at > %(since)s AND o.paid_at <= %(latest)s AND o.cancelled_at IS NULL "
            "GROUP BY 1, 2 ORDER BY 1, 2",
            {
                "tenant": current_tenant(), "latest": latest, "since": latest - WINDOW, "recent": latest - RECENT, "cut": cut,
                "before": cut - RECENT, "products": MOST_PRODUCTS, "sellers": MOST_SELLERS,
            },
        )  # fmt: skip
        rows = cursor.fetchall()
    if not rows:
        return None
    seller, product, *counts = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    sellers, seller_place = np.unique(seller, return_inverse=True)
    products, product_place = np.unique(product, return_inverse=True)
    names = ("orders", "recent", "before", "before_recent", "held_back")
    return _Sold(
        seller_place.astype(np.int64), product_place.astype(np.int64), products, len(sellers), latest,
        dict(zip(names, counts, strict=True)),
    )  # fmt: skip


__all__ = ["learn_suggestions"]
