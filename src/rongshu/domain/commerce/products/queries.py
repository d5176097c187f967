from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection
from django.db.models import Q

from rongshu.domain.commerce.products.models import Picture, Product
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.scope import current_tenant


def product(sku: str) -> Product:
    """One product by its sku. Raises `missing`."""
    found = Product.objects.filter(sku=sku).first()
    if found is None:
        raise missing("unknown_product", "There is no product %(sku)s.", sku=sku)
    return found  # type: ignore[no-any-return]


def products(
    *, search: str = "", shared_only: bool = False, after: int | None = None, limit: int = 50
) -> list[Product]:
    """Products, the latest made first; `search` is a part of sku or title, `after` the id of the page before's last."""
    rows = Product.objects.filter(shared=True) if shared_only else Product.objects.all()
    if search:
        rows = rows.filter(Q(sku__icontains=search) | Q(title__icontains=search))
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def find_products(
    *,
    search: str = "",
    category: str = "",
    shared: bool | None = None,
    pictured: bool | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Product]:
    """Products, the latest made first: by a part of sku or title, category, whether they are offered, whether they have a picture."""
    rows = Product.objects.all()
    if search:
        rows = rows.filter(Q(sku__icontains=search) | Q(title__icontains=search))
    if category:
        rows = rows.filter(category=category)
    if shared is not None:
        rows = rows.filter(shared=shared)
    if pictured is not None:
        rows = rows.exclude(picture="") if pictured else rows.filter(picture="")
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def categories() -> list[str]:
    """The categories that products have."""
    return list(
        Product.objects.exclude(category="").values_list("category", flat=True).distinct().order_by("category")[:200]
    )


def best_sellers(*, search: str = "", after: tuple[int, int] | None = None, limit: int = 50) -> list[Product]:
    """Products that promoters are offered, what sold most of late first; `after` is (sold, id) of the page before's last."""
    rows = Product.objects.filter(shared=True)
    if search:
        rows = rows.filter(Q(sku__icontains=search) | Q(title__icontains=search))
    if after is not None:
        rows = rows.filter(Q(sold__lt=after[0]) | Q(sold=after[0], id__lt=after[1]))
    return list(rows.order_by("-sold", "-id")[:limit])


def product_by_id(identifier: int) -> Product:
    """One product by its id. Raises `missing`."""
    found = Product.objects.filter(id=identifier).first()
    if found is None:
        raise missing("no_product", "There is no such product.")
    return found  # type: ignore[no-any-return]


def products_by_sku(skus: Sequence[str]) -> dict[str, Product]:
    """Some products by their skus; the unknown are left out."""
    return {one.sku: one for one in Product.objects.filter(sku__in=list(skus))}


class Listed(NamedTuple):
    """What a cart has to know of a product; `price` in minor units."""

    title: str
    category: str
    price: int | None


def listed_by_sku(skus: Sequence[str]) -> dict[str, Listed]:
    """The same, no more than a cart needs of it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sku, title, category, price FROM commerce_product WHERE tenant_id = %s AND sku = ANY (%s)",
            [current_tenant(), list(skus)],
        )
        return {sku: Listed(title, category, price) for sku, title, category, price in cursor.fetchall()}


def products_by_id(identifiers: Sequence[int]) -> dict[int, Product]:
    """Some products by their ids."""
    return {one.id: one for one in Product.objects.filter(id__in=list(identifiers))}


def picture(content_hash: str, *, small: bool = False) -> Picture:
    """A kept picture; with `small` the whole one is only read where there is no small one. Raises `missing`."""
    rows = Picture.objects.filter(hash=content_hash)
    found = (rows.exclude(small=b"").defer("content").first() if small else None) or rows.first()
    if found is None:
        raise missing("unknown_picture", "There is no such picture.")
    return found  # type: ignore[no-any-return]
