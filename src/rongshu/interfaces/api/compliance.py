"""Compliance: what the tenant declares about how it works with promoters. The check itself is `POST /plans/check`."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from rongshu.domain.commission.compliance.actions import declare_facts
from rongshu.domain.commission.compliance.models import DeclaredFacts
from rongshu.domain.commission.compliance.queries import declared, facts_at
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["plans"])


class FactsIn(Schema):
    """Everything that is declared: what is left out, or null, is not."""

    facts: dict[str, bool | int | str | None] = Field(max_length=100)


class FactsOut(Schema):
    """What was declared last, and all that checks go by: with what the system knows by itself."""

    number: int = Field(description="0 when nothing was ever declared")
    at: str | None
    declared: dict[str, Any]
    facts: dict[str, Any]


def _shown(found: DeclaredFacts | None, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "number": 0 if found is None else found.number,
        "at": None if found is None else found.at.astimezone(UTC).isoformat(),
        "declared": {} if found is None else found.facts,
        "facts": facts,
    }


@router.get("/compliance/facts", response=answers(200, FactsOut), summary="What is declared to the check of plans")
def get_facts(request: HttpRequest) -> HttpResponse:
    """Shares are parts per million, days whole numbers."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        return answer(_shown(declared(), facts_at(utc_now()).as_document()))


@router.put(
    "/compliance/facts",
    openapi_extra=IDEMPOTENT,
    response=answers(200, FactsOut),
    summary="Declare everything anew",
)
def put_facts(request: HttpRequest, body: FactsIn) -> HttpResponse:
    """Adds a version; the same again adds none. What the system knows by itself is refused."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        found = declare_facts(facts=body.facts, by=who.actor, now=now)
        return answer(_shown(found, facts_at(now).as_document()))

    return once(request, who, work)
