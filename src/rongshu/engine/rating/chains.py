"""Who stands in the chain of each order, and which of the plan's levels each takes. All orders climb at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.plan import Plan
from rongshu.engine.rating.frames import BEYOND, ELIGIBLE, I64, INACTIVE, IS_BUYER, NONE, Chains, Orders, Promoters

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Step:
    """One position of the chains: everybody who stands there."""

    orders: I64
    """Rows of `Orders` whose chain reaches this position, ascending."""
    promoters: I64
    states: NDArray[np.int8]
    levels: NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Climb:
    """What climbing found. `takers[n]` gives for each order the promoter at the plan's n-th level, NONE for nobody."""

    takers: list[I64]
    steps: list[Step]
    orders: int


def climb(plan: Plan, promoters: Promoters, orders: Orders, starts: I64, *, whole: bool = False) -> Climb:
    """Climb from each order's `starts` until the plan's levels are taken or the root is passed; `whole` to the root.

    Raises ValueError when `inviter` goes in a circle.
    """
    count, numbers, beyond = len(orders), plan.level_numbers, plan.max_level + 1
    takers = [np.full(count, NONE, dtype=np.int64) for _ in numbers]
    slot = np.full(beyond + 1, -1, dtype=np.int64)
    for index, number in enumerate(numbers):
        slot[number] = index
    rows = np.flatnonzero(starts >= 0) if numbers or whole else np.zeros(0, dtype=np.int64)
    current = starts[rows]
    filled = np.zeros(len(rows), dtype=np.int16)
    steps: list[Step] = []
    while rows.size:
        if len(steps) > len(promoters):
            raise ValueError("the inviters go in a circle")
        state = _states(plan, promoters, orders, rows, current)
        fit = state == ELIGIBLE
        if plan.compress:
            filled = np.minimum(filled + fit, beyond)
        else:
            filled = np.full(len(rows), min(len(steps) + 1, beyond), dtype=np.int16)
        level = np.where(fit, filled, NONE).astype(np.int16)
        taken = slot[level]
        taken[~fit] = -1
        for index in range(len(numbers)):
            here = taken == index
            takers[index][rows[here]] = current[here]
        unnamed = fit & (taken < 0)
        state[unnamed], level[unnamed] = BEYOND, NONE
        steps.append(Step(rows, current, state, level))
        on = np.ones(len(rows), dtype=np.bool_) if whole else filled < plan.max_level
        if plan.self_purchase == "none" and len(steps) == 1:
            on &= state != IS_BUYER
        current = promoters.inviter[current]
        on &= current >= 0
        rows, current, filled = rows[on], current[on], filled[on]
    return Climb(takers, steps, count)


def starts_of(plan: Plan, promoters: Promoters, orders: Orders) -> I64:
    """The promoter at position 1: the direct one, or with `rebate` a buyer who is an active promoter."""
    if plan.self_purchase == "none":
        return orders.direct
    start = orders.direct.copy()
    own = np.flatnonzero(orders.buyer >= 0)
    buyer = orders.buyer[own]
    active = _active(promoters, buyer, orders.paid_at[own])
    start[own[active]] = buyer[active]
    return start


def _active(promoters: Promoters, who: I64, at: I64) -> Flags:
    """Active when paid: `active_from <= paid_at < active_to`."""
    active: Flags = (promoters.active_from[who] <= at) & (at < promoters.active_to[who])
    return active


def _states(plan: Plan, promoters: Promoters, orders: Orders, rows: I64, current: I64) -> NDArray[np.int8]:
    active = _active(promoters, current, orders.paid_at[rows])
    state = np.where(active, ELIGIBLE, INACTIVE).astype(np.int8)
    if plan.self_purchase == "none":
        state[orders.buyer[rows] == current] = IS_BUYER
    return state


def chains_of(climbed: Climb) -> Chains:
    """The steps as one frame, sorted by (order, position)."""
    lengths = np.zeros(climbed.orders, dtype=np.int64)
    for step in climbed.steps:
        lengths[step.orders] += 1
    ends = np.cumsum(lengths)
    starts = ends - lengths
    total = int(ends[-1]) if climbed.orders else 0
    order, position, promoter, state, level = (np.empty(total, dtype=np.int64) for _ in range(5))
    for index, step in enumerate(climbed.steps):
        at = starts[step.orders] + index
        order[at], position[at], promoter[at] = step.orders, index + 1, step.promoters
        state[at], level[at] = step.states, step.levels
    return Chains(order, position, promoter, state, level)
