"""Stage 2: pieces bought together. A piece is in at most one bundle; bundles are taken in the order of the document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rongshu.engine.money import largest_remainder
from rongshu.engine.prices.frames import Cart, Scope
from rongshu.engine.prices.model import Bundle, BundlePart, Rules
from rongshu.engine.prices.work import Why, Work, less, not_among, why_not


def take_bundles(works: Sequence[Work], cart: Cart, rules: Rules, local: datetime) -> None:
    """Takes every bundle as often as its pieces are there and it saves something.

    Each set of pieces is filled part by part, narrow parts (by sku) before wide ones, the dearest pieces first.
    """
    free = [work.line.qty for work in works]
    for bundle in rules.bundles:
        means = [index for index, work in enumerate(works) if _means(bundle, work)]
        if not means:
            continue
        why = why_not(bundle.when, cart, local)
        if why is not None:
            for index in means:
                works[index].miss(bundle, "bundle", why)
            continue
        _take(bundle, works, means, free)


def _means(bundle: Bundle, work: Work) -> bool:
    return any(part.scope.holds(work.line.sku, work.line.category) for part in bundle.parts)


def _width(part: BundlePart) -> int:
    scope: Scope = part.scope
    return 2 if not scope.skus and not scope.categories else 1 if scope.categories else 0


def _take(bundle: Bundle, works: Sequence[Work], means: Sequence[int], free: list[int]) -> None:
    reasons: dict[int, Why] = {}
    usable = []
    for index in means:
        other = not_among(works[index], (*bundle.goes_with, "bundle"))
        if other is not None:
            reasons[index] = ("not_with", {"kind": other})
        elif free[index] == 0:
            reasons[index] = ("in_another_bundle", {})
        else:
            usable.append(index)
    usable.sort(key=lambda index: (-works[index].unit, index))
    parts = sorted(bundle.parts, key=_width)
    weights: dict[int, int] = {}
    total, left = 0, bundle.times
    ended: Why = ("no_more_times", {})
    while left is None or left > 0:
        taken, short = _fill(parts, works, usable, free)
        if short:
            ended = ("pieces_short", {"missing": short})
            break
        saving = _saving(bundle, works, taken)
        if saving <= 0:
            ended = ("not_lower", {})
            break
        again = min(free[index] // pieces for index, pieces in taken.items())
        again = again if left is None else min(again, left)
        left = left if left is None else left - again
        total += saving * again
        for index, pieces in taken.items():
            free[index] -= pieces * again
            weights[index] = weights.get(index, 0) + works[index].unit * pieces * again
    order = sorted(weights)
    for index, minus in zip(order, largest_remainder([weights[index] for index in order], total), strict=True):
        works[index].take(bundle.id, "bundle", bundle.name, minus)
    for index in means:
        if index not in weights:
            works[index].miss(bundle, "bundle", reasons.get(index, ended))


def _fill(
    parts: Sequence[BundlePart], works: Sequence[Work], usable: Sequence[int], free: Sequence[int]
) -> tuple[dict[int, int], int]:
    """One set, as pieces by line, and how many pieces are missing for it."""
    taken: dict[int, int] = {}
    short = 0
    for part in parts:
        needed = part.pieces
        for index in usable:
            line = works[index].line
            there = free[index] - taken.get(index, 0)
            if needed and there and part.scope.holds(line.sku, line.category):
                pieces = min(needed, there)
                taken[index] = taken.get(index, 0) + pieces
                needed -= pieces
        short += needed
    return taken, short


def _saving(bundle: Bundle, works: Sequence[Work], taken: Mapping[int, int]) -> int:
    """What one set saves; not above 0 when the bundle is no cheaper."""
    value = sum(works[index].unit * pieces for index, pieces in taken.items())
    if bundle.price is not None:
        return value - bundle.price
    if bundle.minus is not None:
        return min(bundle.minus, value)
    if bundle.discount is not None:
        return value - less(value, bundle.discount)
    cheapest = min(works[index].unit for index in taken)
    return cheapest - less(cheapest, bundle.cheapest or 0)
