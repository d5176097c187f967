"""What a plan would cost if sales or the team grew.

Sales: every line of the orders tried is sold `sales` times as much: what was paid, what was refunded and the quantity (rounded half
up, at least 1); the orders, the buyers and the promoters stay. Everything is rated again, so caps bind as they would.

Team: each level (and what is earned by rank) reaches `team` times the sales it reaches now, and never more than all of them; what it
earns grows in that proportion, half up. EVERY_LEVEL has every level reach every sale, the most the chains can ever cost. An
order's cap holds for the sum of all orders. Rewards of periods depend on sales, not on the team.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rongshu.engine.lab.trial import Ground, Trial, try_plan
from rongshu.engine.money import MILLION, floor_rate, round_half_up_rate
from rongshu.engine.plan import Plan

EVERY_LEVEL = 10**15
"""A growth of the team beyond every bound, in ppm."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Money in minor units; `sales` and `team` are the factors in ppm (1,000,000: as it was)."""

    sales: int
    team: int
    paid: int
    accrued: int
    reversed: int
    rewarded: int

    @property
    def cost(self) -> int:
        return self.accrued - self.reversed + self.rewarded


def forecast(plan: Plan, ground: Ground, sales: int, team: int, tried: Trial | None = None) -> Forecast:
    """The cost of `plan` when sales and team have grown; `tried` is its trial on `ground` where there is one."""
    grown = ground if sales == MILLION else grow(ground, sales)
    trial = tried if tried is not None and grown is ground else try_plan(plan, grown)
    accrued = reversed_ = 0
    for kind, _level, amount, back, base in trial.by_level:
        reached = base if kind == 0 else trial.differential_base
        factor = min(team, max(MILLION, trial.base * MILLION // reached)) if reached else MILLION
        accrued += round_half_up_rate(amount, factor)
        reversed_ += round_half_up_rate(back, factor)
    if plan.caps.order is not None and accrued > (most := max(trial.accrued, floor_rate(trial.base, plan.caps.order))):
        reversed_ = reversed_ * most // accrued
        accrued = most
    return Forecast(sales, team, grown.paid, accrued, reversed_, trial.rewarded)


def grow(ground: Ground, sales: int) -> Ground:
    """The same orders with `sales` (ppm) times as much in every line."""
    lines = replace(
        ground.lines,
        paid=round_half_up_rate(ground.lines.paid, sales),
        qty=np.maximum(round_half_up_rate(ground.lines.qty, sales), 1),
    )
    refunded = round_half_up_rate(ground.refunded, sales)
    return Ground(ground.zone, ground.promoters, ground.orders, lines, refunded, ground.usage, ground.ids)
