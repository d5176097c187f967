"""Members that may be one person: pairs, merges, and merges undone."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.duplicates.finding import pairs, tell_apart
from rongshu.domain.members.duplicates.models import MemberMerge
from rongshu.domain.members.duplicates.queries import merges
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.duplicates import merge_members, unmerge_members
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["members"])

Reason = Annotated[str, Field(min_length=2, max_length=500, pattern=r"^[^\x00]*$")]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class MemberMergeIn(_Body):
    """`into` is who stays: our id, yours, phone or e-mail."""

    into: Text
    reason: Reason


class ApartIn(_Body):
    members: Annotated[list[Text], Field(min_length=2, max_length=2)]


class PairOut(Schema):
    """Two members, the elder first."""

    members: list[str]
    alike_in: list[Literal["phone", "email", "external_id", "name_birthday"]]


class PairPage(Schema):
    data: list[PairOut]
    next: str | None


class MemberMergeOut(Schema):
    """What moved: numbers of orders and coupons, points, growth value. `undone_at` once it was undone."""

    id: str
    member: str
    into: str
    reason: str
    orders: int
    points: int
    growth: int
    coupons: int
    by: str
    at: Instant
    undone_at: Instant | None


class MemberMergePage(Schema):
    data: list[MemberMergeOut]
    next: str | None


class UndoneOut(Schema):
    """What went back; `points_gone` of the points that had moved were used or lapsed meanwhile."""

    orders: int
    points: int
    points_gone: int


class ApartOut(Schema):
    """`new`: whether nobody had said so before."""

    members: list[str]
    new: bool


def _merge(one: MemberMerge) -> dict[str, Any]:
    return {
        "id": outside("mrg", one.id), "member": outside("mem", one.source_id), "into": outside("mem", one.heir_id),
        "reason": one.reason, "orders": len(one.moved["orders"]), "points": sum(row[2] for row in one.moved["points"]),
        "growth": sum(row[1] for row in one.moved["growth"]), "coupons": len(one.moved["coupons"]), "by": one.actor,
        "at": one.at, "undone_at": one.undone_at,
    }  # fmt: skip


@router.get("/member-duplicates", response=answers(200, PairPage), summary="Members that may be one person")
def get_duplicates(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Suspected pairs, by what they are alike in. New profiles are looked at every minute, changed ones every hour."""
    who = caller(request, Scope.MEMBERS_READ)
    low, _dot, high = (cursor or "").partition(".")
    after = (inside("mem", low), inside("mem", high)) if cursor is not None else (0, 0)
    if after[0] is None or after[1] is None:
        raise wire.no_cursor()
    with tenant_scope(who.house.id):
        found = pairs(after=(after[0], after[1]), limit=limit + 1)
    data = [
        {"members": [outside("mem", one.low), outside("mem", one.high)], "alike_in": list(one.kinds)}
        for one in found[:limit]
    ]
    return answer({"data": data, "next": ".".join(data[-1]["members"]) if len(found) > limit else None})


@router.post(
    "/member-duplicates/apart",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ApartOut),
    summary="Two members are two people",
)
def post_apart(request: HttpRequest, body: ApartIn) -> HttpResponse:
    """They are not suspected again."""
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        both = [find_member(one).id for one in body.members]
        new = tell_apart(members=both, by=who.actor, now=utc_now())
        return answer({"members": [outside("mem", one) for one in sorted(both)], "new": new})

    return once(request, who, work)


@router.post(
    "/members/{member}/merge",
    openapi_extra=IDEMPOTENT,
    response=answers(200, MemberMergeOut),
    summary="Merge a member into another",
)
def post_member_merge(request: HttpRequest, member: Named, body: MemberMergeIn) -> HttpResponse:
    """Orders, points, growth value and coupons move, and both ids lead to who stays. A promoter stays; two promoters are merged at
    `/promoters/{member}/merge`.
    """
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        source, heir = find_member(member), find_member(body.into)
        return answer(
            _merge(merge_members(member_id=source.id, heir_id=heir.id, reason=body.reason, by=who.actor, now=utc_now()))
        )

    return once(request, who, work)


@router.get("/member-merges", response=answers(200, MemberMergePage), summary="What was merged, latest first")
def get_merges(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """With those that were undone."""
    who = caller(request, Scope.MEMBERS_READ)
    before = wire.after("mrg", cursor)
    with tenant_scope(who.house.id):
        found = merges(before=before, limit=limit + 1)
    following = outside("mrg", found[limit - 1].id) if len(found) > limit else None
    return answer({"data": [_merge(one) for one in found[:limit]], "next": following})


@router.post("/member-merges/{name}/undo", response=answers(200, UndoneOut), summary="Undo a merge")
def post_undo(request: HttpRequest, name: Named) -> HttpResponse:
    """What moved and is still there goes back; undone before, nothing happens."""
    who = caller(request, Scope.MEMBERS_WRITE)
    identifier = inside("mrg", name)
    if identifier is None:
        raise missing("unknown_merge", "There is no such merge.")
    with tenant_scope(who.house.id):
        undone = unmerge_members(merge_id=identifier, by=who.actor, now=utc_now())
    return answer({"orders": undone.orders, "points": undone.points, "points_gone": undone.points_gone})
