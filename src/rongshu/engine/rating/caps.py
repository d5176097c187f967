"""Caps: of an order's base, and of what a promoter accrues in a day and a month. Exact, without a loop over rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from rongshu.engine.calendar import months_of_days
from rongshu.engine.money import floor_rate, floor_ratio
from rongshu.engine.plan import Caps
from rongshu.engine.rating.conditions import sum_by_order
from rongshu.engine.rating.frames import I64, Usage
from rongshu.engine.sequence import group_starts, place_in_group, stable_order


def cut_orders(ppm: int, order_base: I64, order: I64, amount: I64) -> I64:
    """What the order cap takes from each row.

    `order_base` has the base of all lines of each order, `order` and `amount` one entry a row, sorted by (order, line,
    kind, level). Rows of an order above `floor(base × ppm / 10^6)` share that limit in proportion to their amounts,
    rounded down; the missing units go to the largest remainders, ties to the earlier row.
    """
    cut = np.zeros(len(amount), dtype=np.int64)
    limit = floor_rate(order_base, ppm)
    total = sum_by_order(order, amount, len(order_base))
    over = total > limit
    if not over.any():
        return cut
    rows = np.flatnonzero(over.take(order))
    mine = order[rows]
    part, whole, have = limit[mine], total[mine], amount[rows]
    share = floor_ratio(have, part, whole)
    # Wide products wrap around, and so does their difference, back to the true remainder, which is below `whole`.
    remainder = have * part - share * whole
    missing = limit - sum_by_order(mine, share, len(limit))
    width = int(remainder.max()).bit_length()
    if width + int(mine[-1]).bit_length() + len(mine).bit_length() <= 63:
        by_remainder = stable_order((mine << width) + ((1 << width) - 1 - remainder))
    else:
        by_remainder = np.lexsort((-remainder, mine))
    share[by_remainder] += place_in_group(mine) < missing[mine]
    cut[rows] = have - share
    return cut


def cut_promoters(
    caps: Caps, usage: Usage, order_day: I64, order: I64, beneficiary: I64, amount: I64
) -> tuple[I64, I64]:
    """What the caps of a promoter's day and month take from each row, day before month.

    `order_day` is the local day of each order; the rows come in the sequence in which they count. What a day has
    used is what the rows before really accrued, the cut of the month included, so that both cuts are the ones of a
    ledger that had rated row by row.
    """
    by_day, by_month = np.zeros(len(amount), dtype=np.int64), np.zeros(len(amount), dtype=np.int64)
    if not amount.size or (caps.promoter_day is None and caps.promoter_month is None):
        return by_day, by_month
    rows = _near(caps, usage, order_day, order, beneficiary, amount)
    if not rows.size:
        return by_day, by_month
    who, have, days = beneficiary[rows], amount[rows], order_day.take(order[rows])
    day_of = _Periods(who, days, usage.day)
    cut_day = np.zeros(len(rows), dtype=np.int64)
    if caps.promoter_day is not None:
        cut_day = day_of.cut(caps.promoter_day, have)
    if caps.promoter_month is not None:
        month_of = _Periods(who, months_of_days(days), usage.month)
        cut_month = month_of.cut(caps.promoter_month, have - cut_day)
        if caps.promoter_day is not None:
            _after_month(day_of, month_of, caps.promoter_day, have, cut_day, cut_month)
        by_month[rows] = cut_month
    by_day[rows] = cut_day
    return by_day, by_month


def _near(caps: Caps, usage: Usage, order_day: I64, order: I64, beneficiary: I64, amount: I64) -> I64:
    """Rows of the promoters and months that could reach a cap at all.

    Sums in floating point, with more than room for their error.
    """
    lowest = min(cap for cap in (caps.promoter_day, caps.promoter_month) if cap is not None)
    order_month = months_of_days(order_day)
    first = int(order_month.min())
    span = int(order_month.max()) - first + 1
    if (int(beneficiary.max()) + 1) * span > 8 * len(amount) + 1_000_000:
        span = 1  # months are told apart only while a table of promoters and months stays small
    key = beneficiary if span == 1 else beneficiary * span + (order_month - first).take(order)
    total = np.bincount(key, weights=amount)
    for used, of_days in ((usage.day, True), (usage.month, False)):
        if used:
            who, period, units = _columns(used)
            month = months_of_days(period) if of_days else period
            cell = who if span == 1 else who * span + (month - first)
            inside = (cell < len(total)) & ((span == 1) | ((month >= first) & (month < first + span)))
            np.add.at(total, cell[inside], units[inside])
    return np.flatnonzero((total > lowest * (1 - 1e-6) - 1).take(key))


def _columns(used: Mapping[tuple[int, int], int]) -> tuple[I64, I64, I64]:
    """Promoter, period and units of each entry."""
    pairs = np.array(list(used), dtype=np.int64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1], np.fromiter(used.values(), dtype=np.int64, count=len(used))


class _Periods:
    """Rows grouped by promoter and period, in their sequence within a group."""

    def __init__(self, who: I64, period: I64, used: Mapping[tuple[int, int], int]) -> None:
        first = int(period.min())
        span = int(period.max()) - first + 1
        key = who * span + (period - first)
        self.sequence = stable_order(key)
        in_order = key.take(self.sequence)
        starts = group_starts(in_order)
        self.starts = np.flatnonzero(starts)
        self.group = np.cumsum(starts) - 1
        self.used = np.zeros(len(self.starts), dtype=np.int64)
        if used:
            self._look_up(in_order[self.starts], first, span, used)

    def _look_up(self, keys: I64, first: int, span: int, used: Mapping[tuple[int, int], int]) -> None:
        who, period, units = _columns(used)
        inside = (period >= first) & (period < first + span)
        wanted = (who * span + period - first)[inside]
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        found = keys[at] == wanted
        self.used[at[found]] = units[inside][found]

    def before(self, amount: I64) -> I64:
        """Sum of the earlier rows of the same group; `amount` and the answer in sequence."""
        sums = np.cumsum(amount) - amount
        out: I64 = sums - sums[self.starts][self.group]
        return out

    def totals(self, amount: I64) -> I64:
        """Sum of each group; `amount` in sequence."""
        out: I64 = np.add.reduceat(amount, self.starts)
        return out

    def cut(self, cap: int, amount: I64) -> I64:
        """What a cap takes when the rows of each group fill it one after the other; rows as they came."""
        have = amount[self.sequence]
        room = np.maximum(cap - self.used, 0)[self.group]
        before = np.minimum(self.before(have), room)
        cut = np.empty(len(have), dtype=np.int64)
        cut[self.sequence] = have - np.minimum(have, room - before)
        return cut


def _after_month(days: _Periods, months: _Periods, cap: int, have: I64, cut_day: I64, cut_month: I64) -> None:
    """Correct the cuts of rows that come after their month was used up.

    From the first row the month cuts, nothing more is accrued in that month: its days stay as used as they are then.
    Both cuts of a later row follow from that; the amount left, 0, does not change.
    """
    taken = cut_month[months.sequence]
    late = np.zeros(len(have), dtype=np.bool_)
    late[months.sequence] = months.before(taken) > 0
    if not late.any():
        return
    final = have - cut_day - cut_month
    room = np.maximum(cap - days.used - days.totals(final[days.sequence]), 0)
    room_of = np.empty(len(have), dtype=np.int64)
    room_of[days.sequence] = room[days.group]
    cut_day[late] = (have - np.minimum(have, room_of))[late]
    cut_month[late] = (have - cut_day)[late]
