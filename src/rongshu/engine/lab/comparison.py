"""Two plans on the same orders: what changes, for whom, and where."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rongshu.engine.lab.trial import Ground, Trial
from rongshu.engine.rating.frames import I64

SHOWN = 50
"""How many orders, promoters and days a comparison names."""

Pair = tuple[int, int, int]
"""Which one (a row of its frame), what it has by the first plan, what by the second."""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """`before` and `after` are the trials of the two plans; every list is of at most SHOWN entries."""

    before: Trial
    after: Trial
    gainers: int
    gained: int
    losers: int
    lost: int
    """How many promoters have more and less, and how much more and less in all (both >= 0)."""
    most_gained: tuple[Pair, ...]
    most_lost: tuple[Pair, ...]
    orders_changed: int
    orders: tuple[Pair, ...]
    """The orders with the largest difference, the largest first."""
    heaviest_days: tuple[Pair, ...]
    """Days (positions in `Ground.days`) on which the second plan accrues most, the largest first."""
    worst_days: tuple[Pair, ...]
    """Days on which the second plan takes the largest part of what was paid."""

    @property
    def difference(self) -> int:
        """What the second plan costs more than the first; below 0 when it costs less."""
        return self.after.cost - self.before.cost


def compare(before: Trial, after: Trial, ground: Ground) -> Comparison:
    """Two trials on one ground."""
    moved = after.by_promoter - before.by_promoter
    of_orders = after.by_order - before.by_order
    up, down = moved > 0, moved < 0
    paid = ground.paid_by_day
    ratio = after.by_day / np.maximum(paid, 1)
    return Comparison(
        before=before,
        after=after,
        gainers=int(up.sum()),
        gained=int(moved[up].sum()),
        losers=int(down.sum()),
        lost=-int(moved[down].sum()),
        most_gained=_pairs(largest(np.where(up, moved, 0)), before.by_promoter, after.by_promoter),
        most_lost=_pairs(largest(np.where(down, -moved, 0)), before.by_promoter, after.by_promoter),
        orders_changed=int(np.count_nonzero(of_orders)),
        orders=_pairs(largest(np.abs(of_orders)), before.by_order, after.by_order),
        heaviest_days=_pairs(largest(after.by_day), before.by_day, after.by_day),
        worst_days=_pairs(largest(np.where(paid > 0, ratio, 0)), before.by_day, after.by_day),
    )


def largest(values: I64, count: int = SHOWN) -> I64:
    """Where the largest values above 0 are, the largest first, ties by place."""
    places = np.flatnonzero(values > 0)
    if len(places) > 8 * count:
        edge = np.partition(values[places], -count)[-count]
        places = places[values[places] >= edge]
    order: I64 = places[np.argsort(-values[places], kind="stable")][:count]
    return order


def _pairs(places: I64, before: I64, after: I64) -> tuple[Pair, ...]:
    return tuple(zip(places.tolist(), before[places].tolist(), after[places].tolist(), strict=True))
