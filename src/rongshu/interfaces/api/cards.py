"""The member card: who holds one, by its number, given by hand or on request."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.cards.actions import decide, give_card, held_card
from rongshu.domain.members.cards.models import Card, CardRequest
from rongshu.domain.members.cards.queries import card_by_number, requests
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text, Words
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["members"])

State = Literal["waiting", "approved", "refused"]


class CardIn(Schema):
    """`invited_by`: our id, yours, phone or e-mail of who brought them."""

    model_config = ConfigDict(extra="forbid")

    invited_by: Text | None = None


class CardDecisionIn(Schema):
    """`requests` by their ids; a refusal needs a `reason`, which the members read."""

    model_config = ConfigDict(extra="forbid")

    requests: Annotated[list[Text], Field(min_length=1, max_length=100)]
    approve: bool
    reason: Words = ""


class CardOut(Schema):
    """`way`: claim, spend, buy, invite, approve, hand, or before (a member before there were ways to the card)."""

    member: str
    number: str
    way: str
    invited_by: str | None
    got_at: Instant


class CardRequestOut(Schema):
    id: str
    member: str
    said: str
    state: State
    reason: str
    asked_at: Instant
    decided_at: Instant | None


class CardRequestPage(Schema):
    data: list[CardRequestOut]
    next: str | None


class CardsDecidedOut(Schema):
    """How many that still waited were decided."""

    decided: int


def _card(one: Card) -> dict[str, Any]:
    return {
        "member": outside("mem", one.member_id), "number": one.number, "way": one.way,
        "invited_by": None if one.invited_by is None else outside("mem", one.invited_by), "got_at": one.got_at,
    }  # fmt: skip


def _request(one: CardRequest) -> dict[str, Any]:
    return {
        "id": outside("crq", one.id), "member": outside("mem", one.member_id), "said": one.said, "state": one.state,
        "reason": one.reason, "asked_at": one.asked_at, "decided_at": one.decided_at,
    }  # fmt: skip


@router.get("/members/{member}/card", response=answers(200, CardOut), summary="A member's card")
def get_card(request: HttpRequest, member: Named) -> HttpResponse:
    """Not found where they hold none."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = held_card(member_id=find_member(member).id, now=utc_now())
    if found is None:
        raise missing("unknown_card", "There is no such card.")
    return answer(_card(found))


@router.put(
    "/members/{member}/card", openapi_extra=IDEMPOTENT, response=answers(200, CardOut), summary="Give a member the card"
)
def put_card(request: HttpRequest, member: Named, body: CardIn) -> HttpResponse:
    """By hand, whatever the ways to it ask for. Whoever has one keeps it."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        invited = None if body.invited_by is None else find_member(body.invited_by).id
        now = utc_now()
        held = held_card(member_id=find_member(member).id, now=now)
        found = held or give_card(
            member_id=find_member(member).id, way="hand", invited_by=invited, by=who.actor, now=now
        )
        return answer(_card(found))

    return once(request, who, work)


@router.get("/cards/{number}", response=answers(200, CardOut), summary="Whose card it is")
def get_card_by_number(request: HttpRequest, number: Named) -> HttpResponse:
    """At a till: the sixteen digits, read or typed; spaces do not matter."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        return answer(_card(card_by_number(number)))


@router.get("/card-requests", response=answers(200, CardRequestPage), summary="Who asks for the card")
def get_card_requests(
    request: HttpRequest,
    state: State = "waiting",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Latest first."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    before = wire.after("crq", cursor)
    with tenant_scope(who.house.id):
        found = requests(state=state, before=before, limit=limit + 1)
    following = outside("crq", found[limit - 1].id) if len(found) > limit else None
    return answer({"data": [_request(one) for one in found[:limit]], "next": following})


@router.post(
    "/card-requests/decide",
    openapi_extra=IDEMPOTENT,
    response=answers(200, CardsDecidedOut),
    summary="Give or refuse the card",
)
def post_card_decision(request: HttpRequest, body: CardDecisionIn) -> HttpResponse:
    """To many at once. Those decided before stay as they are."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        chosen = [inside("crq", one) for one in body.requests]
        if None in chosen:
            raise invalid("unknown_request", "There is no such request.", at=f"requests.{chosen.index(None)}")
        ids = [one for one in chosen if one is not None]
        done = decide(requests=ids, approve=body.approve, reason=body.reason, by=who.actor, now=utc_now())
        return answer({"decided": done})

    return once(request, who, work)
