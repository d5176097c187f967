from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.commerce.products.models import Picture, Product
from rongshu.engine.money import MAX_UNITS
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant

MOST = 10_000
MOST_BYTES = 8 * 2**20
LARGEST_SIDE = 1200
"""Pixels: larger pictures are made smaller."""
SMALL_SIDE = 168
"""Pixels of the small ones in lists: a thumb of 56 on a phone with three to each."""


@dataclass(frozen=True, slots=True)
class Described:
    """A product as it is to be kept; `price` in minor units, None where none is shown."""

    sku: str
    title: str
    category: str = ""
    price: int | None = None
    target: str = ""
    shared: bool = True


def put_products(*, products: Sequence[Described], by: Actor, now: datetime) -> int:
    """Makes products, or changes those known by their sku; pictures stay. How many were made or changed; the same again changes nothing.

    Raises `invalid` for one without sku or title, one named twice, or a price that is none.
    """
    if not 1 <= len(products) <= MOST:
        raise invalid("product_count", "Give 1 to %(most)s products.", at="products", most=MOST)
    seen: set[str] = set()
    for one in products:
        if not one.sku or len(one.sku) > 100 or not one.title.strip() or len(one.title) > 200:
            raise invalid(
                "bad_product", "%(sku)s: give a sku and a title.", at="title" if one.sku else "sku", sku=one.sku
            )
        if one.sku in seen:
            raise invalid("product_twice", "%(sku)s is named twice.", at="sku", sku=one.sku)
        if one.price is not None and not 0 <= one.price <= MAX_UNITS:
            raise invalid("bad_price", "%(sku)s: this is not a price.", at="price", sku=one.sku)
        seen.add(one.sku)
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "commerce_product AS p",
            {
                "id": bulk.int8s(new_ids(len(products))),
                "sku": bulk.texts([one.sku for one in products]),
                "title": bulk.texts([one.title.strip() for one in products]),
                "category": bulk.texts([one.category for one in products]),
                "price": bulk.int8s([-1 if one.price is None else one.price for one in products]),
                "target": bulk.texts([one.target.strip() for one in products]),
                "shared": bulk.int2s([int(one.shared) for one in products]),
            },
            expressions={"price": "NULLIF(r.price, -1)", "shared": "r.shared = 1"},
            constants={"tenant_id": current_tenant(), "picture": "", "updated_at": now},
            suffix="ON CONFLICT (tenant_id, sku) DO UPDATE SET title = excluded.title, category = excluded.category, "
            "price = excluded.price, target = excluded.target, shared = excluded.shared, updated_at = excluded.updated_at "
            "WHERE (p.title, p.category, p.price, p.target, p.shared) IS DISTINCT FROM "
            "(excluded.title, excluded.category, excluded.price, excluded.target, excluded.shared)",
        )
        changed = int(cursor.rowcount)
    if changed:
        record("products.put", subject=f"{changed} products", by=by, now=now)
    return changed


def keep_picture(*, content: bytes, now: datetime) -> str:
    """Keeps a picture, drawn anew as JPEG (PNG where it has transparent parts), without whatever else the file held; its hash.

    Raises `invalid` for what is no picture, or too large.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if len(content) > MOST_BYTES:
        raise invalid("picture_too_large", "A picture has at most 8 MB.", at="picture")
    try:
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP", "GIF")) as opened:
            if opened.width * opened.height > 40_000_000:
                raise invalid("picture_too_large", "A picture has at most 40 megapixels.", at="picture")
            upright = ImageOps.exif_transpose(opened)
            clear = (upright.mode in ("RGBA", "LA", "P") and "transparency" in opened.info) or upright.mode in (
                "RGBA",
                "LA",
            )
            drawn = upright.convert("RGBA" if clear else "RGB")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise invalid("no_picture", "This is no picture we can read; give a JPEG, PNG or WebP.", at="picture") from None
    drawn.thumbnail((LARGEST_SIDE, LARGEST_SIDE))
    out = io.BytesIO()
    drawn.save(
        out, "PNG" if clear else "JPEG", **({"optimize": True} if clear else {"quality": 86, "progressive": True})
    )
    kept = out.getvalue()
    made = Picture(
        tenant_id=current_tenant(), hash=hashlib.sha256(kept).hexdigest(), content=kept, small=small_picture(kept),
        width=drawn.width, height=drawn.height, at=now,
    )  # fmt: skip
    Picture.objects.bulk_create([made], ignore_conflicts=True)
    return made.hash


def small_picture(kept: bytes) -> bytes:
    """A kept picture as lists show it: JPEG, clear parts white."""
    from PIL import Image

    with Image.open(io.BytesIO(kept)) as opened:
        opened.thumbnail((SMALL_SIDE, SMALL_SIDE))
        if opened.mode == "RGBA":
            drawn = Image.new("RGB", opened.size, "white")
            drawn.paste(opened, mask=opened.getchannel("A"))
        else:
            drawn = opened.convert("RGB")
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def picture_product(*, sku: str, content: bytes, by: Actor, now: datetime) -> Product:
    """Gives a product its picture. Raises `missing`, `invalid`."""
    from rongshu.domain.commerce.products.queries import product

    one = product(sku)
    one.picture, one.updated_at = keep_picture(content=content, now=now), now
    one.save(force_update=True)
    record("product.pictured", subject=sku, by=by, now=now, picture=one.picture)
    return one


LATELY = timedelta(days=90)


def count_sold(*, now: datetime) -> int:
    """Counts anew how many pieces of each product were sold in the 90 days up to the latest order; how many counts moved."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT max(paid_at) FROM commerce_order WHERE tenant_id = %s AND paid_at <= %s", [current_tenant(), now]
        )
        found = cursor.fetchone()
        latest = None if found is None else found[0]
        if latest is None:
            return 0
        cursor.execute(
            "WITH sold AS (SELECT l.sku, sum(l.qty)::bigint AS pieces FROM commerce_order o JOIN commerce_line l "
            "ON l.tenant_id = o.tenant_id AND l.order_id = o.id WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at <= %s "
            "GROUP BY l.sku) UPDATE commerce_product p SET sold = coalesce(sold.pieces, 0) FROM commerce_product q "
            "LEFT JOIN sold ON sold.sku = q.sku WHERE p.tenant_id = %s AND q.tenant_id = p.tenant_id AND q.id = p.id "
            "AND p.sold <> coalesce(sold.pieces, 0)",
            [current_tenant(), latest - LATELY, latest, current_tenant()],
        )
        return int(cursor.rowcount)


def share_product(*, sku: str, on: bool, by: Actor, now: datetime) -> Product:
    """Offers a product to promoters, or does so no longer; links made before go on. Raises `missing`."""
    from rongshu.domain.commerce.products.queries import product

    one = product(sku)
    if one.shared != on:
        one.shared, one.updated_at = on, now
        one.save(force_update=True)
        record(f"product.{'shown' if on else 'hidden'}", subject=sku, by=by, now=now)
    return one
