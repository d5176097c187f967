"""Products that promoters share: read, made and changed by their sku."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.products.actions import Described, put_products
from rongshu.domain.commerce.products.models import Product
from rongshu.domain.commerce.products.queries import find_products, products_by_sku
from rongshu.domain.referral.links.queries import hosts
from rongshu.domain.referral.links.targets import checked_target
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["products"])

MOST = 1_000
FILTERS = {"q", "category", "shared", "cursor", "limit"}


class ProductIn(Schema):
    """`price` is the one shown, a decimal string; nothing where none is shown. `target` is an https address at an allowed host."""

    model_config = ConfigDict(extra="forbid")

    sku: Text
    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
    category: Label = ""
    price: Annotated[str, Field(max_length=20)] | None = None
    target: Annotated[str, Field(max_length=2000, pattern=r"^[^\x00-\x1f]*$")] = ""
    shared: bool = True
    """Whether promoters are offered it."""


class ProductsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    products: Annotated[list[ProductIn], Field(min_length=1, max_length=MOST)]


class ProductOut(Schema):
    id: str
    sku: str
    title: str
    category: str
    price: str | None
    target: str
    shared: bool
    picture: str
    """The picture's hash, empty for none."""
    sold: int
    """Pieces sold in the last 90 days that were counted."""


class ProductPage(Schema):
    data: list[ProductOut]
    next: str | None


class PutOut(Schema):
    changed: int
    """How many were made or changed."""
    data: list[ProductOut]


@router.get("/products", response=answers(200, ProductPage), summary="Products, latest first")
def get_products(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = "",
    category: Annotated[str, Query(max_length=100, pattern=r"^[^\x00-\x1f]*$")] = "",
    shared: bool | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Paged: pass `next` of an answer as `cursor`. `q` is a part of sku or title."""
    who = caller(request, Scope.PROMOTION_READ)
    for name in sorted(set(request.GET) - FILTERS):  # a filter with a slip in its name must not list everything
        raise invalid("unknown_parameter", "There is no parameter %(name)s.", at="query", name=name[:40])
    after = wire.after("prd", cursor)
    with tenant_scope(who.house.id):
        found = find_products(search=q, category=category, shared=shared, after=after, limit=limit + 1)
    data = _shown(found[:limit], who.house.currency)
    return answer({"data": data, "next": data[-1]["id"] if len(found) > limit else None})


@router.put(
    "/products", openapi_extra=IDEMPOTENT, response=answers(200, PutOut), summary="Make products, or change them by sku"
)
def put(request: HttpRequest, body: ProductsIn) -> HttpResponse:
    """All of them or, where one is refused, none. Pictures stay; the same again changes nothing."""
    who = caller(request, Scope.PROMOTION_WRITE)

    def work() -> HttpResponse:
        allowed = hosts()
        described = [_described(one, n, who.house.currency, allowed) for n, one in enumerate(body.products)]
        changed = put_products(products=described, by=who.actor, now=utc_now())
        kept = products_by_sku([one.sku for one in described])
        return answer({"changed": changed, "data": _shown([kept[one.sku] for one in described], who.house.currency)})

    return once(request, who, work)


def _described(one: ProductIn, place: int, currency: str, allowed: frozenset[str]) -> Described:
    at = f"products.{place}"
    try:
        units = None if one.price is None else parse_units(one.price, currency)
    except MoneyError:
        raise invalid("bad_price", "%(sku)s: this is not a price.", at=f"{at}.price", sku=one.sku) from None
    if one.target:
        try:
            checked_target(one.target, allowed)
        except Refusal as refusal:
            raise invalid(refusal.code, refusal.template, at=f"{at}.target", **refusal.params) from None
    return Described(one.sku, one.title, one.category, units, one.target, one.shared)


def _shown(found: Sequence[Product], currency: str) -> list[dict[str, Any]]:
    return [
        {
            "id": outside("prd", one.id), "sku": one.sku, "title": one.title, "category": one.category,
            "price": None if one.price is None else format_units(one.price, currency), "target": one.target,
            "shared": one.shared, "picture": one.picture, "sold": one.sold,
        }
        for one in found
    ]  # fmt: skip
