"""The way in: the key, the scope it opens, the tenant's transaction, the answer kept for its idempotency key."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponse
from ninja.errors import Throttled
from ninja.security import HttpBearer

from rongshu.interfaces.api.errors import listen
from rongshu.kernel.access.queries import Caller, caller_of
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import forbidden
from rongshu.kernel.idempotency import Answer, keep, recall
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

STRANGERS_PER_MINUTE = 60
"""Wrong keys one address may try a minute."""


class Key(HttpBearer):
    """`Authorization: Bearer rs_…`"""

    def __call__(self, request: HttpRequest) -> Any:
        listen(request)
        return super().__call__(request)

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        caller = caller_of(token)
        if caller is None:
            address = request.META.get("REMOTE_ADDR", "")
            if not allow("api-key", address, limit=STRANGERS_PER_MINUTE, seconds=60):
                raise Throttled(60 - int(time.time()) % 60)
            return None
        listen(request, caller.house.language)
        return caller


def caller(request: HttpRequest, scope: Scope) -> Caller:
    """Whoever calls, if their key opens `scope`. Raises `forbidden`."""
    found = cast(Caller, request.auth)  # type: ignore[attr-defined]
    if scope not in found.scopes:
        raise forbidden("scope_missing", "This key lacks the scope %(scope)s.", scope=str(scope))
    return found


def answer(document: Any, status: int = 200) -> HttpResponse:
    """A JSON response."""
    return HttpResponse(orjson.dumps(document), status=status, content_type="application/json")


def once(request: HttpRequest, who: Caller, work: Callable[[], HttpResponse]) -> HttpResponse:
    """Does the work in one transaction of the tenant; with an `Idempotency-Key`, once: its answer is given again.

    Only answers of success are kept: a refusal has changed nothing and rolls the key back with it.
    """
    key = request.headers.get("Idempotency-Key")
    with tenant_scope(who.house.id):
        if key is None:
            return work()
        known = recall(
            key=key, request=f"{request.method} {request.get_full_path()}\n".encode() + request.body, now=utc_now()
        )
        if known is not None:
            response = HttpResponse(known.body, status=known.status, content_type="application/json")
            response["Idempotency-Replayed"] = "true"
            return response
        response = work()
        keep(key=key, answer=Answer(response.status_code, response.content))
        return response
