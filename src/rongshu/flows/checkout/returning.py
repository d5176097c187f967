"""After refunds: points go back line by line as the money does, coupons as their kinds say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.commerce.checkouts.actions import note_points_back
from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.checkouts.queries import checkouts_of, hold_checkouts
from rongshu.domain.commerce.coupons.actions import return_coupons
from rongshu.domain.commerce.orders.queries import refunded_lines
from rongshu.domain.members.points.actions import give_back_spent
from rongshu.engine.money import floor_ratio
from rongshu.flows.checkout.reserving import coupon_ref, points_ref


def return_for_refunds(*, orders: Sequence[int], cancelled: bool = False, now: datetime) -> int:
    """Gives back what the checkouts of refunded orders used; how many checkouts there were.

    Points of a line come back as much as its money did, rounded down, so that partial refunds add up to the whole; those of a
    line that was paid with points alone come back when the order is `cancelled`. A line's points are never given back twice.
    """
    found = checkouts_of(orders)
    if not found:
        return 0
    held = hold_checkouts(sorted(one.id for one in found.values()))
    lines = refunded_lines(sorted(found))
    back: dict[int, int] = {}
    refs: dict[str, bool] = {}
    for order, one in found.items():
        checkout, of_order = held[one.id], lines.get(order, {})
        whole = cancelled or all(refunded >= paid for paid, refunded in of_order.values())
        refs |= {coupon_ref(checkout.id, coupon): whole for coupon in checkout.coupons}
        total = _points_due(checkout, of_order, whole)
        if total > checkout.points_back:
            give_back_spent(
                ref=f"{points_ref(checkout.id)}:{total}", of=points_ref(checkout.id), points=total - checkout.points_back, now=now
            )  # fmt: skip
            back[checkout.id] = total
    if back:
        note_points_back(points=back)
    if refs:
        return_coupons(refs=refs, now=now)
    return len(found)


def _points_due(checkout: Checkout, lines: dict[int, tuple[int, int]], whole: bool) -> int:
    """How many of its points have come back by now. `lines`: what each line's buyer paid, and got back."""
    if whole:
        return int(checkout.points)
    total = 0
    for line_no, points in checkout.priced["points_by_line"].items():
        paid, refunded = lines.get(int(line_no), (0, 0))
        if paid:
            total += floor_ratio(int(points), min(refunded, paid), paid)
    return total
