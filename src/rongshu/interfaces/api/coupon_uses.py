"""A foreign checkout sets coupons aside and uses them; the trace of uses."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.coupons import actions
from rongshu.domain.commerce.coupons.models import CouponUse
from rongshu.domain.commerce.coupons.queries import uses
from rongshu.domain.commerce.orders.queries import find_order
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.money import format_units
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.coupons import Amount, id_of, paged, units_of
from rongshu.interfaces.api.described import answers
from rongshu.interfaces.api.door import answer, caller
from rongshu.interfaces.api.wire import Cursor, Limit, Named, Text, instant
from rongshu.kernel.access.queries import Caller
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["coupons"])


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class ReserveIn(_Body):
    member: Text
    ref: Text
    """Names the cart: the same again answers with the same use."""


class CouponRefIn(_Body):
    ref: Text


class UseIn(CouponRefIn):
    order: Text
    saved: Amount


class ReturnIn(CouponRefIn):
    whole: bool = True
    """Whether the order is refunded wholly now."""


class UseOut(Schema):
    ref: str
    coupon: str
    kind: str
    member: str
    state: str
    """reserved, used or released."""
    order: str | None
    saved: str
    reserved_at: str
    ended_at: str | None
    returned_at: str | None


class UsePage(Schema):
    data: list[UseOut]
    next: str | None


class CouponDoneOut(Schema):
    done: bool


def _use(one: CouponUse, currency: str) -> dict[str, Any]:
    return {
        "ref": one.ref, "coupon": outside("cpn", one.coupon_id), "kind": outside("cpk", one.kind_id),
        "member": outside("mem", one.member_id), "state": one.state,
        "order": None if one.order_id is None else outside("ord", one.order_id), "saved": format_units(one.saved, currency),
        "reserved_at": one.reserved_at.isoformat(), "ended_at": instant(one.ended_at), "returned_at": instant(one.returned_at),
    }  # fmt: skip


@router.post("/coupons/{name}/reserve", response=answers(201, UseOut), summary="Set a coupon aside for a cart")
def post_reserve(request: HttpRequest, name: Named, body: ReserveIn) -> HttpResponse:
    """Until it is used or released by the same `ref`."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        member = find_member(body.member).id
        made = actions.reserve_coupon(coupon_id=id_of("cpn", name), member_id=member, ref=body.ref, now=utc_now())
        return answer(_use(made, who.house.currency), 201)


def _use_of(who: Caller, ref: str) -> HttpResponse:
    return answer(_use(CouponUse.objects.get(ref=ref), who.house.currency))


@router.post("/coupon-uses/use", response=answers(200, UseOut), summary="An order uses what was set aside")
def post_use(request: HttpRequest, body: UseIn) -> HttpResponse:
    """`saved` is what the coupon took off; the same order again changes nothing."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    saved = units_of(body.saved, who.house.currency, "saved")
    with tenant_scope(who.house.id):
        actions.use_coupon(ref=body.ref, order_id=find_order(body.order), saved=saved, now=utc_now())
        return _use_of(who, body.ref)


@router.post("/coupon-uses/release", response=answers(200, UseOut), summary="Give up what was set aside")
def post_release(request: HttpRequest, body: CouponRefIn) -> HttpResponse:
    """Give up what was set aside."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        actions.release_coupon(ref=body.ref, now=utc_now())
        return _use_of(who, body.ref)


@router.post(
    "/coupon-uses/return", response=answers(200, CouponDoneOut), summary="Give a used coupon back after a refund"
)
def post_return(request: HttpRequest, body: ReturnIn) -> HttpResponse:
    """`done` says whether it was: its kind decides, its time must not be over, and the budget must bear it."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return answer({"done": actions.return_coupon(ref=body.ref, whole=body.whole, now=utc_now())})


@router.get("/coupon-uses", response=answers(200, UsePage), summary="The trace of uses, latest first")
def get_uses(request: HttpRequest, kind: Text | None = None, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """Who, on which order, what it saved, when."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    after = wire.after("cpu", cursor)
    with tenant_scope(who.house.id):
        found = uses(kind_id=None if kind is None else id_of("cpk", kind), after=after, limit=limit + 1)
    return paged(found, [_use(one, who.house.currency) for one in found], "cpu", limit)
