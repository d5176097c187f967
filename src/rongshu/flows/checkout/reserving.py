"""A cart held to its price: its coupons and points set aside until it is paid, given up, or its time is over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from rongshu.domain.commerce.checkouts.actions import (
    Reserved,
    end_checkout,
    expire_checkouts,
    open_checkout,
)
from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.coupons.actions import release_coupons, reserve_coupon
from rongshu.domain.members.points.actions import release_reserved, reserve_points
from rongshu.domain.members.profiles.models import Member
from rongshu.engine.money import format_units, largest_remainder
from rongshu.engine.prices.frames import MOST_POINTS, Priced
from rongshu.engine.prices.price import BEST
from rongshu.flows.quoting import Quoted, Wanted, quote
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.tenancy.queries import house

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=1)
USUAL = timedelta(minutes=30)


def points_ref(checkout_id: int) -> str:
    """Under what a checkout's points are set aside."""
    return outside("chk", checkout_id)


def coupon_ref(checkout_id: int, coupon_id: int) -> str:
    """Under what one of a checkout's coupons is set aside."""
    return f"{outside('chk', checkout_id)}:{coupon_id}"


def reserve_checkout(
    *,
    wanted: Wanted,
    member: Member,
    expected: int | None = None,
    lasts: timedelta = USUAL,
    by: Actor,
    now: datetime,
) -> tuple[Checkout, Quoted]:
    """Quotes a cart and sets aside what it needs, so that an order that names the checkout pays exactly this.

    `expected`, where given, is the sum the member was shown. Raises `conflict` when it is another one by now, when a coupon that
    was named or points that were asked for cannot be used, or are taken meanwhile; then nothing is set aside.
    """
    if not SHORTEST <= lasts <= LONGEST:
        raise invalid("bad_time", "A checkout lasts one minute to one day.", at="minutes")
    quoted = quote(wanted=wanted, member=member, now=now)
    priced, currency = quoted.priced, house().currency
    if expected is not None and expected != priced.payable:
        raise conflict(
            "price_changed", "It comes to %(payable)s by now, and %(expected)s was expected. Show the new price and reserve again.",
            at="expected", payable=format_units(priced.payable, currency), expected=format_units(expected, currency),
        )  # fmt: skip
    if wanted.coupons != BEST and priced.refused:
        refused = priced.refused[0]
        raise conflict(
            "coupon_refused", "Coupon %(coupon)s cannot be used for this cart (%(reason)s); a quote says why. Take it out, or mend the cart.",
            at="coupons", coupon=refused.name or outside("cpn", refused.id), reason=refused.code,
        )  # fmt: skip
    if wanted.points not in (priced.points, MOST_POINTS):
        raise conflict(
            "points_refused", "%(points)s points can be used for this cart, %(wanted)s were asked for.",
            at="points", points=priced.points, wanted=wanted.points,
        )  # fmt: skip
    identifier = new_id()
    coupons = tuple(sorted(one.id for one in priced.coupons))
    for coupon in coupons:
        reserve_coupon(coupon_id=coupon, member_id=member.id, ref=coupon_ref(identifier, coupon), now=now)
    if priced.points:
        reserve_points(ref=points_ref(identifier), member_id=member.id, points=priced.points, now=now, what="checkout")
    made = open_checkout(
        reserved=Reserved(
            id=identifier, member_id=member.id, cart=_cart(wanted), priced=_document(priced), payable=priced.payable,
            points=priced.points, coupons=coupons,
        ),
        until=now + lasts,
        by=by,
        now=now,
    )  # fmt: skip
    record("checkout.reserved", subject=outside("chk", identifier), by=by, now=now, payable=priced.payable)
    return made, quoted


def release_checkout(*, checkout_id: int, by: Actor, now: datetime) -> None:
    """Gives a checkout up: its coupons and points are free again. Given up or over before: nothing happens.

    Raises `missing`, `conflict` when an order has used it.
    """
    ended = end_checkout(checkout_id=checkout_id, now=now)
    if ended is not None:
        _set_free([ended], now)
        record("checkout.released", subject=outside("chk", checkout_id), by=by, now=now)


def release_due(*, now: datetime) -> int:
    """Ends the checkouts whose time is over; how many."""
    ended = expire_checkouts(now=now)
    _set_free(ended, now)
    return len(ended)


def _set_free(ended: Iterable[Checkout], now: datetime) -> None:
    ones = list(ended)
    release_coupons(refs=[coupon_ref(one.id, coupon) for one in ones for coupon in one.coupons], now=now)
    for one in ones:
        if one.points:
            release_reserved(ref=points_ref(one.id), now=now)


def _cart(wanted: Wanted) -> dict[str, Any]:
    return {
        "lines": [{"line_no": one.line_no, "sku": one.sku, "qty": one.qty, "price": one.price} for one in wanted.lines],
        "shipping": wanted.shipping,
        "channel": wanted.channel,
        "store": wanted.store,
    }


def _document(priced: Priced) -> Mapping[str, Any]:
    """What it came to; `points_by_line` are the points used, shared out by what they took off each line (largest remainders)."""
    document = priced.as_document()
    weights = [sum(step.minus for step in line.steps if step.kind == "points") for line in priced.lines]
    shares = largest_remainder(weights, priced.points) if priced.points else [0] * len(weights)
    document["points_by_line"] = {
        str(line.line_no): share for line, share in zip(priced.lines, shares, strict=True) if share
    }
    return document
