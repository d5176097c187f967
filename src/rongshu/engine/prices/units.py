"""Stage 1: the price of one unit. Member prices and sales, the lowest wins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.engine.prices.frames import Cart, Kind, NotApplied, Perks
from rongshu.engine.prices.model import MemberPrice, Rules, Sale
from rongshu.engine.prices.work import Why, Work, less, why_no_member_price, why_not

TIER = "tier"
"""The id of the tier's own discount, in steps."""


@dataclass(frozen=True, slots=True)
class _Option:
    """A price of one unit, and the way to it: (rule, kind, name, unit price after it)."""

    unit: int
    way: tuple[tuple[str, Kind, str, int], ...]


def price_units(works: Sequence[Work], cart: Cart, rules: Rules, perks: Perks, local: datetime) -> None:
    """Gives every line its unit price: list price, the lowest member price, or a sale; a sale may go on top of the former."""
    members = [(rule, why_no_member_price(rule, cart, local)) for rule in rules.member_prices]
    sales = [(rule, why_not(rule.when, cart, local, perks.early_hours)) for rule in rules.sales]
    for work in works:
        _price_unit(work, cart, perks, members, sales)


def _price_unit(
    work: Work,
    cart: Cart,
    perks: Perks,
    members: Sequence[tuple[MemberPrice, Why | None]],
    sales: Sequence[tuple[Sale, Why | None]],
) -> None:
    line = work.line
    options = [_Option(line.price, ())]
    if perks.discount:
        unit = less(line.price, perks.discount)
        options.append(_Option(unit, ((TIER, "member_price", cart.tier, unit),)))
    means = [(rule, why) for rule, why in members if rule.scope.holds(line.sku, line.category)]
    for rule, why in means:
        if why is None:
            unit = _after(rule, line.price)
            options.append(_Option(unit, ((rule.id, "member_price", rule.name, unit),)))
    member = _lowest(options)
    offers = [(rule, why) for rule, why in sales if rule.scope.holds(line.sku, line.category)]
    for sale, why in offers:
        if why is None:
            unit = _after(sale, line.price)
            options.append(_Option(unit, ((sale.id, "sale", sale.name, unit),)))
            if sale.with_member_price and member.way and _after(sale, member.unit) < member.unit:
                unit = _after(sale, member.unit)
                options.append(_Option(unit, (*member.way, (sale.id, "sale", sale.name, unit))))
    best = _lowest(options)
    before = line.price
    for identifier, kind, name, unit in best.way:
        work.take(identifier, kind, name, (before - unit) * line.qty)
        before = unit
    work.unit = best.unit
    used = {identifier for identifier, _, _, _ in best.way}
    if perks.discount and TIER not in used:
        work.misses.append(NotApplied(TIER, "member_price", cart.tier, *_lower(best, less(line.price, perks.discount))))
    for rule, why in (*means, *offers):
        if rule.id not in used:
            kind = "sale" if isinstance(rule, Sale) else "member_price"
            work.miss(rule, kind, why or _lower(best, _after(rule, line.price)))


def _after(rule: MemberPrice, unit: int) -> int:
    """A unit price by a rule, never above what it was."""
    if rule.fixed is not None:
        return min(unit, rule.fixed)
    if rule.minus is not None:
        return max(0, unit - rule.minus)
    return less(unit, rule.discount or 0)


def _lowest(options: Sequence[_Option]) -> _Option:
    """Of equal ones the shorter way, then the earlier rule."""
    return min(options, key=lambda option: (option.unit, len(option.way)))


def _lower(best: _Option, own: int) -> Why:
    """Why a rule whose conditions hold was not taken."""
    if not best.way:
        return "list_not_above", {"own": own, "unit": best.unit}
    return "lower_price", {"own": own, "unit": best.unit, "other": best.way[-1][2]}
