"""Checkouts: a cart held to its price, its coupons and points set aside until an order names it."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.checkouts.queries import find_checkout
from rongshu.domain.members.profiles.queries import find_member
from rongshu.engine.money import format_units
from rongshu.flows.checkout.reserving import release_checkout, reserve_checkout
from rongshu.interfaces.api.described import IDEMPOTENT, answers
from rongshu.interfaces.api.door import answer, caller, once
from rongshu.interfaces.api.priced import PricedOut, priced_out
from rongshu.interfaces.api.prices import Amount, CartIn, units_of
from rongshu.interfaces.api.wire import Text
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["checkouts"])


class CheckoutIn(CartIn):
    member: Text
    expected: Amount | None = None
    """The sum the member was shown: another one by now is refused, nothing is set aside."""
    minutes: Annotated[int, Field(ge=1, le=1440)] = 30
    """How long it is held."""


class HeldLineOut(Schema):
    """What the order's line has to say."""

    line_no: int
    sku: str
    category: str
    qty: int
    paid: str


class CheckoutOut(Schema):
    """`reserved` until an order names it (`used`), it is given up (`released`) or its time is over (`expired`)."""

    id: str
    state: Literal["reserved", "used", "released", "expired"]
    member: str
    payable: str
    lines: list[HeldLineOut]
    points: int
    points_back: int
    """Given back after refunds."""
    coupons: list[str]
    expires_at: str
    order: str | None


class ReservedOut(CheckoutOut):
    quote: PricedOut


def _shown(one: Checkout, house: House) -> dict[str, Any]:
    return {
        "id": outside("chk", one.id),
        "state": one.state,
        "member": outside("mem", one.member_id),
        "payable": format_units(one.payable, house.currency),
        "lines": [
            {name: line[name] for name in ("line_no", "sku", "category", "qty")}
            | {"paid": format_units(line["paid"], house.currency)}
            for line in one.priced["lines"]
        ],
        "points": one.points,
        "points_back": one.points_back,
        "coupons": [outside("cpn", coupon) for coupon in one.coupons],
        "expires_at": one.expires_at.astimezone(UTC).isoformat(),
        "order": None if one.order_id is None else outside("ord", one.order_id),
    }


def _id(text: str) -> int:
    found = inside("chk", text)
    if found is None:
        raise missing("unknown_checkout", "There is no such checkout.")
    return found


@router.post(
    "/checkouts", openapi_extra=IDEMPOTENT, response=answers(201, ReservedOut), summary="Hold a cart to its price"
)
def post_checkout(request: HttpRequest, body: CheckoutIn) -> HttpResponse:
    """Quotes the cart and sets its coupons and points aside. Name the answer's `id` as `checkout` in the order, with the
    `paid` of these lines; without an order it ends by itself."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        currency = who.house.currency
        made, quoted = reserve_checkout(
            wanted=body.wanted(currency),
            member=find_member(body.member),
            expected=None if body.expected is None else units_of(body.expected, currency, "expected"),
            lasts=timedelta(minutes=body.minutes),
            by=who.actor,
            now=utc_now(),
        )
        return answer({**_shown(made, who.house), "quote": priced_out(quoted, who.house)}, 201)

    return once(request, who, work)


@router.get("/checkouts/{checkout}", response=answers(200, CheckoutOut), summary="What became of a checkout")
def get_checkout(request: HttpRequest, checkout: str) -> HttpResponse:
    """What became of a checkout."""
    who = caller(request, Scope.MEMBERSHIP_READ)
    with tenant_scope(who.house.id):
        found = find_checkout(_id(checkout))
        if found is None:
            raise missing("unknown_checkout", "There is no such checkout.")
        return answer(_shown(found, who.house))


@router.post(
    "/checkouts/{checkout}/release",
    openapi_extra=IDEMPOTENT,
    response=answers(200, CheckoutOut),
    summary="Give a checkout up",
)
def post_release(request: HttpRequest, checkout: str) -> HttpResponse:
    """Its coupons and points are free again. Refused when an order has used it."""
    who = caller(request, Scope.MEMBERSHIP_WRITE)

    def work() -> HttpResponse:
        identifier = _id(checkout)
        release_checkout(checkout_id=identifier, by=who.actor, now=utc_now())
        found = find_checkout(identifier)
        assert found is not None
        return answer(_shown(found, who.house))

    return once(request, who, work)
