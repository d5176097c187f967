"""The price of a cart: one pure function, the same for a cart, a quote and an order. Its meaning: `docs/algorithms/prices.md`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Literal

from rongshu.engine.money import floor_rate, floor_ratio
from rongshu.engine.prices.bundles import take_bundles
from rongshu.engine.prices.coupons import Taken, Usable, apply, best_of, named, usable
from rongshu.engine.prices.frames import (
    KINDS,
    MOST_POINTS,
    Cart,
    HeldCoupon,
    NotApplied,
    Offset,
    Perks,
    Points,
    Priced,
    PricedLine,
    RefusedCoupon,
    Step,
    UsedCoupon,
)
from rongshu.engine.prices.model import Rules, ShippingRule
from rongshu.engine.prices.reductions import take_reductions
from rongshu.engine.prices.units import TIER, price_units
from rongshu.engine.prices.work import Work, local_time, spread, why_not, works_of

BEST = "best"
POINTS = "points"
"""The id of paying with points, in steps."""


def price(
    cart: Cart,
    rules: Rules,
    *,
    zone: tzinfo,
    perks: Perks = Perks(),  # noqa: B008 frozen
    coupons: Sequence[HeldCoupon] = (),
    choose: Literal["best"] | Sequence[int] = (),
    offset: Offset = Offset(),  # noqa: B008 frozen
    points: Points = Points(),  # noqa: B008 frozen
) -> Priced:
    """What the cart costs, with everything that was taken off each line, in order, and why other rules took nothing off.

    `coupons` are those held; `choose` the ids of those to use, in their sequence, or "best". `zone` is the wall clock of the
    rules. Stages: units, bundles, full reductions, coupons, points, shipping. Whether shipping is free is decided by the goods
    before coupons and points: using a coupon never costs somebody free shipping. Points pay for goods only.
    """
    local = local_time(cart.at, zone)
    works = works_of(cart)
    price_units(works, cart, rules, perks, local)
    take_bundles(works, cart, rules, local)
    take_reductions(works, cart, rules, local)
    misses: list[NotApplied] = []
    shipping_steps = _shipping(cart, rules, perks, sum(work.amount for work in works), local, misses)
    shipping = cart.shipping - sum(step.minus for step in shipping_steps)
    taken, refused = _coupons(works, cart, coupons, choose, shipping, rules.coupons_together)
    for one in taken:
        for index, minus in zip(one.lines, one.minus, strict=True):
            works[index].take(str(one.coupon.id), "coupon", one.coupon.name, minus)
        if one.shipping:
            shipping_steps.append(Step(str(one.coupon.id), "coupon", one.coupon.name, one.shipping))
            shipping -= one.shipping
    used, worth = _points(works, offset, points, misses)
    return _priced(cart, works, shipping, shipping_steps, taken, refused, used, worth, misses)


def _coupons(
    works: Sequence[Work],
    cart: Cart,
    coupons: Sequence[HeldCoupon],
    choose: Literal["best"] | Sequence[int],
    shipping: int,
    most: int,
) -> tuple[list[Taken], list[RefusedCoupon]]:
    amounts = [work.amount for work in works]
    held = {coupon.id: coupon for coupon in coupons}
    asked = list(held) if isinstance(choose, str) else [one for one in dict.fromkeys(choose) if one in held]
    found: list[Usable] = []
    refused: list[RefusedCoupon] = []
    for identifier in asked:
        coupon = held[identifier]
        answer = usable(coupon, works, cart, shipping)
        if isinstance(answer, Usable):
            found.append(answer)
        else:
            refused.append(RefusedCoupon(coupon.id, coupon.name, *answer))
    if isinstance(choose, str):
        chosen = best_of(found, amounts, shipping, most)
        ids = {one.coupon.id for one in chosen}
        for one in found:
            if one.coupon.id not in ids:
                refused.append(RefusedCoupon(one.coupon.id, one.coupon.name, "others_save_more"))
    else:
        chosen, more = named(found, amounts, shipping, most)
        refused += more
    return [one for one in apply(chosen, amounts, shipping) if one.counts], refused


def _points(works: Sequence[Work], offset: Offset, points: Points, misses: list[NotApplied]) -> tuple[int, int]:
    """Points used and what they are worth: never more points than that worth needs."""
    if not points.wanted:
        return 0, 0

    def not_used(code: str, **params: int) -> tuple[int, int]:
        misses.append(NotApplied(POINTS, "points", "", code, params))
        return 0, 0

    if not offset.units_per_100:
        return not_used("points_pay_nothing")
    most = floor_rate(sum(work.amount for work in works), offset.max_ppm)
    step = max(1, offset.step)
    least = -(-max(offset.min_points, 1) // step) * step
    if points.available < least:
        return not_used("points_short", missing=least - points.available)
    if points.available < points.wanted < MOST_POINTS:
        not_used("points_short", missing=points.wanted - points.available)
    # The most points that are not worth more than may be paid with them.
    allowed = ((most + 1) * 100 - 1) // offset.units_per_100 // step * step
    count = min(points.wanted, points.available) // step * step
    if allowed < count:
        if points.wanted < MOST_POINTS:
            not_used("points_most", most=allowed)
        count = allowed
    if count < least:
        return not_used("points_least", least=least)
    worth = floor_ratio(count, offset.units_per_100, 100)
    needed = -(-worth * 100 // offset.units_per_100)
    count = min(count, max(least, -(-needed // step) * step))
    if worth == 0:
        return not_used("nothing_left")
    spread(works, worth, POINTS, "points", "")
    return count, worth


def _shipping(
    cart: Cart, rules: Rules, perks: Perks, goods: int, local: datetime, misses: list[NotApplied]
) -> list[Step]:
    """What is taken off shipping before coupons: the tier's, or the rule that takes most."""
    if not cart.shipping:
        return []
    options: list[tuple[int, str, str]] = []
    if perks.free_shipping:
        options.append((cart.shipping, TIER, cart.tier))
    open_: list[ShippingRule] = []
    for rule in rules.shipping:
        why = why_not(rule.when, cart, local)
        if why is None and goods < rule.spend:
            why = ("spend_short", {"missing": rule.spend - goods})
        if why is None:
            open_.append(rule)
            options.append((min(rule.minus or cart.shipping, cart.shipping), rule.id, rule.name))
        else:
            misses.append(NotApplied(rule.id, "shipping", rule.name, *why))
    if not options:
        return []
    minus, identifier, name = max(options, key=lambda option: option[0])
    for rule in open_:
        if rule.id != identifier:
            misses.append(NotApplied(rule.id, "shipping", rule.name, "other_saves_more", {"other": name}))
    return [Step(identifier, "shipping", name, minus)]


def _priced(
    cart: Cart,
    works: Sequence[Work],
    shipping: int,
    shipping_steps: Sequence[Step],
    taken: Sequence[Taken],
    refused: Sequence[RefusedCoupon],
    points: int,
    worth: int,
    misses: Sequence[NotApplied],
) -> Priced:
    totals: dict[str, int] = dict.fromkeys(KINDS, 0)
    for work in works:
        for step in work.steps:
            totals[step.kind] += step.minus
    totals["shipping"] = cart.shipping - shipping
    by_line = {work.line.line_no: work for work in works}
    goods = sum(work.amount for work in works)
    return Priced(
        lines=tuple(_priced_line(by_line[line.line_no]) for line in cart.lines),
        subtotal=sum(line.price * line.qty for line in cart.lines),
        totals=totals,
        goods=goods,
        shipping_fee=cart.shipping,
        shipping=shipping,
        shipping_steps=tuple(shipping_steps),
        payable=goods + shipping,
        coupons=tuple(
            UsedCoupon(one.coupon.id, one.coupon.name, one.coupon.kind, one.saved, one.coupon.gift_sku) for one in taken
        ),
        refused=tuple(refused),
        points=points,
        points_worth=worth,
        not_applied=tuple(misses),
    )


def _priced_line(work: Work) -> PricedLine:
    line = work.line
    return PricedLine(
        line_no=line.line_no,
        sku=line.sku,
        category=line.category,
        qty=line.qty,
        price=line.price,
        unit=work.unit,
        steps=tuple(work.steps),
        not_applied=tuple(work.misses),
        paid=work.amount,
    )
