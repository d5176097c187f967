"""Steps and pools of closed periods: own sales, bands, funds and their shares. Everything in integers, for everybody at once.

Words: period 周期, own sales 个人销售额, band 阶梯档位, fund 奖金池总额, reward 周期奖励.

Left open by the plan language and fixed here:

- An order counts for its direct promoter's own sales (with `self_purchase: rebate` for a buyer who is an active promoter) when
  that promoter was active when it was paid. Nobody above moves down for own sales, `compress` or not.
- With `self_purchase: none` an order bought by its own direct promoter counts for nobody; in the house's net base it does.
- What a refund takes from a line's base is the share it takes from commissions: `round_half_up(base × R / P)`.
- Bands of `marginal` are rounded half up each. A pool's fund is rounded half up, like every amount.
- A steps reward stays with whoever made the sales, still active at the end of the period or not; a pool asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.calendar import day_number, instant_of, local_days, months_of_days
from rongshu.engine.money import floor_ratio, round_half_up_rate
from rongshu.engine.plan.model import Band, Plan, Pool
from rongshu.engine.rating.frames import I64, NONE, Lines, Orders, Promoters
from rongshu.engine.rating.refunds import reversal_due
from rongshu.engine.rating.rows import bases

Length = Literal["month", "quarter", "year"]
Apply = Literal["marginal", "whole"]
Kind = Literal["steps", "pool"]
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
_EPOCH = 719_163


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar month, quarter or year: days since 1970-01-01 in the tenant's zone, `end` exclusive."""

    length: Length
    start: int
    end: int

    @property
    def name(self) -> str:
        """`2026-05`, `2026-Q2` or `2026`."""
        day = self.first_day
        if self.length == "year":
            return f"{day.year:04}"
        return f"{day.year:04}-{f'Q{day.month // 3 + 1}' if self.length == 'quarter' else f'{day.month:02}'}"

    @property
    def first_day(self) -> date:
        return date.fromordinal(self.start + _EPOCH)

    @property
    def next_first_day(self) -> date:
        return date.fromordinal(self.end + _EPOCH)

    def bounds(self, zone: tzinfo) -> tuple[int, int]:
        """The instants of its beginning and its end, microseconds UTC, the end exclusive."""
        return beginning_of(self.first_day, zone), beginning_of(self.next_first_day, zone)

    def following(self) -> Period:
        """The next one of the same length."""
        return period_of(self.end, self.length)


def beginning_of(day: date, zone: tzinfo) -> int:
    """The first instant of a day in a zone, microseconds UTC."""
    return instant_of(datetime.combine(day, time(), zone))


def period_numbers(days: I64, length: Length) -> I64:
    """The number of the period each day is in: months, quarters or years since the year 0."""
    return months_of_days(days) // _MONTHS[length]


def period_numbered(number: int, length: Length) -> Period:
    """The period with a number of `period_numbers`."""
    size = _MONTHS[length]
    start, end = number * size, (number + 1) * size
    first, after = date(start // 12, start % 12 + 1, 1), date(end // 12, end % 12 + 1, 1)
    return Period(length, day_number(first), day_number(after))


def period_of(day: int, length: Length) -> Period:
    """The period a day (days since 1970-01-01) is in."""
    return period_numbered(int(period_numbers(np.array([day], dtype=np.int64), length)[0]), length)


def level_one(plan: Plan, promoters: Promoters, orders: Orders) -> I64:
    """Whose own sales each order is: a row of `promoters`, NONE for nobody."""

    def active(who: I64) -> NDArray[np.bool_]:
        at = np.maximum(who, 0)
        found: NDArray[np.bool_] = (promoters.active_from[at] <= orders.paid_at) & (
            orders.paid_at < promoters.active_to[at]
        )
        return found & (who >= 0)

    if not len(promoters):
        return np.full(len(orders), NONE, dtype=np.int64)
    if plan.self_purchase == "rebate":
        first = np.where(active(orders.buyer), orders.buyer, orders.direct)
    else:
        first = np.where(orders.direct == orders.buyer, NONE, orders.direct)
    return np.where(active(first), first, NONE)


def net_bases(plan: Plan, lines: Lines, refunded: I64) -> I64:
    """The base of each line less what refunds take from it; `refunded` is everything refunded of a line so far."""
    base = bases(plan, lines)
    return base - reversal_due(base, lines.paid, refunded)


def steps_due(bands: Sequence[Band], apply: Apply, metric: I64) -> I64:
    """What each metric (minor units, >= 0) earns by bands, which ascend."""
    due = np.zeros(len(metric), dtype=np.int64)
    if apply == "whole":
        reached = np.searchsorted(np.array([band.start for band in bands], dtype=np.int64), metric, side="right") - 1
        rates = np.array([*(band.rate for band in bands), 0], dtype=np.int64)
        return round_half_up_rate(metric, rates[reached])
    for band, after in zip(bands, [*bands[1:], None], strict=True):
        upto = metric if after is None else np.minimum(metric, after.start)
        due += round_half_up_rate(np.maximum(upto - band.start, 0), band.rate)
    return due


@dataclass(frozen=True, slots=True)
class Part:
    """What one band brings of one metric, in minor units; `end` is None for the highest band."""

    start: int
    end: int | None
    rate: int
    metric: int
    amount: int


def parts_due(bands: Sequence[Band], apply: Apply, metric: int) -> list[Part]:
    """The bands one metric reaches, lowest first, and what each brings; with `whole` only the highest brings anything."""
    reached = [band for band in bands if band.start <= metric]
    ends = [*(band.start for band in bands[1:]), None]
    parts = []
    for band, end in zip(reached, ends, strict=False):
        if apply == "whole":
            inside = metric if band is reached[-1] else 0
        else:
            inside = (metric if end is None else min(metric, end)) - band.start
        parts.append(Part(band.start, end, band.rate, inside, round_half_up_rate(inside, band.rate)))
    return parts


def fund_of(pool: Pool, net_base: int) -> int:
    """What a pool has to split: its share of the house's net base of the period, half up."""
    return round_half_up_rate(net_base, pool.share)


def split_pool(fund: int, weights: I64, ids: NDArray[Any]) -> I64:
    """`fund` in proportion to `weights` (>= 0), to the last unit: rounded down, the rest to the largest remainders, ties by id.

    With nobody, or all weights 0, every part is 0 and the fund stays with the house.
    """
    whole = int(weights.sum()) if len(weights) else 0
    if not whole or not fund:
        return np.zeros(len(weights), dtype=np.int64)
    parts: I64 = floor_ratio(weights, np.full_like(weights, fund), np.full_like(weights, whole))
    # Wide products wrap around, and so does their difference, back to the true remainder, which is below `whole`.
    remainder = weights * np.int64(fund) - parts * np.int64(whole)
    missing = fund - int(parts.sum())
    if missing:
        parts[np.lexsort((ids, -remainder))[:missing]] += 1
    return parts


def eligible_for(pool: Pool, promoters: Promoters, ranks: I64, end: int) -> NDArray[np.bool_]:
    """Who shares a pool: active at the last instant of the period, which ends before `end`, with one of its ranks then."""
    found: NDArray[np.bool_] = (promoters.active_from < end) & (end <= promoters.active_to)
    if pool.eligible.rank is None:
        return found
    codes = [code for code, word in enumerate(promoters.ranks) if word in pool.eligible.rank]
    return found & np.isin(ranks, codes)


@dataclass(frozen=True, slots=True)
class Closed:
    """What one rule pays for one period: who (rows of `Promoters`) has which metric and gets how much; all arrays of one length."""

    kind: Kind
    rule: str
    period: Period
    base: int
    """Steps: all own sales. Pools: the house's net base."""
    fund: int
    """What a pool has to split; 0 for steps."""
    promoter: I64
    metric: I64
    """Own sales, net; for an equal split 1 each."""
    amount: I64


def close_periods(
    plan: Plan, zone: tzinfo, promoters: Promoters, orders: Orders, lines: Lines, refunded: I64, ids: NDArray[Any]
) -> Iterator[Closed]:
    """Every period the orders touch, closed under `plan`: steps first, then pools, in the plan's sequence, periods ascending.

    `refunded` is what was refunded of each line, `ids` are the promoters' ids, for ties. Somebody without an amount is left out.
    """
    if not len(orders) or not (plan.steps or plan.pools):
        return
    days = local_days(orders.paid_at, zone)
    net = np.zeros(len(orders), dtype=np.int64)
    np.add.at(net, lines.order, net_bases(plan, lines, refunded))
    seller = level_one(plan, promoters, orders)
    lengths = {each.period for each in plan.steps} | {each.period for each in plan.pools}
    sales = {length: _sales(days, length, net, seller, len(promoters)) for length in lengths}
    for steps in plan.steps:
        for period, _base, own in sales[steps.period]:
            amount = steps_due(steps.bands, steps.apply, own)
            yield _closed("steps", steps.id, period, int(own.sum()), 0, own, amount)
    for pool in plan.pools:
        for period, base, own in sales[pool.period]:
            _, end = period.bounds(zone)
            everybody = np.arange(len(promoters), dtype=np.int64)
            ranks = promoters.rank_at(everybody, np.full(len(promoters), end - 1, dtype=np.int64))
            may = eligible_for(pool, promoters, ranks, end)
            weights = np.where(may, own if pool.split == "own_sales" else 1, 0)
            fund = fund_of(pool, base)
            yield _closed("pool", pool.id, period, base, fund, weights, split_pool(fund, weights, ids))


def _sales(days: I64, length: Length, net: I64, seller: I64, promoters: int) -> list[tuple[Period, int, I64]]:
    """The periods of some days: each with the net base of its orders and the own sales of everybody."""
    numbers, at = np.unique(period_numbers(days, length), return_inverse=True)
    found = []
    for index, number in enumerate(numbers.tolist()):
        here = np.flatnonzero(at == index)
        own = np.zeros(promoters, dtype=np.int64)
        counted = here[seller[here] != NONE]
        np.add.at(own, seller[counted], net[counted])
        found.append((period_numbered(number, length), int(net[here].sum()), own))
    return found


def _closed(kind: Kind, rule: str, period: Period, base: int, fund: int, metric: I64, amount: I64) -> Closed:
    who = np.flatnonzero(amount)
    return Closed(kind, rule, period, base, fund, who, metric[who], amount[who])
