"""What rules give for orders and days, and how an amount is taken from lots. Every division names its rounding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.money import MILLION
from rongshu.engine.points.rules import Offset, Rules, Spending

I64 = NDArray[np.int64]
ONCE = 100
"""The weight of a product that no rule multiplies: hundredths."""


def line_weights(rules: Rules, skus: Sequence[str], categories: Sequence[str]) -> I64:
    """Hundredths that each line's money counts with: the first rule that names its product or a category above it."""
    known: dict[tuple[str, str], int] = {}
    for pair in set(zip(skus, categories, strict=True)):
        known[pair] = next((one.factor for one in rules.products if _names(one.skus, one.categories, *pair)), ONCE)
    return np.array([known[pair] for pair in zip(skus, categories, strict=True)], dtype=np.int64)


def _names(skus: tuple[str, ...] | None, categories: tuple[str, ...] | None, sku: str, category: str) -> bool:
    if skus and sku in skus:
        return True
    return any(category == one or category.startswith(f"{one}/") for one in categories or ())


def points_of(spending: Spending, weighted: Sequence[int], tier_ppm: Sequence[int]) -> list[int]:
    """Points of each order for its weighted money (minor units × hundredths) and its tier's multiplier, rounded once an order."""
    whole = spending.per * ONCE * MILLION
    half = whole // 2 if spending.rounding == "half_up" else 0  # exact: `whole` is even
    return [(weight * spending.points * ppm + half) // whole for weight, ppm in zip(weighted, tier_ppm, strict=True)]


def within_cap(points: I64, groups: I64, room: I64) -> I64:
    """What of each (>= 0) is left when each group, in the order given, gets at most its room (by group number)."""
    out = np.zeros_like(points)
    if not len(points):
        return out
    order = np.argsort(groups, kind="stable")
    grouped, amount = groups[order], points[order]
    running = np.cumsum(amount)
    start = np.flatnonzero(np.r_[True, grouped[1:] != grouped[:-1]])
    sizes = np.diff(np.r_[start, len(grouped)])
    before = np.repeat(running[start] - amount[start], sizes)
    upto, most = running - before, np.maximum(room[grouped], 0)
    out[order] = np.minimum(upto, most) - np.minimum(upto - amount, most)
    return out


def take(left: I64, groups: I64, wanted: I64) -> I64:
    """How much to take of each lot, lots in the order they are to be used, so that each group gives `wanted`, or all it has."""
    return within_cap(left, groups, wanted)


def taken_back(granted: int, refunded: int, whole: int) -> int:
    """What of `granted` is taken back in all when `refunded` of `whole` was: halves upwards, so that parts add up to all of it."""
    return granted if whole <= 0 else (2 * granted * refunded + whole) // (2 * whole)


def offset_of(usable: int, offset: Offset | None) -> int:
    """What so many points take off an order at most, in the smallest unit: whole steps, rounded down; 0 where they are too few."""
    if offset is None or usable < max(offset.least, offset.step):
        return 0
    return usable // offset.step * offset.step * offset.worth // 100


def sign_in_points(rules: Rules, day: int) -> int:
    """For the `day`-th day in a row (from 1); the last that is written is for every day after."""
    return rules.sign_in[min(day, len(rules.sign_in)) - 1] if rules.sign_in else 0


def lapse_forecast(left: Sequence[int], used: Sequence[int], expired: int) -> list[int]:
    """How many of `left` will likely lapse, by months to the end (0: the last).

    `used` is what lots that are over lost to use in each month before their end, `expired` what of them lapsed: of what was still
    there so many months before the end, `expired / (expired + used since)` lapsed in the end. Halves upwards.
    """
    found, there = [], expired
    for month, amount in enumerate(left):
        there += used[month] if month < len(used) else 0
        found.append((2 * amount * expired + there) // (2 * there) if there else 0)
    return found
