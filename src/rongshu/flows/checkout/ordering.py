"""Orders that use a checkout: what was set aside for the cart is used by them, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rongshu.domain.commerce.checkouts.actions import use_checkouts
from rongshu.domain.commerce.checkouts.models import EXPIRED, RELEASED, USED, Checkout
from rongshu.domain.commerce.checkouts.queries import hold_checkouts
from rongshu.domain.commerce.coupons.actions import UsedOn, use_coupons
from rongshu.domain.members.points.actions import use_reserved
from rongshu.engine.money import format_units
from rongshu.flows.checkout.reserving import coupon_ref, points_ref
from rongshu.kernel.errors import Refusal, conflict, invalid
from rongshu.kernel.ids import inside
from rongshu.ledger.queries import journal_ids


@dataclass(frozen=True, slots=True)
class Named:
    """An order that names a checkout: its reference, its buyer (0: nobody), its lines as (line_no, sku, qty, paid)."""

    ref: str
    checkout: str
    buyer: int
    lines: Sequence[tuple[int, str, int, int]]


def hold_for(named: Sequence[Named], *, currency: str) -> list[Checkout | Refusal | None]:
    """What each order may use: the checkout, held until the transaction ends; why not; or None for one it has used already."""
    ids = [inside("chk", one.checkout) for one in named]
    found = hold_checkouts(sorted({identifier for identifier in ids if identifier}))
    orders = journal_ids("order", sorted({one.ref for one in named}))
    taken: dict[int, str] = {}
    answers: list[Checkout | Refusal | None] = []
    for one, identifier in zip(named, ids, strict=True):
        checkout = found.get(identifier or 0)
        if checkout is None:
            answers.append(invalid("unknown_checkout", "There is no such checkout.", at="checkout"))
        elif one.ref in orders or taken.get(checkout.id) == one.ref:
            answers.append(None)
        else:
            problem = _used() if checkout.id in taken else _why_not(one, checkout, currency)
            if problem is None:
                taken[checkout.id] = one.ref
            answers.append(problem or checkout)
    return answers


def _used() -> Refusal:
    return conflict("checkout_used", "Another order has used this checkout; an order uses it once.", at="checkout")


def _why_not(order: Named, checkout: Checkout, currency: str) -> Refusal | None:
    if checkout.member_id != order.buyer:
        return conflict("not_the_buyer", "This checkout was reserved for somebody else than the buyer.", at="checkout")
    if checkout.state == USED:
        return _used()
    if checkout.state in (EXPIRED, RELEASED):
        return conflict(
            "checkout_ended",
            "This checkout has ended and what was set aside for it is free again. Reserve anew, or send the order without it.",
            at="checkout",
        )
    lines: Mapping[str, Any] = {str(line["line_no"]): line for line in checkout.priced["lines"]}
    gifts = Counter(used["gift_sku"] for used in checkout.priced["coupons"] if used["gift_sku"])
    for line_no, sku, qty, paid in order.lines:
        if str(line_no) not in lines:
            if gifts[sku] and (qty, paid) == (1, 0):
                gifts[sku] -= 1
                continue
            return conflict(
                "other_lines",
                "Line %(line)s is not in the checkout. Besides its lines an order has only the gifts of its coupons, one piece each, paid 0.",
                at="lines", line=line_no,
            )  # fmt: skip
    present = {str(line_no): (line_no, sku, qty, paid) for line_no, sku, qty, paid in order.lines}
    for number, line in lines.items():
        if number not in present:
            return conflict("other_lines", "Line %(line)s of the checkout is missing.", at="lines", line=number)
        line_no, sku, qty, paid = present[number]
        if (line["sku"], line["qty"]) != (sku, qty):
            return conflict("other_lines", "Line %(line)s is another one in the checkout.", at="lines", line=line_no)
        if line["paid"] != paid:
            return conflict(
                "other_price",
                "Line %(line)s came to %(quoted)s in the checkout, and the order says %(paid)s.",
                at="lines", line=line_no, quoted=format_units(line["paid"], currency), paid=format_units(paid, currency),
            )  # fmt: skip
    return None


def use_for_orders(orders: Mapping[int, Checkout], *, now: datetime) -> None:
    """What was set aside for each checkout is used by its order (by our id)."""
    if not orders:
        return
    use_checkouts(orders={checkout.id: order for order, checkout in orders.items()}, now=now)
    use_coupons(
        uses=[
            UsedOn(coupon_ref(checkout.id, used["id"]), order, used["minus"])
            for order, checkout in orders.items()
            for used in checkout.priced["coupons"]
        ],
        now=now,
    )
    for checkout in orders.values():
        if checkout.points:
            use_reserved(ref=points_ref(checkout.id), now=now)
