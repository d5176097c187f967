"""Points: what a member has and why, earning and spending them from a foreign shop, and the rules."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.points.actions import (
    earn_points,
    give_back_spent,
    publish_rules,
    release_reserved,
    reserve_points,
    spend_points,
    use_reserved,
)
from rongshu.domain.members.points.models import PointsVersion
from rongshu.domain.members.points.queries import history, lots_of, standing
from rongshu.domain.members.points.rulebook import version_in_force
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.plans import PlanIn
from rongshu.interfaces.api.wire import Text, Words, instant
from rongshu.interfaces.faces.points_kinds import KINDS
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["points"])

Points = Annotated[int, Field(ge=1, le=10**9)]
Ref = Annotated[str, Field(min_length=1, max_length=200)]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class EarnIn(_Body):
    """`rule` is `birthday` or `task:<id>` of the rules; or `points`, which the shop decided about (it says `why`)."""

    member: Text
    ref: Ref
    rule: Text | None = None
    points: Points | None = None
    why: Words = ""


class SpendIn(_Body):
    member: Text
    ref: Ref
    points: Points
    what: Words = ""
    """What the member spends them on, as the member reads it."""


class PointsRefIn(_Body):
    ref: Ref


class GiveBackIn(_Body):
    """`of` is the reference under which they were spent."""

    ref: Ref
    of: Ref
    points: Points


class EarnedOut(Schema):
    granted: int
    """0 where the reference was granted before, the task was done as often as it may be, or a cap is reached."""


class PointsDoneOut(Schema):
    done: bool
    """Whether it happened now; false where the same was done before."""


class BackOut(Schema):
    back: int
    """0 where it was given back before, or the rules let spent points lapse."""


class StandingOut(Schema):
    member: str
    usable: int
    pending: int
    reserved: int
    owed: int


class LotOut(Schema):
    id: str
    source: str
    ref: str
    amount: int
    left: int
    earned_at: str
    usable_at: str
    expires_at: str | None
    usable: bool


class LotsOut(Schema):
    data: list[LotOut]


class HappenedOut(Schema):
    at: str
    kind: str
    points: int
    source: str
    what: str
    why: dict[str, Any]
    lots: list[dict[str, Any]]
    """Each lot with what it went up by, or down."""


class HistoryOut(Schema):
    data: list[HappenedOut]
    next: str | None


class PointsRulesIn(PlanIn):
    reason: Words = ""
    effective_from: Instant | None = None
    """Now, where none is given."""
    instead_of: Annotated[int, Field(ge=0, le=1_000_000_000)] | None = None
    """The number of the version that was edited, 0 for none: refused when another was published since."""


class PointsRulesOut(Schema):
    number: int
    effective_from: str
    reason: str
    document: dict[str, Any]


def _member(text: str) -> Member:
    return find_member(text)


@router.get("/members/{member}/points", response=answers(200, StandingOut), summary="A member's points")
def get_points(request: HttpRequest, member: str) -> HttpResponse:
    """A member's points."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        one = _member(member)
        found = standing(one.id, now=utc_now())
    return answer(
        {
            "member": outside("mem", one.id), "usable": found.usable, "pending": found.pending,
            "reserved": found.reserved, "owed": found.owed,
        }
    )  # fmt: skip


@router.get("/members/{member}/points/lots", response=answers(200, LotsOut), summary="A member's lots of points")
def get_lots(request: HttpRequest, member: str) -> HttpResponse:
    """Those that hold something, what ends first first; at most a hundred."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = lots_of(_member(member).id)
    data = [
        {
            "id": outside("lot", one.id), "source": one.source, "ref": one.ref, "amount": one.amount, "left": one.left,
            "earned_at": instant(one.at), "usable_at": instant(one.usable_at), "expires_at": instant(one.expires_at),
            "usable": one.is_open,
        }
        for one in found
    ]  # fmt: skip
    return answer({"data": data})


@router.get("/members/{member}/points/history", response=answers(200, HistoryOut), summary="What happened to them")
def get_history(
    request: HttpRequest,
    member: str,
    below: Annotated[str, Query(max_length=20, pattern=r"^\d*$")] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 30,
) -> HttpResponse:
    """Latest first. Paged: pass `next` of an answer as `below`."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = history(_member(member).id, below=int(below) if below else None, limit=limit + 1)
    data = [
        {
            "at": instant(one.at), "kind": KINDS[one.kind], "points": one.points, "source": one.source, "what": one.what,
            "why": one.why, "lots": [{"lot": outside("lot", lot), "points": by} for lot, by in one.lots if lot],
        }
        for one in found[:limit]
    ]  # fmt: skip
    return answer({"data": data, "next": str(found[limit - 1].cursor) if len(found) > limit else None})


@router.post("/points/earn", openapi_extra=IDEMPOTENT, response=answers(200, EarnedOut), summary="Grant points")
def post_earn(request: HttpRequest, body: EarnIn) -> HttpResponse:
    """By a rule, or as many as the shop says. Orders need not be sent here: they earn by themselves."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        if (body.rule is None) == (body.points is None):
            raise invalid("rule_or_points", "Give `rule` or `points`, one of both.", at="rule")
        granted = earn_points(
            member_id=_member(body.member).id, source=body.rule or "shop", now=utc_now(), points=body.points, why=body.why,
            ref=body.ref if body.rule else f"shop:{body.ref}",
        )  # fmt: skip
        return answer({"granted": granted})

    return once(request, who, work)


def _spending(request: HttpRequest, body: SpendIn, how: Literal["redeem", "reserve"]) -> HttpResponse:
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        act = spend_points if how == "redeem" else reserve_points
        member = _member(body.member).id
        return answer({"done": act(ref=f"shop:{body.ref}", member_id=member, points=body.points, what=body.what, now=utc_now())})  # fmt: skip

    return once(request, who, work)


@router.post(
    "/points/redeem", openapi_extra=IDEMPOTENT, response=answers(200, PointsDoneOut), summary="Spend points at once"
)
def post_redeem(request: HttpRequest, body: SpendIn) -> HttpResponse:
    """What ends first first. Refused when fewer may be used now; a reference is spent once."""
    return _spending(request, body, "redeem")


@router.post(
    "/points/reserve", openapi_extra=IDEMPOTENT, response=answers(200, PointsDoneOut), summary="Set points aside"
)
def post_reserve(request: HttpRequest, body: SpendIn) -> HttpResponse:
    """Until they are used or released under the same reference."""
    return _spending(request, body, "reserve")


@router.post(
    "/points/use", openapi_extra=IDEMPOTENT, response=answers(200, PointsDoneOut), summary="Spend what was set aside"
)
def post_use(request: HttpRequest, body: PointsRefIn) -> HttpResponse:
    """Spend what was set aside."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    return once(request, who, lambda: answer({"done": use_reserved(ref=f"shop:{body.ref}", now=utc_now())}))


@router.post(
    "/points/release", openapi_extra=IDEMPOTENT, response=answers(200, PointsDoneOut), summary="Free what was set aside"
)
def post_release(request: HttpRequest, body: PointsRefIn) -> HttpResponse:
    """Back to the lots it came from."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    return once(request, who, lambda: answer({"done": release_reserved(ref=f"shop:{body.ref}", now=utc_now())}))


@router.post(
    "/points/give-back", openapi_extra=IDEMPOTENT, response=answers(200, BackOut), summary="Give spent points back"
)
def post_give_back(request: HttpRequest, body: GiveBackIn) -> HttpResponse:
    """For a refund of what they paid for: to the lots they came from, or they lapse, as the rules say."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        back = give_back_spent(ref=f"shop:{body.ref}", of=f"shop:{body.of}", points=body.points, now=utc_now())
        return answer({"back": back})

    return once(request, who, work)


def _rules(found: PointsVersion) -> dict[str, Any]:
    return {
        "number": found.number, "effective_from": instant(found.effective_from), "reason": found.reason,
        "document": found.document,
    }  # fmt: skip


@router.get("/points/rules", response=answers(200, PointsRulesOut), summary="The rules of points in force")
def get_points_rules(request: HttpRequest) -> HttpResponse:
    """Not found for a tenant that has none."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = version_in_force(utc_now())
    if found is None:
        raise missing("no_points_rules", "There are no rules of points yet.")
    return answer(_rules(found))


@router.put("/points/rules", openapi_extra=IDEMPOTENT, response=answers(200, PointsRulesOut), summary="Publish rules of points")  # fmt: skip
def put_points_rules(request: HttpRequest, body: PointsRulesIn) -> HttpResponse:
    """The whole document, as YAML or JSON. Refused as a whole, every wrong key named with its place."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = publish_rules(
            source=body.text, reason=body.reason, by=who.actor, now=utc_now(), effective_from=body.effective_from,
            instead_of=body.instead_of,
        )  # fmt: skip
        return answer(_rules(made))

    return once(request, who, work)
