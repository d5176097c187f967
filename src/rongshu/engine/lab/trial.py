"""One plan tried on the orders of a time: what it pays by kind and level, order, promoter, category and day.

Money in minor units, before refunds unless it says otherwise. A promoter's amount holds the rewards of periods too, a day's and an
order's do not. Lines whose cost is 0 count as lines without a known cost.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.calendar import local_days
from rongshu.engine.periods import close_periods
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Rows, bases, rate, reversal_due
from rongshu.engine.rating.frames import I64, Chains, Lines, Orders, Promoters, Usage
from rongshu.engine.shares import gini, top_share

Frame = TypeVar("Frame", Orders, Lines, Rows)


class Ground:
    """What plans are tried on, with what does not depend on the plan; computed once when first asked for."""

    def __init__(
        self, zone: tzinfo, promoters: Promoters, orders: Orders, lines: Lines, refunded: I64, usage: Usage, ids: I64
    ) -> None:
        """`refunded` is everything refunded of each line, `usage` what was accrued before, `ids` the promoters' ids, for ties."""
        self.zone, self.promoters, self.orders, self.lines = zone, promoters, orders, lines
        self.refunded, self.usage, self.ids = refunded, usage, ids

    @cached_property
    def days(self) -> I64:
        """The days on which something was paid, ascending, in the tenant's zone: days since 1970."""
        return np.unique(local_days(self.orders.paid_at, self.zone))

    @cached_property
    def day(self) -> I64:
        """By order: which of `days`."""
        return np.searchsorted(self.days, local_days(self.orders.paid_at, self.zone))

    @cached_property
    def category(self) -> I64:
        """By line: the code of its category; the last one stands for none."""
        return np.where(self.lines.category < 0, len(self.lines.categories), self.lines.category)

    @cached_property
    def paid_by_order(self) -> I64:
        return sums(self.lines.order, self.lines.paid, len(self.orders))

    @cached_property
    def paid_by_day(self) -> I64:
        return sums(self.day, self.paid_by_order, len(self.days))

    @cached_property
    def paid_by_category(self) -> I64:
        return sums(self.category, self.lines.paid, len(self.lines.categories) + 1)

    @cached_property
    def paid(self) -> int:
        return int(self.lines.paid.sum())

    @cached_property
    def paid_back(self) -> int:
        """What refunds gave back of what was paid."""
        return int(np.minimum(self.refunded, self.lines.paid).sum())

    @cached_property
    def costed(self) -> NDArray[np.bool_]:
        """The lines whose cost is known."""
        return self.lines.cost > 0

    @cached_property
    def margin(self) -> int:
        """What was paid less the cost, of the lines whose cost is known; it may be below 0."""
        known = self.costed
        return int((self.lines.paid[known] - self.lines.cost[known] * self.lines.qty[known]).sum())


@dataclass(frozen=True, slots=True)
class Reward:
    """What a rule of steps or a pool pays for one period of the orders tried, net of refunds."""

    kind: str
    """`steps` or `pool`."""
    rule: str
    period: str
    amount: int
    promoters: int


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """What one plan pays."""

    plan: Plan
    rows: int
    by_level: tuple[tuple[int, int, int, int, int], ...]
    """(kind, level, accrued, reversed, base of what was paid for), by kind and level."""
    rewards: tuple[Reward, ...]
    by_order: I64
    by_promoter: I64
    by_category: I64
    by_day: I64
    cut_order: int
    cut_promoter: int
    orders_cut: I64
    """Rows of `Orders` from which a cap took something."""
    by_cap: tuple[int, int, int]
    """How many orders the cap of an order, of a promoter's day, of a promoter's month cut."""
    of_costed: int
    """What was accrued of lines whose cost is known."""
    base: int
    """The base of all lines."""
    differential_base: int
    """The base of the lines of which somebody earns by rank."""

    @property
    def accrued(self) -> int:
        return sum(each[2] for each in self.by_level)

    @property
    def reversed(self) -> int:
        return sum(each[3] for each in self.by_level)

    @property
    def rewarded(self) -> int:
        """Rewards of periods: steps and pools."""
        return sum(each.amount for each in self.rewards)

    @property
    def cost(self) -> int:
        """What the plan costs in the end: accrued less what refunds take back, and the rewards of periods."""
        return self.accrued - self.reversed + self.rewarded

    @property
    def earners(self) -> int:
        return int(np.count_nonzero(self.by_promoter))

    @property
    def top_share(self) -> int | None:
        """The part of all earnings that the top 1 % of the earners hold, in ppm."""
        return top_share(self.by_promoter[self.by_promoter > 0])

    @property
    def gini(self) -> int | None:
        """The Gini coefficient of what earners have, in ppm."""
        return gini(self.by_promoter[self.by_promoter > 0])


def sums(codes: I64, values: I64, count: int) -> I64:
    """Exact sums of `values` by code; both of one length."""
    if not values.size:
        return np.zeros(count, dtype=np.int64)
    most = max(abs(int(values.max())), abs(int(values.min())))
    if most * len(values) < 2**53:
        # Every partial sum is an integer that a float64 holds exactly.
        return np.bincount(codes, weights=values, minlength=count).astype(np.int64)
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, codes, values)
    return total


def try_plan(plan: Plan, ground: Ground) -> Trial:
    """What `plan` pays for the orders of `ground`, with the very functions that rate live orders."""
    lines, orders = ground.lines, ground.orders
    rows = rate(plan, ground.zone, ground.promoters, orders, lines, ground.usage, with_chains=False).rows
    taken = reversal_due(rows.amount, lines.paid.take(rows.line), ground.refunded.take(rows.line))
    by_order = sums(rows.order, rows.amount, len(orders))
    by_promoter = sums(rows.beneficiary, rows.amount, len(ground.promoters))
    rewards = []
    for closed in close_periods(plan, ground.zone, ground.promoters, orders, lines, ground.refunded, ground.ids):
        amount, who = int(closed.amount.sum()), len(closed.promoter)
        rewards.append(Reward(closed.kind, closed.rule, closed.period.name, amount, who))
        by_promoter[closed.promoter] += closed.amount
    cuts = (rows.cut_order, rows.cut_day, rows.cut_month)
    cut_any = cuts[0] + cuts[1] + cuts[2] > 0
    ranked, base = np.unique(rows.line[rows.kind > 0]), bases(plan, lines)
    return Trial(
        plan=plan,
        rows=len(rows),
        by_level=_by_level(rows, taken),
        rewards=tuple(rewards),
        by_order=by_order,
        by_promoter=by_promoter,
        by_category=sums(ground.category.take(rows.line), rows.amount, len(lines.categories) + 1),
        by_day=sums(ground.day, by_order, len(ground.days)),
        cut_order=int(rows.cut_order.sum()),
        cut_promoter=int((rows.cut_day + rows.cut_month).sum()),
        orders_cut=np.unique(rows.order[cut_any]),
        by_cap=(_orders_cut(rows, cuts[0]), _orders_cut(rows, cuts[1]), _orders_cut(rows, cuts[2])),
        of_costed=int(rows.amount[ground.costed.take(rows.line)].sum()),
        base=int(base.sum()),
        differential_base=int(base[ranked].sum()) if len(ranked) else 0,
    )


def _orders_cut(rows: Rows, cut: I64) -> int:
    return len(np.unique(rows.order[cut > 0]))


def _by_level(rows: Rows, taken: I64) -> tuple[tuple[int, int, int, int, int], ...]:
    if not len(rows):
        return ()
    width = int(rows.level.max()) + 1
    key = rows.kind * width + rows.level
    count = int(key.max()) + 1
    found = np.flatnonzero(np.bincount(key, minlength=count))
    accrued, reversed_, base = (sums(key, values, count) for values in (rows.amount, taken, rows.base))
    return tuple(
        (code // width, code % width, int(accrued[code]), int(reversed_[code]), int(base[code]))
        for code in found.tolist()
    )


def rows_of_order(plan: Plan, ground: Ground, order: int) -> Rows:
    """The commission rows of one order; all orders are rated only where a promoter's cap lets them depend on one another."""
    if plan.caps.promoter_day is not None or plan.caps.promoter_month is not None:
        rows = rate(
            plan, ground.zone, ground.promoters, ground.orders, ground.lines, ground.usage, with_chains=False
        ).rows
    else:
        alone, lines, start = _alone(ground, order)
        rows = rate(plan, ground.zone, ground.promoters, alone, lines, with_chains=False).rows
        rows = replace(rows, order=rows.order + order, line=rows.line + start)
    start, end = np.searchsorted(rows.order, [order, order + 1])
    return _taken(rows, np.arange(start, end))


def chain_of_order(plan: Plan, ground: Ground, order: int) -> Chains:
    """Who stood in the chain of one order, as far as the plan looks; `order` is 0 there. Caps have no part in it."""
    alone, lines, _ = _alone(ground, order)
    return rate(plan, ground.zone, ground.promoters, alone, lines).chains


def _alone(ground: Ground, order: int) -> tuple[Orders, Lines, int]:
    """One order as if there were no other, its lines, and where they begin among all."""
    start, end = np.searchsorted(ground.lines.order, [order, order + 1]).tolist()
    lines = replace(_taken(ground.lines, np.arange(start, end)), order=np.zeros(end - start, dtype=np.int64))
    return _taken(ground.orders, np.array([order])), lines, start


def _taken(frame: Frame, at: I64) -> Frame:
    """The entries at some places of every array of a frame."""
    arrays: dict[str, Any] = {
        name: value[at] for name in frame.__slots__ if isinstance(value := getattr(frame, name), np.ndarray)
    }
    return replace(frame, **arrays)
