"""The REST API, version 1: JSON, keys with scopes, problem details, idempotency keys, cursor pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, re_path
from ninja import NinjaAPI

from rongshu.interfaces.api import (
    attribution,
    cards,
    care,
    checkouts,
    compliance,
    coupon_uses,
    coupons,
    drafts,
    duplicates,
    erasing,
    errors,
    lab,
    mall,
    materials,
    orders,
    payouts,
    periods,
    plans,
    points,
    prices,
    products,
    profiles,
    promotion,
    ranks,
    reratings,
    segments,
    sendings,
    settlements,
    tiers,
    withdrawals,
)
from rongshu.interfaces.api.described import Caller, answers, as_problems
from rongshu.interfaces.api.door import Key, answer


class Api(NinjaAPI):
    """The framework's API, with problem details also where there is no operation, and said so in its description."""

    def _get_urls(self) -> list[URLResolver | URLPattern]:
        found = super()._get_urls()
        for one in found:
            if isinstance(one, URLPattern):
                one.callback = errors.nowhere if one.name == "api-root" else errors.telling_methods(one.callback)
        return [*found, re_path("", errors.nowhere)]

    def get_openapi_schema(self, **how: Any) -> Any:
        """The description (OpenAPI 3.1)."""
        description = super().get_openapi_schema(**how)
        as_problems(description)
        return description


def make_api() -> NinjaAPI:
    """The API. Made once, by the addresses."""
    api = Api(title="Rongshu", version="1", auth=Key(), urls_namespace="api", docs_url="/docs")
    errors.install(api)
    api.add_router("", orders.router)
    api.add_router("", profiles.router)
    api.add_router("", plans.router)
    api.add_router("", lab.router)
    api.add_router("", compliance.router)
    api.add_router("", drafts.router)
    api.add_router("", ranks.router)
    api.add_router("", periods.router)
    api.add_router("", reratings.router)
    api.add_router("", withdrawals.router)
    api.add_router("", payouts.router)
    api.add_router("", settlements.router)
    api.add_router("", promotion.router)
    api.add_router("", attribution.router)
    api.add_router("", care.router)
    api.add_router("", erasing.router)
    api.add_router("", products.router)
    api.add_router("", materials.router)
    api.add_router("", segments.router)
    api.add_router("", prices.router)
    api.add_router("", duplicates.router)
    api.add_router("", cards.router)
    api.add_router("", mall.router)
    api.add_router("", coupons.router)
    api.add_router("", coupon_uses.router)
    api.add_router("", sendings.router)
    api.add_router("", points.router)
    api.add_router("", tiers.router)
    api.add_router("", checkouts.router)

    @api.get("/ping", response=answers(200, Caller), summary="Whether the key is good", tags=["orders"])
    def ping(request: HttpRequest) -> HttpResponse:
        """Answers at once: who is calling."""
        who: Any = request.auth  # type: ignore[attr-defined]
        return answer({"tenant": who.house.slug, "key": who.actor.name, "scopes": sorted(who.scopes)})

    return api
