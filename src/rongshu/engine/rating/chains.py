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


def climb(plan: Plan, promoters: Promoters, orders: Orders, starts: I64) -> Climb:
    """Climb from each order's `starts` until the plan's levels are taken or the root is passed.

    Raises ValueError when `inviter` goes in a circle.
    """
    count, numbers = len(orders), plan.level_numbers
    takers = [np.full(count, NONE, dtype=np.int64) for _ in numbers]
    slot = np.full(plan.max_level + 1, -1, dtype=np.int64)
    slot[list(numbers)] = np.arange(len(numbers))
    rows = np.flatnonzero(starts >= 0) if numbers else np.zeros(0, dtype=np.int64)
    current = starts[rows]
    filled = np.zeros(len(rows), dtype=np.int16)
    steps: list[Step] = []
    while rows.size:
        if len(steps) > len(promoters):
            raise ValueError("the inviters go in a circle")
        state = _states(plan, promoters, orders, rows, current)
        fit = state == ELIGIBLE
        filled = filled + fit if plan.compress else np.full(len(rows), len(steps) + 1, dtype=np.int16)
        level = np.where(fit, filled, NONE).astype(np.int16)
        taken = slot[level]
        taken[~fit] = -1
        for index in range(len(numbers)):
            here = taken == index
            takers[index][rows[here]] = current[here]
        unnamed = fit & (taken < 0)
        state[unnamed], level[unnamed] = BEYOND, NONE
        steps.append(Step(rows, current, state, level))
        on = filled < plan.max_level
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


def whole_chains(
    plan: Plan, promoters: Promoters, orders: Orders, starts: I64, depth: I64, takers: list[I64]
) -> Chains:
    """Everybody from each order's start to the root, with the levels that `takers` took; `depth` of each promoter.

    The one `k` places above a start is found by the binary digits of `k`, for all orders and places at once.
    """
    begun = starts >= 0
    lengths = np.where(begun, depth.take(starts) + 1, 0) if len(depth) else np.zeros(len(orders), dtype=np.int64)
    if plan.self_purchase == "none":
        lengths[begun & (starts == orders.buyer)] = 1
    ends = np.cumsum(lengths)
    order = np.repeat(np.arange(len(orders)), lengths)
    place = np.arange(len(order)) - np.repeat(ends - lengths, lengths)
    promoter = starts.take(order)
    up = np.where(promoters.inviter >= 0, promoters.inviter, np.arange(len(promoters)))
    for digit in range(int(lengths.max(initial=1) - 1).bit_length()):
        far = np.flatnonzero(place >> digit & 1)
        promoter[far] = up.take(promoter[far])
        up = up.take(up)
    state = _states(plan, promoters, orders, order, promoter).astype(np.int64)
    level = np.full(len(order), NONE, dtype=np.int64)
    for number, taker in zip(plan.level_numbers, takers, strict=True):
        took = np.flatnonzero(taker >= 0)
        level[(ends - 1)[took] - depth.take(taker[took])] = number
    state[(state == ELIGIBLE) & (level == NONE)] = BEYOND
    return Chains(order, place + 1, promoter, state, level)
