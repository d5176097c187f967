"""What a promoter might do next, from their own figures: each with its reason in numbers, and none from noise.

Two channels are compared only where both have visitors enough and the intervals of their rates lie apart (Wilson, "Probable
inference, the law of succession, and statistical inference", JASA 1927).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

MIN_VISITORS, MIN_ORDERS, MIN_SILENT = 30, 5, 100
"""Visitors each of two channels needs before they are compared; orders the better one needs; visitors without any order worth a word."""
TIMES = 2
"""By how many times the better channel has to be better."""
Z = 1.645
"""Each interval holds the true rate with a probability of 90 %."""


@dataclass(frozen=True, slots=True)
class Channel:
    """People who came by a channel, and the orders of them."""

    key: str
    visitors: int
    orders: int


@dataclass(frozen=True, slots=True)
class Facts:
    """A promoter's figures: channels of the last weeks, bonds that end soon, direct members without an order, clicks."""

    channels: Sequence[Channel] = ()
    ending: int = 0
    new: int = 0
    """Directly invited, joined lately, no order yet."""
    sleeping: int = 0
    """Directly invited earlier, no order lately."""
    clicks_week: int = 0
    clicks_before: int = 0
    """Clicks of the weeks before the last."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One suggestion: its code (`better_channel`, `ending`, `new`, `sleeping`, `quiet`, `silent_channel`, `begin`) and its numbers."""

    code: str
    channel: str = ""
    other: str = ""
    orders: int = 0
    visitors: int = 0
    other_orders: int = 0
    other_visitors: int = 0
    times: int = 0
    """How many times as many orders a visitor, rounded down."""
    count: int = 0


def interval(orders: int, visitors: int) -> tuple[float, float]:
    """Between what the true rate of orders a visitor probably lies. More orders than visitors count as one each."""
    rate, n = min(orders, visitors) / visitors, visitors
    middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def suggestions(facts: Facts) -> tuple[Suggestion, ...]:
    """What to do next, the most urgent first: what runs out, then people, then channels. Nothing where nothing can be said."""
    if not facts.clicks_week and not facts.clicks_before and not any(one.orders for one in facts.channels):
        found = [Suggestion("begin")]
    elif not facts.clicks_week and facts.clicks_before >= MIN_VISITORS:
        found = [Suggestion("quiet", count=facts.clicks_before)]
    else:
        found = []
    for code, number in (("ending", facts.ending), ("new", facts.new), ("sleeping", facts.sleeping)):
        if number:
            found.append(Suggestion(code, count=number))
    if (better := _better(facts.channels)) is not None:
        found.append(better)
    found += [
        Suggestion("silent_channel", one.key, visitors=one.visitors)
        for one in facts.channels
        if one.visitors >= MIN_SILENT and not one.orders
    ]
    first = {"ending": 0, "begin": 1}
    return tuple(sorted(found, key=lambda one: first.get(one.code, 2)))


def _better(channels: Sequence[Channel]) -> Suggestion | None:
    """The channel with the best rate beside the one most people come by, where the difference is none of chance."""
    known = [one for one in channels if one.visitors >= MIN_VISITORS]
    if len(known) < 2:
        return None
    best = max(known, key=lambda one: (one.orders / one.visitors, one.visitors, one.key))
    most = max((one for one in known if one is not best), key=lambda one: (one.visitors, one.key))
    if best.orders < MIN_ORDERS or interval(best.orders, best.visitors)[0] <= interval(most.orders, most.visitors)[1]:
        return None
    # compared as whole numbers: best.orders / best.visitors >= TIMES * most.orders / most.visitors
    if best.orders * most.visitors < TIMES * most.orders * best.visitors:
        return None
    times = best.orders * most.visitors // (most.orders * best.visitors) if most.orders else 0
    return Suggestion(
        "better_channel", best.key, most.key, best.orders, best.visitors, most.orders, most.visitors, times=times
    )
