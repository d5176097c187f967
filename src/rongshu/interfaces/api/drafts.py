"""Drafts of plans: kept, laid before a second person, approved or given back."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commission.plans import queries
from rongshu.domain.commission.plans.actions import discard_draft, save_draft
from rongshu.domain.commission.plans.models import PlanDraft
from rongshu.domain.commission.reviews import actions
from rongshu.domain.commission.reviews.models import APPROVED, REJECTED, TAKEN_BACK, WAITING, PlanReview
from rongshu.domain.commission.reviews.queries import last_review_of, last_reviews_of
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import IDEMPOTENT, DraftList, DraftOut, Gone, ReviewOut, VersionOut, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.plans import PlanIn, ReasonIn, version_out
from rongshu.interfaces.api.wire import instant
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["plans"])

_STATES = {WAITING: "waiting", APPROVED: "approved", REJECTED: "rejected", TAKEN_BACK: "taken_back"}


class ReviewIn(Schema):
    model_config = ConfigDict(extra="forbid")

    effective_from: Instant | None = None
    """Left out: as soon as it is approved."""
    note: Annotated[str, Field(max_length=2000)] = ""


class NoBodyIn(Schema):
    """An empty object: nothing needs to be said."""

    model_config = ConfigDict(extra="forbid")


class ApproveDraftIn(Schema):
    model_config = ConfigDict(extra="forbid")

    effective_from: Instant | None = None
    """Left out: as it was asked for."""
    accept: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=100)] = []
    """The rules of the warnings that are accepted: all there are."""
    reason: Annotated[str, Field(max_length=2000)] = ""
    """Needed where warnings are accepted."""


@router.get("/plans/drafts", response=answers(200, DraftList), summary="The drafts")
def get_drafts(request: HttpRequest) -> HttpResponse:
    """The latest change first, fifty at most."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        found = queries.drafts()
        last = last_reviews_of([one.id for one in found])
        return answer({"data": [_draft(one, last.get(one.id)) for one in found]})


@router.post("/plans/drafts", openapi_extra=IDEMPOTENT, response=answers(201, DraftOut), summary="Keep a new draft")
def post_draft(request: HttpRequest, body: PlanIn) -> HttpResponse:
    """Kept as it is written, right or wrong."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()
    return once(request, who, lambda: answer(_draft(save_draft(text=body.text, by=who.actor, now=now), None), 201))


@router.get("/plans/drafts/{draft}", response=answers(200, DraftOut), summary="One draft")
def get_draft(request: HttpRequest, draft: str) -> HttpResponse:
    """With its latest request for review."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        found = queries.draft(_id(draft))
        return answer(_draft(found, last_review_of(found.id)))


@router.put(
    "/plans/drafts/{draft}", openapi_extra=IDEMPOTENT, response=answers(200, DraftOut), summary="Change a draft"
)
def put_draft(request: HttpRequest, draft: str, body: PlanIn) -> HttpResponse:
    """Refused while it waits for a decision."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        kept = save_draft(text=body.text, draft_id=_id(draft), by=who.actor, now=now)
        return answer(_draft(kept, last_review_of(kept.id)))

    return once(request, who, work)


@router.delete(
    "/plans/drafts/{draft}", openapi_extra=IDEMPOTENT, response=answers(200, Gone), summary="Discard a draft"
)
def delete_draft(request: HttpRequest, draft: str) -> HttpResponse:
    """One that is gone already stays gone. Refused while it waits for a decision."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        discard_draft(draft_id=_id(draft), by=who.actor, now=now)
        return answer({"id": draft})

    return once(request, who, work)


@router.post(
    "/plans/drafts/{draft}/review",
    openapi_extra=IDEMPOTENT,
    response=answers(201, ReviewOut),
    summary="Ask a second person to decide about a draft",
)
def post_review(request: HttpRequest, draft: str, body: ReviewIn) -> HttpResponse:
    """Its text stays as it is until that is decided. Refused while the check has findings that block."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()

    def work() -> HttpResponse:
        review = actions.ask_review(
            draft_id=_id(draft), effective_from=body.effective_from, note=body.note, by=who.actor, now=now
        )
        return answer(_review(review), 201)

    return once(request, who, work)


@router.post(
    "/plans/drafts/{draft}/approve",
    openapi_extra=IDEMPOTENT,
    response=answers(201, VersionOut),
    summary="Approve a draft and publish it",
)
def post_approval(request: HttpRequest, draft: str, body: ApproveDraftIn) -> HttpResponse:
    """By somebody who neither wrote the draft nor asked. Every warning of the check has to be accepted, with a reason."""
    who = caller(request, Scope.PLANS_APPROVE)
    now = utc_now()

    def work() -> HttpResponse:
        version = actions.approve_review(
            review_id=_waiting(draft),
            effective_from=body.effective_from,
            accepted=body.accept,
            reason=body.reason,
            by=who.actor,
            now=now,
        )
        return answer(version_out(version), 201)

    return once(request, who, work)


@router.post(
    "/plans/drafts/{draft}/reject",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ReviewOut),
    summary="Give a draft back to its author",
)
def post_rejection(request: HttpRequest, draft: str, body: ReasonIn) -> HttpResponse:
    """With a reason; the draft can be changed and laid before somebody again."""
    who = caller(request, Scope.PLANS_APPROVE)
    now = utc_now()

    def work() -> HttpResponse:
        return answer(
            _review(actions.reject_review(review_id=_waiting(draft), reason=body.reason, by=who.actor, now=now))
        )

    return once(request, who, work)


@router.post(
    "/plans/drafts/{draft}/take-back",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ReviewOut),
    summary="Take a draft back from review",
)
def post_taking_back(request: HttpRequest, draft: str, body: NoBodyIn) -> HttpResponse:
    """Before anybody has decided; its text can then be changed."""
    who = caller(request, Scope.PLANS_WRITE)
    now = utc_now()
    return once(
        request, who, lambda: answer(_review(actions.take_back(review_id=_waiting(draft), by=who.actor, now=now)))
    )


def _id(text: str) -> int:
    return inside("drf", text) or 0


def _waiting(draft: str) -> int:
    """The request of a draft, the latest. Raises `conflict` for a draft nobody was asked about."""
    last = last_review_of(_id(draft))
    if last is None:
        raise conflict("not_in_review", "Nobody was asked to decide about this draft.")
    return last.id


def _draft(draft: PlanDraft, last: PlanReview | None) -> dict[str, Any]:
    return {
        "id": outside("drf", draft.id),
        "text": draft.text,
        "updated_at": draft.updated_at.astimezone(UTC).isoformat(),
        "updated_by": draft.actor,
        "in_review": draft.in_review,
        "review": None if last is None else _review(last),
    }


def _review(review: PlanReview) -> dict[str, Any]:
    return {
        "id": outside("rev", review.id),
        "state": _STATES[review.state],
        "effective_from": instant(review.effective_from),
        "note": review.note,
        "asked_at": instant(review.asked_at),
        "asked_by": review.asked_by,
        "authors": review.authors,
        "decided_at": instant(review.decided_at),
        "decided_by": review.decided_by,
        "reason": review.reason,
        "accepted": review.accepted,
    }
