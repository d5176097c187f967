"""Re-ratings: corrected attributions, windows rated anew, and the second person's word."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.rerating.actions import (
    approve_rerating,
    ask_rerating,
    preview_again,
    reject_rerating,
)
from rongshu.domain.commission.rerating.corrections import MOST, correct_named
from rongshu.domain.commission.rerating.models import STATES, Rerating
from rongshu.domain.commission.rerating.queries import all_differences, gains_by_cause, rerating, reratings
from rongshu.engine.money import format_units
from rongshu.engine.rating.frames import KINDS
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Named, Text, Words
from rongshu.kernel.access.queries import Caller
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["reratings"])

Reason = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]
PIECE = 1000


class CorrectionPromoterIn(Schema):
    model_config = ConfigDict(extra="forbid")

    promoter: Text | None
    """The promoter the order really belongs to, by our id or yours; null for nobody."""
    reason: Reason


class CorrectionIn(Schema):
    model_config = ConfigDict(extra="forbid")

    order: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]
    promoter: Text | None


class CorrectionsIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: Reason
    corrections: Annotated[list[CorrectionIn], Field(min_length=1, max_length=MOST)]


class ReratingIn(Schema):
    model_config = ConfigDict(extra="forbid")

    since: Instant
    until: Instant
    version: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    """The version to rate every order by; left out: each by the version that rates it now."""
    reason: Reason


class ApproveReratingIn(Schema):
    model_config = ConfigDict(extra="forbid")

    preview: Text
    """The preview that was looked at (`prv_…`)."""
    note: Words = ""


class RejectIn(Schema):
    model_config = ConfigDict(extra="forbid")

    reason: Reason


class PreviewIn(Schema):
    """Nothing has to be said: `{}`."""

    model_config = ConfigDict(extra="forbid")


@router.post(
    "/orders/{order}/promoter", openapi_extra=IDEMPOTENT, response=answers(200), summary="Correct an order's promoter"
)
def post_promoter(request: HttpRequest, order: Named, body: CorrectionPromoterIn) -> HttpResponse:
    """Noted, and nothing else: the order follows when a re-rating of its time is posted."""
    who = caller(request, Scope.RERATINGS_WRITE)
    return _corrected(request, who, [(order, body.promoter)], body.reason)


@router.post("/corrections", openapi_extra=IDEMPOTENT, response=answers(200), summary="Correct the promoters of orders")
def post_corrections(request: HttpRequest, body: CorrectionsIn) -> HttpResponse:
    """Up to 10,000 orders, all or none; `news` says for how many it was not known already."""
    who = caller(request, Scope.RERATINGS_WRITE)
    return _corrected(request, who, [(one.order, one.promoter) for one in body.corrections], body.reason)


def _corrected(
    request: HttpRequest, who: Caller, corrections: list[tuple[str, str | None]], reason: str
) -> HttpResponse:
    def work() -> HttpResponse:
        news = correct_named(corrections=corrections, reason=reason, by=who.actor, now=utc_now())
        return answer({"corrections": len(corrections), "news": news})

    return once(request, who, work)


@router.post("/reratings", openapi_extra=IDEMPOTENT, response=answers(201), summary="Ask for a window to be rated anew")
def post_rerating(request: HttpRequest, body: ReratingIn) -> HttpResponse:
    """Previewed by the worker; it changes nothing before somebody else approves it."""
    who = caller(request, Scope.RERATINGS_WRITE)

    def work() -> HttpResponse:
        asked = ask_rerating(
            since=body.since, until=body.until, number=body.version, reason=body.reason, by=who.actor, now=utc_now()
        )
        return answer(_shown(asked, who.house), 201)

    return once(request, who, work)


@router.get("/reratings", response=answers(200), summary="The re-ratings, the latest first")
def get_reratings(
    request: HttpRequest, cursor: Annotated[str, Query(max_length=40, pattern=r"^[^\x00]*$")] = ""
) -> HttpResponse:
    """`next` is the cursor of the page after it, null on the last one."""
    who = caller(request, Scope.ORDERS_READ)
    with tenant_scope(who.house.id):
        found = reratings(after=inside("rrt", cursor), limit=51)
        document = {
            "data": [_shown(one, who.house) for one in found[:50]],
            "next": outside("rrt", found[49].id) if len(found) > 50 else None,
        }
    return answer(document)


@router.get("/reratings/{id}", response=answers(200), summary="A re-rating and what it changes")
def get_rerating(request: HttpRequest, id: Named) -> HttpResponse:
    """`state` is preparing, previewed, posting, posted or rejected; amounts are net of refunds as of the preview."""
    who = caller(request, Scope.ORDERS_READ)
    with tenant_scope(who.house.id):
        return answer(_shown(rerating(_id(id)), who.house))


@router.get(
    "/reratings/{id}/differences", response=answers(200), summary="Every commission that comes, goes or differs"
)
def get_differences(
    request: HttpRequest, id: Named, cursor: Annotated[str, Query(max_length=60, pattern=r"^[^\x00]*$")] = ""
) -> HttpResponse:
    """In pieces of 1,000; `next` is the cursor of the piece after it, null on the last one."""
    who = caller(request, Scope.ORDERS_READ)
    order, _, place = cursor.rpartition(".")
    at = inside("ord", order)
    with tenant_scope(who.house.id):
        found = rerating(_id(id))
        after = (at, int(place)) if at is not None and place.isdecimal() and len(place) < 10 else None
        rows = all_differences(found.preview_id, after=after, limit=PIECE + 1)
    currency = who.house.currency
    last = rows[PIECE - 1] if len(rows) > PIECE else None
    return answer(
        {
            "data": [
                {
                    "order": outside("ord", row.order_id),
                    "line_no": row.line_no,
                    "kind": KINDS[row.kind],
                    "level": row.level,
                    "promoter": outside("mem", row.beneficiary_id),
                    "rule": row.rule or None,
                    "old": format_units(row.old_amount, currency),
                    "new": format_units(row.new_amount, currency),
                    "old_net": format_units(row.old_net, currency),
                    "new_net": format_units(row.new_net, currency),
                    "currency": currency,
                }
                for row in rows[:PIECE]
            ],
            "next": None if last is None else f"{outside('ord', last.order_id)}.{last.place}",
        }
    )


@router.post(
    "/reratings/{id}/approve",
    openapi_extra=IDEMPOTENT,
    response=answers(200),
    summary="Approve a preview, so that it is posted",
)
def post_approval(request: HttpRequest, id: Named, body: ApproveReratingIn) -> HttpResponse:
    """By another key than the one that asked. `state` is `preparing` when what stood has changed: it is previewed anew."""
    who = caller(request, Scope.RERATINGS_APPROVE)

    def work() -> HttpResponse:
        preview = inside("prv", body.preview) or 0
        done = approve_rerating(rerating_id=_id(id), preview_id=preview, note=body.note, by=who.actor, now=utc_now())
        return answer(_shown(done, who.house))

    return once(request, who, work)


@router.post(
    "/reratings/{id}/reject",
    openapi_extra=IDEMPOTENT,
    response=answers(200),
    summary="End a re-rating without posting it",
)
def post_rejection(request: HttpRequest, id: Named, body: RejectIn) -> HttpResponse:
    """With a reason, which is kept."""
    who = caller(request, Scope.RERATINGS_APPROVE)

    def work() -> HttpResponse:
        return answer(
            _shown(reject_rerating(rerating_id=_id(id), reason=body.reason, by=who.actor, now=utc_now()), who.house)
        )

    return once(request, who, work)


@router.post(
    "/reratings/{id}/preview", openapi_extra=IDEMPOTENT, response=answers(200), summary="Preview a re-rating anew"
)
def post_preview(request: HttpRequest, id: Named, body: PreviewIn) -> HttpResponse:
    """On what stands now."""
    who = caller(request, Scope.RERATINGS_WRITE)

    def work() -> HttpResponse:
        return answer(_shown(preview_again(rerating_id=_id(id), by=who.actor, now=utc_now()), who.house))

    return once(request, who, work)


def _id(text: str) -> int:
    found = inside("rrt", text)
    if found is None:
        raise missing("unknown_rerating", "There is no such re-rating.")
    return found


def _shown(found: Rerating, house: House) -> dict[str, Any]:
    version = None if found.version_id is None else PlanVersion.objects.get(id=found.version_id).number
    return {
        "id": outside("rrt", found.id),
        "state": STATES[found.state],
        "since": found.since.isoformat(),
        "until": found.until.isoformat(),
        "version": version,
        "reason": found.reason,
        "asked_by": found.asked_by,
        "asked_at": found.asked_at.isoformat(),
        "preview": outside("prv", found.preview_id) if found.preview_id else None,
        "stale": found.stale,
        "orders": found.orders,
        "corrected": found.corrected,
        "changed": found.changed,
        "rows": found.rows,
        "gains": format_units(found.gains, house.currency),
        "losses": format_units(found.losses, house.currency),
        "currency": house.currency,
        "causes": [
            {"cause": cause, "orders": orders, "gain": format_units(gain, house.currency)}
            for cause, orders, gain in gains_by_cause(found.preview_id)
        ]
        if found.preview_id
        else [],
        "decided_by": found.decided_by or None,
        "decided_at": None if found.decided_at is None else found.decided_at.isoformat(),
        "decision": found.decision or None,
        "posted": found.posted,
        "posted_at": None if found.posted_at is None else found.posted_at.isoformat(),
    }
