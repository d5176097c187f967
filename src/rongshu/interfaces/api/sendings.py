"""Coupons sent to everybody in a segment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict

from rongshu.domain.marketing.sending.actions import ask_sending, stop_sending
from rongshu.domain.marketing.sending.models import Sending
from rongshu.domain.marketing.sending.queries import sending, sendings
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["coupons"])


class SendingIn(Schema):
    """`segment` is our id of it; `ref` names the sending: the same again is the same one."""

    model_config = ConfigDict(extra="forbid")

    segment: Text
    ref: Text


class SendingOut(Schema):
    """`looked_at` of `size` members are behind it and `given` of them got one. `state`: running, done, stopped; `why` it stopped:
    by_hand, none_left, closed."""

    id: str
    coupon_kind: str
    segment: str
    ref: str
    state: str
    why: str
    size: int
    looked_at: int
    given: int
    asked_at: Instant
    ended_at: Instant | None


class SendingPage(Schema):
    data: list[SendingOut]
    next: str | None


def _sending(one: Sending) -> dict[str, Any]:
    return {
        "id": outside("snd", one.id), "coupon_kind": outside("cpk", one.kind_id), "segment": outside("seg", one.segment_id),
        "ref": one.ref, "state": one.state, "why": one.why, "size": one.size, "looked_at": one.looked_at, "given": one.given,
        "asked_at": one.asked_at, "ended_at": one.ended_at,
    }  # fmt: skip


def _named(prefix: str, name: str) -> int:
    found = inside(prefix, name)
    if found is None:
        raise missing("not_found", "There is no %(name)s.", name=name)
    return found


@router.post(
    "/coupon-kinds/{name}/sendings",
    openapi_extra=IDEMPOTENT,
    response=answers(202, SendingOut),
    summary="Send to a segment",
)
def post_sending(request: HttpRequest, name: Named, body: SendingIn) -> HttpResponse:
    """Begins to send a coupon to everybody in a segment; the worker goes on with it portion by portion."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        segment = inside("seg", body.segment)
        if segment is None:
            raise invalid("no_segment", "Choose a segment.", at="segment")
        made = ask_sending(kind_id=_named("cpk", name), segment_id=segment, ref=body.ref, by=who.actor, now=utc_now())
        return answer(_sending(made), 202)

    return once(request, who, work)


@router.get("/coupon-kinds/{name}/sendings", response=answers(200, SendingPage), summary="Sendings, latest first")
def get_sendings(
    request: HttpRequest,
    name: Named,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """What of a kind was sent to segments, and how far each sending is."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    before = wire.after("snd", cursor)
    with tenant_scope(who.house.id):
        found = sendings(kind_id=_named("cpk", name), before=before, limit=limit + 1)
    following = outside("snd", found[limit - 1].id) if len(found) > limit else None
    return answer({"data": [_sending(one) for one in found[:limit]], "next": following})


@router.get("/coupon-sendings/{name}", response=answers(200, SendingOut), summary="One sending")
def get_sending(request: HttpRequest, name: Named) -> HttpResponse:
    """How far it is."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        return answer(_sending(sending(_named("snd", name))))


@router.post("/coupon-sendings/{name}/stop", response=answers(200, SendingOut), summary="Stop a sending")
def post_stop(request: HttpRequest, name: Named) -> HttpResponse:
    """Sends no further; whoever got one keeps it."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return answer(_sending(stop_sending(sending_id=_named("snd", name), by=who.actor, now=utc_now())))
