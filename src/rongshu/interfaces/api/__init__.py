"""The REST API, version 1: JSON, keys with scopes, problem details, idempotency keys, cursor pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from rongshu.interfaces.api import errors, members, orders, plans
from rongshu.interfaces.api.described import answers
from rongshu.interfaces.api.door import Key, answer


def make_api() -> NinjaAPI:
    """The API. Made once, by the addresses."""
    api = NinjaAPI(title="Rongshu", version="1", auth=Key(), urls_namespace="api", docs_url="/docs")
    errors.install(api)
    api.add_router("", orders.router)
    api.add_router("", members.router)
    api.add_router("", plans.router)

    @api.get("/ping", response=answers(200), summary="Whether the key is good", tags=["orders"])
    def ping(request: HttpRequest) -> HttpResponse:
        """Answers at once: who is calling."""
        who: Any = request.auth  # type: ignore[attr-defined]
        return answer({"tenant": who.house.slug, "key": who.actor.name, "scopes": sorted(who.scopes)})

    return api
