"""Writes of checkouts. They are part of larger writes (reserving, accepting orders, refunds), which audit for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rongshu.domain.commerce.checkouts.models import EXPIRED, RELEASED, RESERVED, USED, Checkout
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import conflict, missing
from rongshu.kernel.tenancy.scope import current_tenant

AT_ONCE = 1000
"""Checkouts that one look by the clock ends."""


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is set aside for a cart. Money in minor units."""

    id: int
    member_id: int
    cart: Mapping[str, Any]
    priced: Mapping[str, Any]
    payable: int
    points: int
    coupons: tuple[int, ...]


def open_checkout(*, reserved: Reserved, until: datetime, by: Actor, now: datetime) -> Checkout:
    """Keeps a quoted cart until `until`. What it needs was set aside by the caller."""
    checkout: Checkout = Checkout.objects.create(
        tenant_id=current_tenant(),
        id=reserved.id,
        member_id=reserved.member_id,
        cart=dict(reserved.cart),
        priced=dict(reserved.priced),
        payable=reserved.payable,
        points=reserved.points,
        coupons=list(reserved.coupons),
        reserved_at=now,
        expires_at=until,
        actor=str(by),
    )
    return checkout


def use_checkouts(*, orders: Mapping[int, int], now: datetime) -> None:
    """Each checkout (held by the caller, reserved) is used by its order."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_checkout c SET state = %s, order_id = u.order_id, ended_at = %s "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, order_id) "
            "WHERE c.tenant_id = %s AND c.id = u.id AND c.state = %s",
            [USED, now, list(orders), list(orders.values()), current_tenant(), RESERVED],
        )
        if cursor.rowcount != len(orders):
            raise AssertionError("a checkout that was held has changed")


def end_checkout(*, checkout_id: int, now: datetime) -> Checkout | None:
    """Gives a checkout up; None when that was done before. Raises `missing`, `conflict` when an order has used it."""
    found: Checkout | None = Checkout.objects.select_for_update().filter(id=checkout_id).first()
    if found is None:
        raise missing("unknown_checkout", "There is no such checkout.")
    if found.state == USED:
        raise conflict("checkout_used", "An order has used this checkout; refund the order instead.")
    if found.state != RESERVED:
        return None
    Checkout.objects.filter(id=checkout_id).update(state=RELEASED, ended_at=now)
    found.state = RELEASED
    return found


def expire_checkouts(*, now: datetime, at_once: int = AT_ONCE) -> list[Checkout]:
    """Ends those whose time is over, up to `at_once`; the caller gives back what was set aside for them."""
    due = list(
        Checkout.objects.select_for_update(skip_locked=True)
        .filter(state=RESERVED, expires_at__lte=now)
        .order_by("expires_at")[:at_once]
    )
    if due:
        Checkout.objects.filter(id__in=[one.id for one in due]).update(state=EXPIRED, ended_at=now)
    return due


def note_points_back(*, points: Mapping[int, int]) -> None:
    """Sets how many points were given back in all, by checkout."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_checkout c SET points_back = u.points "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, points) WHERE c.tenant_id = %s AND c.id = u.id",
            [list(points), list(points.values()), current_tenant()],
        )
