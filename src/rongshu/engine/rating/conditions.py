"""Where the conditions of a plan hold: for whole orders, and for the words of a vocabulary, never line by line.

Meanings the plan language leaves open: an order without a known buyer is neither first nor repeat; `promoter_days` does
not hold for a promoter whose joining is unknown, and counts whole days downwards (an order paid before the joining
is below 0 days); a line, an order or a promoter without a word matches no word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import tzinfo
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.calendar import DAY, day_number, local_days
from rongshu.engine.plan import DateRange, DayRange, When
from rongshu.engine.rating.frames import BEGINNING, FIRST, I64, REPEAT, Lines, Orders, Promoters

Flags = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

LINE_KEYS = frozenset({"sku", "category"})
"""Keys that differ between the lines of one order; all others hold for an order, or for an order's beneficiary."""


class Facts:
    """What conditions look at, computed once when first asked for."""

    def __init__(self, zone: tzinfo, promoters: Promoters, orders: Orders, lines: Lines) -> None:
        self.zone, self.promoters, self.orders, self.lines = zone, promoters, orders, lines
        self._words: dict[tuple[str, tuple[str, ...]], Flags] = {}

    @cached_property
    def days(self) -> I64:
        """The day each order was paid, in the tenant's time zone."""
        return local_days(self.orders.paid_at, self.zone)

    @cached_property
    def order_paid(self) -> I64:
        """What the buyer paid for all lines of each order, minor units."""
        return sum_by_order(self.lines.order, self.lines.paid, len(self.orders))

    def words(self, key: str, wanted: tuple[str, ...]) -> Flags:
        """Which words of a vocabulary match; one entry more, for the code of no word, is never true."""
        if (key, wanted) not in self._words:
            matching = _category_matches if key == "category" else _word_matches
            self._words[key, wanted] = matching(self._vocabulary(key), wanted)
        return self._words[key, wanted]

    def _vocabulary(self, key: str) -> Sequence[str]:
        match key:
            case "rank":
                return self.promoters.ranks
            case "tier":
                return self.orders.tiers
            case "channel":
                return self.orders.channels
            case "store":
                return self.orders.stores
            case "region":
                return self.orders.regions
            case "sku":
                return self.lines.skus
            case _:
                return self.lines.categories


def for_orders(when: When, facts: Facts, takers: I64) -> Flags | None:
    """For each order, whether all conditions but those on lines hold for the taker of a level; None: there are none.

    Where nobody takes the level the answer has no meaning.
    """
    held: Flags | None = None
    for key in when.given:
        if key in LINE_KEYS:
            continue
        here = _for_orders(key, when, facts, takers)
        held = here if held is None else held & here
    return held


def _for_orders(key: str, when: When, facts: Facts, takers: I64) -> Flags:
    orders = facts.orders
    value = getattr(when, key)
    match key:
        case "order":
            wanted = [FIRST if word == "first" else REPEAT for word in value]
            return np.isin(orders.first, wanted)
        case "rank":
            if facts.promoters.history is not None:
                return _take(facts.words("rank", value), facts.promoters.rank_at(takers, orders.paid_at))
            return _take(_take(facts.words("rank", value), facts.promoters.rank), takers)
        case "promoter_days":
            return _promoter_days(value, facts, takers)
        case "paid":
            return _paid(value, facts.days)
        case "min_order":
            enough: Flags = facts.order_paid >= value
            return enough
        case _:
            codes: I64 = getattr(orders, key)
            return _take(facts.words(key, value), codes)


def for_lines(when: When, facts: Facts) -> Flags | None:
    """For each line, whether the conditions on lines hold; None: there are none."""
    held: Flags | None = None
    for key in ("sku", "category"):
        wanted = getattr(when, key)
        if wanted is not None:
            here = _take(facts.words(key, wanted), getattr(facts.lines, key))
            held = here if held is None else held & here
    return held


def _promoter_days(window: DayRange, facts: Facts, takers: I64) -> Flags:
    joined = _take(facts.promoters.joined_at, takers) if len(facts.promoters) else takers
    known: Flags = joined != BEGINNING
    days = (facts.orders.paid_at - np.where(known, joined, 0)) // DAY
    if window.start is not None:
        known &= days >= window.start
    if window.below is not None:
        known &= days < window.below
    return known


def _paid(window: DateRange, days: I64) -> Flags:
    held = np.ones(len(days), dtype=np.bool_)
    if window.start is not None:
        held &= days >= day_number(window.start)
    if window.end is not None:
        held &= days < day_number(window.end)
    return held


def _word_matches(vocabulary: Sequence[str], wanted: Iterable[str]) -> Flags:
    words = frozenset(wanted)
    return _flags((word in words for word in vocabulary), len(vocabulary))


def _category_matches(vocabulary: Sequence[str], wanted: Iterable[str]) -> Flags:
    """`a/b/c` matches `a`, `a/b` and `a/b/c`."""
    words = tuple(wanted)
    below = tuple(word + "/" for word in words)
    return _flags((word in words or word.startswith(below) for word in vocabulary), len(vocabulary))


def _flags(matches: Iterable[bool], count: int) -> Flags:
    flags = np.zeros(count + 1, dtype=np.bool_)
    flags[:count] = np.fromiter(matches, dtype=np.bool_, count=count)
    return flags


def _take(values: NDArray[T], at: I64) -> NDArray[T]:
    """`values[at]`; -1 takes the last entry. Nothing at all is taken from nothing."""
    return values.take(at) if values.size else np.zeros(len(at), dtype=values.dtype)


def sum_by_order(order: I64, values: I64, count: int) -> I64:
    """Exact sums of `values` (>= 0) by order, for `order` ascending."""
    if not values.size or int(values.max()) * len(values) < 2**53:
        # Every partial sum is an integer that a float64 holds exactly.
        return np.bincount(order, weights=values, minlength=count).astype(np.int64)
    ends = np.searchsorted(order, np.arange(count + 1))
    sums = np.zeros(len(values) + 1, dtype=np.int64)
    np.cumsum(values, out=sums[1:])
    out: I64 = np.diff(sums[ends])
    return out
