"""Prices computed a second time, slowly and on purpose differently: piece by piece, Fractions instead of integer divisions,
every set of coupons tried. What it says of money must be what `engine.prices.price` says.

Conditions are left to the engine's caller: rules handed in here always hold (`when` is tested by hand).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import combinations
from math import floor

from rongshu.engine.prices.frames import MOST_POINTS, Cart, HeldCoupon, Offset, Perks, Points
from rongshu.engine.prices.model import Bundle, MemberPrice, Reduction, Rules


def half_up(value: Fraction) -> int:
    """Of values >= 0."""
    return floor(value + Fraction(1, 2))


def off(amount: int, ppm: int) -> int:
    """What is left of an amount with a discount."""
    exact = Decimal(amount) * Decimal(1_000_000 - ppm) / Decimal(1_000_000)
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def share(weights: Sequence[int], total: int) -> list[int]:
    """A total given out unit by unit: whoever is furthest behind their exact share gets the next of what floors leave."""
    whole = sum(weights)
    if not whole:
        return [0] * len(weights)
    exact = [Fraction(weight * total, whole) for weight in weights]
    parts = [floor(one) for one in exact]
    while sum(parts) < total:
        behind = [one - part for one, part in zip(exact, parts, strict=True)]
        parts[behind.index(max(behind))] += 1
    return parts


def total_price(
    cart: Cart,
    rules: Rules,
    perks: Perks,
    coupons: Sequence[HeldCoupon],
    offset: Offset,
    points: Points,
) -> dict[str, object]:
    """payable, goods, shipping, paid by line number, points used; the best coupons are chosen."""
    lines = sorted(cart.lines, key=lambda one: (one.sku, one.category, one.price, one.qty, one.line_no))
    units, kinds = [], []
    for line in lines:
        unit, kind = unit_price(line.sku, line.category, line.price, cart, rules, perks)
        units.append(unit)
        kinds.append(kind)
    amounts = [unit * line.qty for unit, line in zip(units, lines, strict=True)]
    bundled = [0] * len(lines)
    for bundle in rules.bundles:
        one_bundle(bundle, lines, units, amounts, kinds, bundled)
    full_reductions(rules.reductions, lines, amounts, kinds)
    shipping = cart.shipping
    takes = [cart.shipping] if perks.free_shipping else []
    takes += [min(cart.shipping, rule.minus or cart.shipping) for rule in rules.shipping if sum(amounts) >= rule.spend]
    shipping -= max(takes, default=0)
    amounts, shipping, saved = best_coupons(cart, coupons, lines, amounts, kinds, shipping, rules.coupons_together)
    used = 0
    if points.wanted and offset.units_per_100:
        amounts, used = with_points(amounts, offset, points)
    return {
        "payable": sum(amounts) + shipping,
        "goods": sum(amounts),
        "shipping": shipping,
        "paid": {line.line_no: amount for line, amount in zip(lines, amounts, strict=True)},
        "saved": saved,
        "points": used,
    }


def unit_price(sku: str, category: str, listed: int, cart: Cart, rules: Rules, perks: Perks) -> tuple[int, set[str]]:
    def after(rule: MemberPrice, unit: int) -> int:
        if rule.fixed is not None:
            return min(rule.fixed, unit)
        return max(unit - rule.minus, 0) if rule.minus is not None else off(unit, rule.discount or 0)

    found: list[tuple[int, int, set[str]]] = [(listed, 0, set())]
    member = off(listed, perks.discount)
    if cart.tier:
        for rule in rules.member_prices:
            if rule.scope.holds(sku, category):
                member = min(member, after(rule, listed))
    if member < listed:
        found.append((member, 1, {"member_price"}))
    for rule in rules.sales:
        if rule.scope.holds(sku, category):
            if after(rule, listed) < listed:
                found.append((after(rule, listed), 1, {"sale"}))
            if rule.with_member_price and member < listed and after(rule, member) < member:
                found.append((after(rule, member), 2, {"member_price", "sale"}))
    unit, _, kinds = min(found, key=lambda one: (one[0], one[1]))
    return unit, set(kinds)


def one_bundle(bundle: Bundle, lines, units, amounts, kinds, bundled) -> None:  # type: ignore[no-untyped-def]
    """Set after set, piece after piece."""
    spent = [0] * len(lines)
    total, times = 0, 0
    narrow = sorted(bundle.parts, key=lambda part: 1 if part.scope.categories else 0 if part.scope.skus else 2)
    while bundle.times is None or times < bundle.times:
        pieces: list[int] = []
        for part in narrow:
            for _ in range(part.pieces):
                can = [
                    index
                    for index, line in enumerate(lines)
                    if part.scope.holds(line.sku, line.category)
                    and kinds[index] - {"bundle"} <= set(bundle.goes_with)
                    and line.qty - bundled[index] - pieces.count(index) > 0
                ]
                if not can:
                    pieces.append(-1)
                    break
                pieces.append(max(can, key=lambda index: (units[index], -index)))
        if -1 in pieces:
            break
        value = sum(units[index] for index in pieces)
        if bundle.price is not None:
            saving = value - bundle.price
        elif bundle.minus is not None:
            saving = min(bundle.minus, value)
        elif bundle.discount is not None:
            saving = value - off(value, bundle.discount)
        else:
            cheapest = min(units[index] for index in pieces)
            saving = cheapest - off(cheapest, bundle.cheapest or 0)
        if saving <= 0:
            break
        total += saving
        times += 1
        for index in pieces:
            bundled[index] += 1
            spent[index] += units[index]
    order = [index for index in range(len(lines)) if spent[index]]
    for index, minus in zip(order, share([spent[index] for index in order], total), strict=True):
        amounts[index] -= minus
        if minus:
            kinds[index].add("bundle")


def full_reductions(rules: Sequence[Reduction], lines, amounts, kinds) -> None:  # type: ignore[no-untyped-def]
    left = list(rules)
    taken: set[int] = set()
    while True:
        best: tuple[int, Reduction | None, list[int]] = (0, None, [])
        for rule in left:
            mine = [
                index
                for index, line in enumerate(lines)
                if index not in taken
                and rule.scope.holds(line.sku, line.category)
                and kinds[index] <= set(rule.goes_with)
            ]
            spent, pieces = sum(amounts[index] for index in mine), sum(lines[index].qty for index in mine)
            saving = 0
            if rule.each is not None:
                full = Fraction(spent, rule.each.spend)
                saving = min(spent, min(floor(full), rule.each.times or floor(full)) * rule.each.minus)
            for step in rule.steps:  # the last one reached stands
                if spent >= (step.spend or 0) and pieces >= (step.pieces or 0):
                    saving = min(step.minus, spent) if step.minus is not None else spent - off(spent, step.discount)
            if saving > best[0]:
                best = (saving, rule, mine)
        saving, rule, mine = best
        if rule is None:
            return
        left.remove(rule)
        taken |= set(mine)
        for index, minus in zip(mine, share([amounts[index] for index in mine], saving), strict=True):
            amounts[index] -= minus
            if minus:
                kinds[index].add("reduction")


def use(some: Sequence[HeldCoupon], lines, amounts, kinds, shipping):  # type: ignore[no-untyped-def]
    rest = list(amounts)
    for kind in ("percent", "fixed", "gift", "shipping"):
        for coupon in sorted((one for one in some if one.kind == kind), key=lambda one: one.id):
            mine = [index for index in range(len(lines)) if fits(coupon, lines[index], kinds[index])]
            base = sum(rest[index] for index in mine)
            if kind == "shipping":
                shipping -= min(shipping, coupon.amount) if coupon.amount else shipping
            elif kind != "gift":
                minus = coupon.amount if kind == "fixed" else half_up(Fraction(base * coupon.ppm, 1_000_000))
                if kind == "percent" and coupon.max_minus:
                    minus = min(minus, coupon.max_minus)
                for index, part in zip(mine, share([rest[index] for index in mine], min(minus, base)), strict=True):
                    rest[index] -= part
    return rest, shipping


def fits(coupon: HeldCoupon, line, kinds: set[str]) -> bool:  # type: ignore[no-untyped-def]
    return coupon.scope.holds(line.sku, line.category) and kinds <= coupon.stacks


def best_coupons(cart, coupons, lines, amounts, kinds, shipping, most):  # type: ignore[no-untyped-def]
    """Every set that is allowed; at most as many coupons as the engine tries together."""
    allowed = []
    for coupon in coupons:
        mine = [index for index in range(len(lines)) if fits(coupon, lines[index], kinds[index])]
        base = sum(amounts[index] for index in mine)
        if not mine or base < coupon.min_spend or (coupon.tiers and cart.tier not in coupon.tiers):
            continue
        if coupon.from_at <= cart.at < coupon.until_at:
            allowed.append(coupon)
    before = sum(amounts) + shipping
    best = (0, 0)
    outcome = (amounts, shipping)
    for size in range(1, most + 1):
        for some in combinations(allowed, size):
            if size > 1 and any("coupon" not in one.stacks for one in some):
                continue
            rest, fee = use(some, lines, amounts, kinds, shipping)
            gifts = sum(one.kind == "gift" and amounts_of(one, lines, amounts, kinds) > 0 for one in some)
            if (before - sum(rest) - fee, gifts) > best:
                best, outcome = (before - sum(rest) - fee, gifts), (rest, fee)
    return *outcome, best


def amounts_of(coupon, lines, amounts, kinds) -> int:  # type: ignore[no-untyped-def]
    return sum(amounts[index] for index in range(len(lines)) if fits(coupon, lines[index], kinds[index]))


def with_points(amounts: list[int], offset: Offset, points: Points) -> tuple[list[int], int]:
    """Tries every allowed number of points and keeps the smallest of those worth most."""
    most = floor(Fraction(sum(amounts) * offset.max_ppm, 1_000_000))
    best = (0, 0)
    limit = points.available if points.wanted >= MOST_POINTS else min(points.wanted, points.available)
    for count in range(0, limit + 1, offset.step):
        worth = floor(Fraction(count * offset.units_per_100, 100))
        if count >= max(offset.min_points, 1) and best[0] < worth <= most:
            best = (worth, count)
    worth, count = best
    return [amount - part for amount, part in zip(amounts, share(amounts, worth), strict=True)], count
