"""Erasing a member's personal data: whether it can be done, and doing it."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict

from rongshu.domain.members.erasure.queries import erased_at
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.erasing import erase_person, in_the_way
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Named
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["members"])


class ErasureIn(Schema):
    """`sure` is true: it cannot be undone."""

    model_config = ConfigDict(extra="forbid")
    sure: Literal[True]


class ObstacleOut(Schema):
    """Something that has to happen before; `detail` says what, in English."""

    code: str
    detail: str


class ErasureOut(Schema):
    """`erased_at` is null while the data are there; `in_the_way` is empty when they can be erased, or were."""

    id: str
    erased_at: str | None
    in_the_way: list[ObstacleOut]


@router.get(
    "/members/{member}/erasure", response=answers(200, ErasureOut), summary="Whether a member can be erased, or was"
)
def get_erasure(request: HttpRequest, member: Named) -> HttpResponse:
    """Everything that stands in the way, each with what to do about it."""
    who = caller(request, Scope.MEMBERS_READ)
    with tenant_scope(who.house.id):
        return answer(_stands(find_member(member).id))


@router.post(
    "/members/{member}/erasure",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ErasureOut),
    summary="Erase a member's personal data",
)
def post_erasure(request: HttpRequest, member: Named, body: ErasureIn) -> HttpResponse:
    """For good, and once: the same again, by our id, changes nothing. Phone, e-mail, name, your id, WeChat, tags, own fields and
    the sign-in go, points and coupons lapse; orders and the ledger stay without a name, and papers payments were made by stay sealed.
    Refused with 409 while they promote, or money is pending, available, on its way or owed.
    """
    who = caller(request, Scope.MEMBERS_WRITE)

    def work() -> HttpResponse:
        one = find_member(member).id
        erase_person(member_id=one, by=who.actor, now=utc_now())
        return answer(_stands(one))

    return once(request, who, work)


def _stands(identifier: int) -> dict[str, Any]:
    at = erased_at(identifier)
    problems = [] if at is not None else in_the_way(identifier)
    return {
        "id": outside("mem", identifier),
        "erased_at": None if at is None else at.isoformat(),
        "in_the_way": [{"code": one.code, "detail": str(one)} for one in problems],
    }
