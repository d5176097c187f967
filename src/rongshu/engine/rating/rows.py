"""Rating: from a plan, promoters, orders and lines to commission rows. Everything at once, in integers.

Left open by the plan language and fixed here: a promoter is active while `active_from <= paid_at < active_to`; a
level whose number the plan skips is taken and earns nothing; `limit` of the order cap counts the base of every line,
of those too that earn nothing; a rate of more than the whole base, by boosts, earns the base.
"""

from __future__ import annotations

from datetime import tzinfo

import numpy as np

from rongshu.engine.forest import depths
from rongshu.engine.money import MILLION, round_half_up_rate
from rongshu.engine.plan import Plan
from rongshu.engine.rating.caps import cut_orders, cut_promoters
from rongshu.engine.rating.chains import chains_of, climb, starts_of, whole_chains
from rongshu.engine.rating.conditions import Facts, sum_by_order
from rongshu.engine.rating.differential import RankRows, earners, rank_rows
from rongshu.engine.rating.frames import I64, LEVEL, NONE, PEER, Chains, Lines, Orders, Promoters, Rated, Rows, Usage
from rongshu.engine.rating.rates import Codes, LevelRates, Rules, level_rates

_NO_USAGE = Usage()


def rate(
    plan: Plan, zone: tzinfo, promoters: Promoters, orders: Orders, lines: Lines, usage: Usage = _NO_USAGE, *,
    with_chains: bool = True,
) -> Rated:  # fmt: skip
    """The commission rows of `orders` under `plan`, and who stood in their chains.

    `zone` is the tenant's, for days and months. `usage` is what promoters accrued before these orders; it matters
    only to a plan with promoter caps. `lines` are sorted by (order, line_no). Without `with_chains` the chains come
    back empty. Raises ValueError when inviters go in a circle.
    """
    starts = starts_of(plan, promoters, orders)
    climbed = climb(plan, promoters, orders, starts)
    facts = Facts(zone, promoters, orders, lines)
    base = bases(plan, lines)
    rules = Rules()
    rows = _level_rows(plan, facts, climbed.takers, base, rules)
    if plan.differential is not None:
        depth = depths(promoters.inviter)
        found = earners(plan, promoters, orders, starts, depth)
        rows = _merged(rows, rank_rows(found, promoters, lines, base, rules), lines, base)
    order, line, kind, level, beneficiary, rule, of, ppm, before = rows
    cut_order = cut_day = cut_month = np.zeros(len(before), dtype=np.int64)
    amount = before
    if plan.caps.order is not None and before.size:
        cut_order = cut_orders(plan.caps.order, sum_by_order(lines.order, base, len(orders)), order, before)
        amount = amount - cut_order
    if before.size and (plan.caps.promoter_day is not None or plan.caps.promoter_month is not None):
        cut_day, cut_month = cut_promoters(plan.caps, usage, facts.days, order, beneficiary, amount)
        amount = amount - cut_day - cut_month
    if not with_chains:
        chains = Chains(*(np.zeros(0, dtype=np.int64) for _ in range(5)))
    elif plan.differential is not None:
        chains = whole_chains(plan, promoters, orders, starts, depth, climbed.takers)
    else:
        chains = chains_of(climbed)
    columns = (order, line, kind, level, beneficiary, rule, of, ppm, before, cut_order, cut_day, cut_month, amount)
    return Rated(Rows(*columns, tuple(rules.words)), chains)


def bases(plan: Plan, lines: Lines) -> I64:
    """What rates apply to, by line, minor units: what was paid, or the margin over `cost × qty`; never below 0."""
    if plan.basis == "paid":
        return lines.paid if not lines.paid.size or lines.paid.min() >= 0 else np.maximum(lines.paid, 0)
    lost = lines.qty > lines.paid // np.maximum(lines.cost, 1)
    lost &= lines.cost > 0
    margin: I64 = np.where(lost, 0, lines.paid - lines.cost * lines.qty)
    return np.maximum(margin, 0)


def _level_rows(plan: Plan, facts: Facts, takers: list[I64], base: I64, rules: Rules) -> tuple[I64, ...]:
    """Rows of kind `level`, as columns: order, line, kind, level, beneficiary, rule, base, ppm, before caps.

    All levels of a line stand side by side in one table of lines × levels, so that reading it row by row gives the
    sorted rows and nothing needs sorting.
    """
    lines, numbers = facts.lines, plan.level_numbers
    shape = (len(lines), len(numbers))
    before, beneficiary, ppm, rule = (np.empty(shape, dtype=np.int64) for _ in range(4))
    for index, number in enumerate(numbers):
        rates = level_rates(plan, number, facts, takers[index], rules)
        taker = takers[index].take(lines.order)
        codes = rates.codes if rates.by_line else rates.codes.take(lines.order)
        beneficiary[:, index], ppm[:, index], rule[:, index] = taker, rates.ppm.take(codes), rates.rule.take(codes)
        before[:, index] = _amounts(rates, codes, taker, base, lines)
    at = np.flatnonzero(before.reshape(-1))
    if len(numbers) <= 1:
        line, place = at, np.zeros(len(at), dtype=np.int64)
    else:
        line, place = np.divmod(at, len(numbers))
    level = np.array(numbers, dtype=np.int64).take(place)
    who, rules_of, rate_of, amount = (table.reshape(-1).take(at) for table in (beneficiary, rule, ppm, before))
    kind = np.full(len(at), LEVEL, dtype=np.int64)
    return lines.order.take(line), line, kind, level, who, rules_of, base.take(line), rate_of, amount


def _merged(levels: tuple[I64, ...], by_rank: RankRows, lines: Lines, base: I64) -> tuple[I64, ...]:
    """Rows by level and rows by rank in one sequence: of each line first the ones, then the others."""
    if not len(by_rank.line):
        return levels
    of_levels = np.bincount(levels[1], minlength=len(lines))
    here = np.arange(len(by_rank.line)) + np.cumsum(of_levels).take(by_rank.line)
    line = np.repeat(np.arange(len(lines)), of_levels + np.bincount(by_rank.line, minlength=len(lines)))
    kind = np.full(len(line), LEVEL, dtype=np.int64)
    kind[here] = by_rank.kind
    there = np.flatnonzero(kind == LEVEL)
    of = base.take(line)
    peers = np.flatnonzero(by_rank.kind == PEER)
    of[here[peers]] = by_rank.base[peers]

    def column(by_level: I64, by_rank: I64) -> I64:
        merged = np.empty(len(line), dtype=np.int64)
        merged[there], merged[here] = by_level, by_rank
        return merged

    _order, _line, _kind, level, beneficiary, rule, _base, ppm, before = levels
    return (
        lines.order.take(line), line, kind, column(level, by_rank.position), column(beneficiary, by_rank.beneficiary),
        column(rule, by_rank.rule), of, column(ppm, by_rank.ppm), column(before, by_rank.amount),
    )  # fmt: skip


def _amounts(rates: LevelRates, codes: Codes, taker: I64, base: I64, lines: Lines) -> I64:
    """What one level of each line earns before caps; 0 where nobody takes it."""
    ppm = np.maximum(rates.ppm, 0).take(codes)
    ppm *= taker != NONE
    amount = round_half_up_rate(base, ppm)
    if rates.has_fixed:
        fixed = np.flatnonzero((rates.ppm == NONE).take(codes) & (taker != NONE))
        each, most = rates.fixed.take(codes[fixed]), base[fixed]
        qty = lines.qty[fixed]
        amount[fixed] = np.where(qty > most // np.maximum(each, 1), most, each * qty)
        amount[fixed[each == 0]] = 0
    if rates.ppm.size and rates.ppm.max() > MILLION:
        np.minimum(amount, base, out=amount)
    return amount
