from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commerce.products.models import Product
from rongshu.domain.insight.suggesting.actions import RECENT, WINDOW
from rongshu.domain.insight.suggesting.models import Affinity, Learned
from rongshu.engine.recommendation import best, scores
from rongshu.kernel.tenancy.scope import current_tenant

MOST_OWN = 200
"""Products of one's own that are looked at, the latest sold first."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """A product the promoter has not sold of late. `because` is what they sell that speaks most for it; None for a best seller."""

    product: Product
    because: Product | None


@dataclass(frozen=True, slots=True)
class LearnedLast:
    """How good the suggestions are: of those held against the last weeks, the share of hits in ppm, and that of the best sellers."""

    used: bool
    measured: int
    measured_popular: int
    sellers: int


def learned_last() -> LearnedLast | None:
    """What was learned last; None before anything was."""
    row = Learned.objects.filter(one=1).first()
    return None if row is None else LearnedLast(row.used, row.measured, row.measured_popular, row.sellers)


def suggested_for(promoter_id: int, *, limit: int = 6) -> list[Suggested]:
    """Products to share next, best first; what sells best where nothing better was learned, or the promoter has sold nothing yet."""
    row = Learned.objects.filter(one=1).first()
    if row is None:
        return []
    products = np.frombuffer(row.products, dtype="<i8").astype(np.int64)
    popular = np.frombuffer(row.popular, dtype="<f4").astype(np.float64)
    own = _own_weights(promoter_id, row, products)
    held = np.flatnonzero(own)
    affinity, by_product = np.zeros(len(products)), np.zeros((0, len(products)))
    if row.used and len(held):
        rows = dict(Affinity.objects.filter(product_id__in=products[held].tolist()).values_list("product_id", "row"))
        by_product = np.array(
            [own[place] * np.frombuffer(rows[int(products[place])], dtype="<f4") for place in held], dtype=np.float64
        )
        affinity = by_product.sum(axis=0)
    shared = Product.objects.filter(shared=True, id__in=products.tolist())
    offered = np.isin(products, np.array(list(shared.values_list("id", flat=True)), dtype=np.int64))
    places = best(scores(affinity, popular), (own > 0) | ~offered | ((popular == 0) & (affinity <= 0)), limit)
    because = {
        int(place): int(held[int(np.argmax(by_product[:, place]))])
        for place in places
        if len(by_product) and by_product[:, place].max() > 0 and affinity[place] > 0
    }
    wanted = {int(products[place]) for place in (*places, *because.values())}
    known = {one.id: one for one in Product.objects.filter(id__in=list(wanted))}
    return [
        Suggested(known[int(products[place])], known[int(products[because[int(place)]])] if int(place) in because else None)
        for place in places
    ]  # fmt: skip


def _own_weights(promoter_id: int, row: Learned, products: NDArray[np.int64]) -> NDArray[np.float64]:
    """What the promoter sold of late, weighed as in learning, by place."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, count(DISTINCT o.id), count(DISTINCT o.id) FILTER (WHERE o.paid_at > %s) FROM commerce_order o "
            "JOIN commerce_line l ON l.tenant_id = o.tenant_id AND l.order_id = o.id "
            "JOIN commerce_product p ON p.tenant_id = l.tenant_id AND p.sku = l.sku "
            "WHERE o.tenant_id = %s AND o.promoter_id = %s AND o.paid_at > %s AND o.cancelled_at IS NULL "
            "GROUP BY 1 ORDER BY max(o.paid_at) DESC, 1 LIMIT %s",
            [row.until - RECENT, current_tenant(), promoter_id, row.until - WINDOW, MOST_OWN],
        )
        sold = {product: np.log1p(orders) + np.log1p(recent) for product, orders, recent in cursor.fetchall()}
    found = np.zeros(len(products))
    for place, product in enumerate(products.tolist()):
        if product in sold:
            found[place] = sold[product]
    return found


__all__ = ["LearnedLast", "Suggested", "learned_last", "suggested_for"]
