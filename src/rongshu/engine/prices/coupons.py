"""Stage 4: coupons. Which may be used, what they save together, and the best choice among those held.

Percent coupons are taken first, then fixed ones, then gifts, then those for shipping; of one kind the smaller id first. What a
coupon asks to be spent is compared with the goods it means before any coupon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from rongshu.engine.money import largest_remainder, round_half_up_rate
from rongshu.engine.prices.frames import Cart, HeldCoupon, RefusedCoupon
from rongshu.engine.prices.work import Why, Work, not_among

CANDIDATES = 12
"""Coupons that are tried together when the best are chosen: those that save most alone."""
_ORDER = {"percent": 0, "fixed": 1, "gift": 2, "shipping": 3}


@dataclass(frozen=True, slots=True)
class Taken:
    """What one coupon takes off: of each of its lines (`lines` are places in the works), or of shipping."""

    coupon: HeldCoupon
    lines: tuple[int, ...]
    minus: tuple[int, ...]
    shipping: int = 0

    @property
    def saved(self) -> int:
        return sum(self.minus) + self.shipping

    @property
    def counts(self) -> bool:
        """Whether it is worth using."""
        return self.saved > 0 or self.coupon.kind == "gift"


@dataclass(frozen=True, slots=True)
class Usable:
    """A coupon that may be used, and the lines it means."""

    coupon: HeldCoupon
    lines: tuple[int, ...]


def usable(coupon: HeldCoupon, works: Sequence[Work], cart: Cart, shipping: int) -> Usable | Why:
    """The coupon with its lines, or why it cannot be used with this cart."""
    if cart.at < coupon.from_at:
        return "coupon_early", {"at": coupon.from_at}
    if cart.at >= coupon.until_at:
        return "coupon_expired", {"at": coupon.until_at}
    if coupon.tiers and cart.tier not in coupon.tiers:
        return "other_tier", {"tiers": sorted(coupon.tiers)}
    means = [i for i, work in enumerate(works) if coupon.scope.holds(work.line.sku, work.line.category)]
    if not means:
        return "no_product", {}
    others = [not_among(works[i], tuple(coupon.stacks)) for i in means]
    lines = tuple(i for i, other in zip(means, others, strict=True) if other is None)
    if not lines:
        return "not_with", {"kind": others[0]}
    base = sum(works[i].amount for i in lines)
    if base < coupon.min_spend:
        return "spend_short", {"missing": coupon.min_spend - base}
    if coupon.kind == "shipping" and shipping == 0:
        return "shipping_free", {}
    if coupon.kind != "shipping" and base == 0:
        return "nothing_left", {}
    return Usable(coupon, lines)


def apply(chosen: Sequence[Usable], amounts: Sequence[int], shipping: int) -> list[Taken]:
    """What each of the coupons takes off when they are used together, in the order in which they are taken."""
    rest = list(amounts)
    taken = []
    for one in sorted(chosen, key=_place):
        coupon = one.coupon
        if coupon.kind == "shipping":
            minus = min(shipping, coupon.amount or shipping)
            shipping -= minus
            taken.append(Taken(coupon, (), (), minus))
            continue
        weights = [rest[i] for i in one.lines]
        parts = largest_remainder(weights, _minus(coupon, sum(weights)))
        for i, part in zip(one.lines, parts, strict=True):
            rest[i] -= part
        taken.append(Taken(coupon, one.lines, tuple(parts)))
    return taken


def _place(one: Usable) -> tuple[int, int]:
    return _ORDER[one.coupon.kind], one.coupon.id


def _minus(coupon: HeldCoupon, base: int) -> int:
    if coupon.kind == "fixed":
        return min(coupon.amount, base)
    if coupon.kind == "percent":
        minus = min(round_half_up_rate(base, coupon.ppm), base)
        return min(minus, coupon.max_minus) if coupon.max_minus else minus
    return 0


def saved_by(chosen: Sequence[Usable], amounts: Sequence[int], shipping: int) -> tuple[int, int]:
    """What they save together, and how many gifts come with it."""
    taken = apply(chosen, amounts, shipping)
    return sum(one.saved for one in taken), sum(one.coupon.kind == "gift" for one in taken)


def best_of(found: Sequence[Usable], amounts: Sequence[int], shipping: int, most: int) -> list[Usable]:
    """The coupons that save most together; of equal ones those with more gifts, then fewer coupons, then what runs out first.

    At most `most` are used together, and only such as go with other coupons. Every coupon is tried alone, so that the choice is
    never worse than any single one; together, the CANDIDATES that save most alone are tried in every combination.
    """
    alone = {one.coupon.id: saved_by([one], amounts, shipping) for one in found}
    ranked = sorted(found, key=lambda one: (-alone[one.coupon.id][0], one.coupon.until_at, one.coupon.id))
    best: tuple[int, int] = (0, 0)
    chosen: tuple[Usable, ...] = ()
    for one in ranked:
        if alone[one.coupon.id] > best:
            best, chosen = alone[one.coupon.id], (one,)
    social = [one for one in ranked if "coupon" in one.coupon.stacks]
    # Gifts save nothing: they have to be among the candidates by their own right.
    gifts = [one for one in social if one.coupon.kind == "gift"][: CANDIDATES // 3]
    others = [one for one in social if one.coupon.kind != "gift"][: CANDIDATES - len(gifts)]
    candidates = [one for one in social if one in others or one in gifts]
    saves = [alone[one.coupon.id][0] for one in candidates]
    presents = [alone[one.coupon.id][1] for one in candidates]
    ceiling = sum(amounts) + shipping
    for size in range(2, most + 1):
        for places in combinations(range(len(candidates)), size):
            # Together they save at most what they save one by one, and never more than there is to pay.
            bound = 0
            for place in places:
                bound += saves[place]
            bound = min(bound, ceiling)
            if bound < best[0] or (bound == best[0] and sum(presents[place] for place in places) <= best[1]):
                continue
            some = tuple(candidates[place] for place in places)
            together = saved_by(some, amounts, shipping)
            if together > best:
                best, chosen = together, some
    return list(chosen)


def named(
    found: Sequence[Usable], amounts: Sequence[int], shipping: int, most: int
) -> tuple[list[Usable], list[RefusedCoupon]]:
    """Of coupons named by the member, in their sequence: those used, and why the others are not."""
    chosen: list[Usable] = []
    refused = []
    for one in found:
        coupon = one.coupon
        why: Why | None = None
        alone = next((other.coupon for other in chosen if "coupon" not in other.coupon.stacks), None)
        if chosen and (alone or "coupon" not in coupon.stacks):
            why = "not_with_coupon", {"other": (alone or chosen[0].coupon).name}
        elif len(chosen) >= most:
            why = "too_many_coupons", {"most": most}
        elif not all(taken.counts for taken in apply([*chosen, one], amounts, shipping)):
            why = "nothing_left", {}
        if why is None:
            chosen.append(one)
        else:
            refused.append(RefusedCoupon(coupon.id, coupon.name, *why))
    return chosen, refused
