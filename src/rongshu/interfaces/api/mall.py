"""The points mall: what can be had for points, and what members had."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Query, Router, Schema
from pydantic import ConfigDict

from rongshu.domain.commerce.mall.actions import (
    Terms,
    cancel_exchange,
    change_item,
    exchange,
    finish_exchange,
    make_item,
    send_exchange,
)
from rongshu.domain.commerce.mall.addresses import Address, opened
from rongshu.domain.commerce.mall.models import MallExchange, MallItem
from rongshu.domain.commerce.mall.queries import exchange_of, exchanges, item, items, left_of, on_sale
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api import wire
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.wire import Cursor, Label, Limit, Named, Text, Words
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["mall"])

Whole = Annotated[int, Field(ge=0, le=10**9, strict=True)]
State = Literal["asked", "sent", "done", "cancelled"]
Kind = Literal["goods", "coupon", "privilege"]


class _Body(Schema):
    model_config = ConfigDict(extra="forbid")


class MallItemIn(_Body):
    """`stock` counts those that are gone; null: as many as are asked for. `per_member` 0: no limit. `tier`: the lowest that may have it.
    `coupon_kind` of a coupon, and of nothing else. `picture`: the hash of an uploaded one.
    """

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    kind: Kind
    points: Annotated[int, Field(ge=1, le=10**9, strict=True)]
    sale_from: Instant | None = None
    sale_until: Instant | None = None
    note: Words = ""
    picture: Label = ""
    coupon_kind: Text | None = None
    stock: Whole | None = None
    per_member: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0
    tier: Label = ""
    open: Annotated[bool, Field(strict=True)] = True


class MallItemOut(Schema):
    id: str
    name: str
    kind: Kind
    points: int
    note: str
    picture: str
    coupon_kind: str | None
    stock: int | None
    taken: int
    left: int | None
    per_member: int
    tier: str
    sale_from: Instant
    sale_until: Instant | None
    open: bool


class MallItemPage(Schema):
    data: list[MallItemOut]
    next: str | None


class AddressIn(_Body):
    """Where goods go."""

    name: Text
    phone: Text
    place: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class ExchangeIn(_Body):
    """`key` names the asking: the same again is the same exchange. `points` is what the member was shown; another price is refused."""

    member: Text
    item: Text
    key: Text
    points: Annotated[int, Field(ge=1, le=10**9, strict=True)] | None = None
    address: AddressIn | None = None


class ParcelIn(_Body):
    carrier: Label = ""
    tracking: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]


class ExchangeCancelIn(_Body):
    reason: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")]


class AddressOut(Schema):
    name: str
    phone: str
    place: str


class ExchangeOut(Schema):
    """`address` only where one exchange is read, while it is not done. `back`: points that came back when it was cancelled."""

    id: str
    member: str
    item: str
    key: str
    kind: Kind
    name: str
    points: int
    state: State
    carrier: str
    tracking: str
    coupon: str | None
    reason: str
    back: int
    asked_at: Instant
    sent_at: Instant | None
    ended_at: Instant | None
    address: AddressOut | None = None


class ExchangePage(Schema):
    data: list[ExchangeOut]
    next: str | None


def _item(one: MallItem) -> dict[str, Any]:
    return {
        "id": outside("itm", one.id), "name": one.name, "kind": one.kind, "points": one.points, "note": one.note,
        "picture": one.picture, "coupon_kind": None if one.coupon_kind_id is None else outside("cpk", one.coupon_kind_id),
        "stock": one.stock, "taken": one.taken, "left": left_of(one), "per_member": one.per_member, "tier": one.tier,
        "sale_from": one.sale_from, "sale_until": one.sale_until, "open": one.open,
    }  # fmt: skip


def _exchange(one: MallExchange, *, address: bool = False) -> dict[str, Any]:
    goes_to = opened(one.address) if address and one.ended_at is None else None
    return {
        "id": outside("exc", one.id), "member": outside("mem", one.member_id), "item": outside("itm", one.item_id), "key": one.key,
        "kind": one.kind, "name": one.name, "points": one.points, "state": one.state, "carrier": one.carrier,
        "tracking": one.tracking, "coupon": None if one.coupon_id is None else outside("cpn", one.coupon_id), "reason": one.reason,
        "back": one.back, "asked_at": one.asked_at, "sent_at": one.sent_at, "ended_at": one.ended_at,
        "address": None if goes_to is None else {"name": goes_to.name, "phone": goes_to.phone, "place": goes_to.place},
    }  # fmt: skip


def _named(prefix: str, name: str) -> int:
    found = inside(prefix, name)
    if found is None:
        raise missing("not_found", "There is no %(name)s.", name=name)
    return found


def _terms(body: MallItemIn, before: MallItem | None) -> Terms:
    given = body.model_dump(exclude={"coupon_kind", "sale_from"})
    begins = body.sale_from or (utc_now() if before is None else before.sale_from)
    kind = None if body.coupon_kind is None else _named("cpk", body.coupon_kind)
    return Terms(**given, sale_from=begins, coupon_kind_id=kind)


@router.get("/mall/items", response=answers(200, MallItemPage), summary="What can be had for points")
def get_items(request: HttpRequest, all: bool = False, cursor: Cursor = None, limit: Limit = 50) -> HttpResponse:
    """On sale now, the cheapest first; with `all` every item there is, the latest made first."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    last = wire.after("itm", cursor)
    with tenant_scope(who.house.id):
        if all:
            found = items(after=last, limit=limit + 1)
        else:
            end = None if last is None else (item(last).points, last)
            found = on_sale(now=utc_now(), after=end, limit=limit + 1)
    following = outside("itm", found[limit - 1].id) if len(found) > limit else None
    return answer({"data": [_item(one) for one in found[:limit]], "next": following})


@router.post("/mall/items", openapi_extra=IDEMPOTENT, response=answers(201, MallItemOut), summary="A new item")
def post_item(request: HttpRequest, body: MallItemIn) -> HttpResponse:
    """On sale from `sale_from`, or from now."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    return once(
        request, who, lambda: answer(_item(make_item(terms=_terms(body, None), by=who.actor, now=utc_now())), 201)
    )


@router.get("/mall/items/{name}", response=answers(200, MallItemOut), summary="One item")
def get_item(request: HttpRequest, name: Named) -> HttpResponse:
    """On sale or not."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        return answer(_item(item(_named("itm", name))))


@router.put(
    "/mall/items/{name}", openapi_extra=IDEMPOTENT, response=answers(200, MallItemOut), summary="Change an item"
)
def put_item(request: HttpRequest, name: Named, body: MallItemIn) -> HttpResponse:
    """As a whole; its kind stays. What members had keeps what it was."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        before = item(_named("itm", name))
        return answer(_item(change_item(item_id=before.id, terms=_terms(body, before), by=who.actor, now=utc_now())))

    return once(request, who, work)


@router.post(
    "/mall/exchanges", openapi_extra=IDEMPOTENT, response=answers(201, ExchangeOut), summary="A member has an item"
)
def post_exchange(request: HttpRequest, body: ExchangeIn) -> HttpResponse:
    """For points, once by `key`. A coupon is there at once; points of goods and privileges are set aside until they are sent or given."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    address = None if body.address is None else Address(body.address.name, body.address.phone, body.address.place)

    def work() -> HttpResponse:
        made = exchange(
            item_id=_named("itm", body.item), member=find_member(body.member), key=body.key, address=address,
            points=body.points, by=who.actor, now=utc_now(),
        )  # fmt: skip
        return answer(_exchange(made, address=True), 201)

    return once(request, who, work)


@router.get("/mall/exchanges", response=answers(200, ExchangePage), summary="What members had, latest first")
def get_exchanges(
    request: HttpRequest,
    state: State | None = None,
    member: Annotated[str | None, Query(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]+$")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> HttpResponse:
    """Of a state, of a member where they are named; `asked` is what is to be sent or given."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    last = wire.after("exc", cursor)
    with tenant_scope(who.house.id):
        whose = None if member is None else find_member(member).id
        found = exchanges(state=state or "", member_id=whose, after=last, limit=limit + 1)
    following = outside("exc", found[limit - 1].id) if len(found) > limit else None
    return answer({"data": [_exchange(one) for one in found[:limit]], "next": following})


@router.get("/mall/exchanges/{name}", response=answers(200, ExchangeOut), summary="One exchange")
def get_exchange(request: HttpRequest, name: Named) -> HttpResponse:
    """With the address it goes to, while it is open. Needs `membership:write`: who sends parcels reads addresses."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return answer(_exchange(exchange_of(_named("exc", name)), address=True))


@router.post(
    "/mall/exchanges/{name}/send",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ExchangeOut),
    summary="Goods went off",
)
def post_send(request: HttpRequest, name: Named, body: ParcelIn) -> HttpResponse:
    """The points are spent, the member is told. Again: carrier and number are mended."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = send_exchange(
            exchange_id=_named("exc", name),
            carrier=body.carrier,
            tracking=body.tracking,
            by=who.actor,
            now=utc_now(),
        )
        return answer(_exchange(made))

    return once(request, who, work)


@router.post("/mall/exchanges/{name}/finish", response=answers(200, ExchangeOut), summary="Arrived, or given")
def post_finish(request: HttpRequest, name: Named) -> HttpResponse:
    """Goods arrived; a privilege was given, and its points are spent."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)
    with tenant_scope(who.house.id):
        return answer(_exchange(finish_exchange(exchange_id=_named("exc", name), by=who.actor, now=utc_now())))


@router.post(
    "/mall/exchanges/{name}/cancel",
    openapi_extra=IDEMPOTENT,
    response=answers(200, ExchangeOut),
    summary="Cancel an exchange",
)
def post_exchange_cancel(request: HttpRequest, name: Named, body: ExchangeCancelIn) -> HttpResponse:
    """Points go back, the item is in stock again, and the member reads the reason."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        made = cancel_exchange(exchange_id=_named("exc", name), reason=body.reason, by=who.actor, now=utc_now())
        return answer(_exchange(made))

    return once(request, who, work)
