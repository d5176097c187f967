"""The forest of promoters as a whole: depths, teams, sums of everybody below, for all members at once.

A forest is an array `inviter` with one entry a member: the row of the member's inviter, negative for a root. Rows
may stand in any sequence, inviters after those they invited too.

The members are laid out once in level order (roots, then all at depth 1, …), the invited of one member side by side.
In that layout every sum over the invited is a difference of two running sums, exact in int64, and one walk over the
levels from the deepest up gives the sums of whole teams. A forest deeper than `DEEP` is summed by doubling instead
(each round reaches twice as far below), so that a chain of a million members costs twenty rounds, not a million.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.sequence import group_starts, stable_order

I64 = NDArray[np.int64]
I32 = NDArray[np.int32]

DEEP = 20_000
"""Levels that are walked one by one; deeper forests take the way by doubling."""


class CycleError(ValueError):
    """Inviters that go in a circle; `member` is the row of one of those in it."""

    def __init__(self, member: int) -> None:
        self.member = member
        super().__init__(f"the inviters of member {member} go in a circle")


@dataclass(frozen=True, slots=True)
class Forest:
    """A forest laid out by levels. Make one with `grow`; sum over it as often as needed."""

    inviter: I64 | I32
    order: I64
    """Rows from the top down: by depth, the invited of one member together, in the sequence of their inviters."""
    depth: I32
    """0 for a root."""
    levels: I64
    """Where in `order` each depth begins, and the end."""
    invited: I64 | None
    """For each place in `order` the place of its first invited, and the end; None for a deep forest."""

    def __len__(self) -> int:
        return len(self.inviter)

    def team_sum(self, values: I64, *, own: bool = True) -> I64:
        """For each member the sum of `values` of everybody below, any depth; with `own`, of the member too. Exact."""
        values = np.asarray(values, dtype=np.int64)
        if self.invited is None:
            out = _sum_by_doubling(self.inviter, values)
        else:
            out = np.empty(len(self), dtype=np.int64)
            out[self.order] = self._sum_by_levels(values.take(self.order))
        return out if own else out - values

    def team_size(self) -> I64:
        """For each member how many stand below, any depth, without the member."""
        if self.invited is None:
            return self.team_sum(np.ones(len(self), dtype=np.int64), own=False)
        out = np.empty(len(self), dtype=np.int64)
        out[self.order] = self._sum_by_levels(np.ones(len(self), dtype=np.int64)) - 1
        return out

    def intervals(self) -> tuple[I64, I64]:
        """Numbers `enter` and `exit` of a tour through the forest: `b` is `a` or in a's team exactly when
        `enter[a] <= enter[b] < exit[a]`. A team is one range of a table sorted by `enter`.
        """
        size = self.team_size() + 1
        in_order = size.take(self.order)
        # A member enters right after the inviter, and after all whom the inviter invited earlier.
        before = np.cumsum(in_order) - in_order
        upper = self.inviter.take(self.order)
        starts = group_starts(np.maximum(upper, -1))
        before -= np.maximum.accumulate(np.where(starts, before, 0))
        step = np.empty(len(self), dtype=np.int64)
        step[self.order] = before + (upper >= 0)
        enter = self._sum_upwards(step)
        return enter, enter + size

    def _sum_by_levels(self, total: I64) -> I64:
        assert self.invited is not None
        bounds = self.levels.tolist()
        for depth in range(len(bounds) - 3, -1, -1):
            begin, middle, end = bounds[depth : depth + 3]
            running = np.zeros(end - middle + 1, dtype=np.int64)
            np.cumsum(total[middle:end], out=running[1:])
            at = running.take(self.invited[begin : middle + 1] - middle)
            total[begin:middle] += at[1:] - at[:-1]
        return total

    def _sum_upwards(self, values: I64) -> I64:
        """For each member the sum of `values` of the member and of the whole chain above."""
        if self.invited is None:
            return _climb_by_doubling(self.inviter, values)
        out = values.copy()
        bounds = self.levels.tolist()
        for begin, end in pairwise(bounds[1:]):
            rows = self.order[begin:end]
            out[rows] += out[self.inviter[rows]]
        return out


def grow(inviter: I64 | I32) -> Forest:
    """Lay a forest out. Time and memory grow with the members, not with the depth. Raises CycleError."""
    count = len(inviter)
    if not count:
        nothing, zero = np.zeros(0, dtype=np.int64), np.zeros(1, dtype=np.int64)
        return Forest(inviter, nothing, nothing.astype(np.int32), zero, zero)
    upper = np.maximum(inviter, -1)
    of_each = np.bincount(upper + 1, minlength=count + 1)
    roots, numbers = int(of_each[0]), of_each[1:]
    by_inviter = stable_order(upper + 1)
    first = np.cumsum(of_each) - of_each
    order = np.empty(count, dtype=np.int64)
    depth = np.empty(count, dtype=np.int32)
    invited = np.empty(count + 1, dtype=np.int64)
    bounds: list[int] = [0, roots]
    order[:roots] = by_inviter[:roots]
    while bounds[-1] > bounds[-2]:
        if len(bounds) > DEEP:
            del order, invited, by_inviter, first
            return _grow_deep(inviter)
        begin, end = bounds[-2], bounds[-1]
        here = order[begin:end]
        depth[here] = len(bounds) - 2
        many = numbers.take(here)
        ends = np.cumsum(many)
        invited[begin:end] = end + ends - many
        below = int(ends[-1])
        shift = np.repeat(first.take(here + 1) - (ends - many), many)
        at = shift + np.arange(below)
        order[end : end + below] = by_inviter.take(at)
        bounds.append(end + below)
    bounds.pop()
    if bounds[-1] < count:
        raise CycleError(_member_of_cycle(inviter, depth, order[: bounds[-1]]))
    invited[count] = count
    return Forest(inviter, order, depth, np.array(bounds, dtype=np.int64), invited)


def team_sum(inviter: I64 | I32, values: I64, *, own: bool = True) -> I64:
    """`Forest.team_sum` for one use. Raises CycleError."""
    return grow(inviter).team_sum(values, own=own)


def cycle_member(inviter: I64 | I32) -> int | None:
    """The row of a member whose inviters lead back to itself; None when there is no circle."""
    try:
        grow(inviter)
    except CycleError as error:
        return error.member
    return None


def has_cycle(inviter: I64 | I32) -> bool:
    """Whether some inviters go in a circle."""
    return cycle_member(inviter) is not None


def depths(inviter: I64 | I32) -> I64:
    """How far each member stands below its root, 0 for a root; by doubling, without laying out. Raises CycleError."""
    return _climb_by_doubling(inviter, np.ones(len(inviter), dtype=np.int64)) - 1


def chain_of(inviter: I64 | I32, member: int) -> list[int]:
    """The chain above a member, nearest first, without the member. Raises CycleError."""
    chain: list[int] = []
    met = {member}
    at = int(inviter[member])
    while at >= 0:
        if at in met:
            raise CycleError(at)
        met.add(at)
        chain.append(at)
        at = int(inviter[at])
    return chain


def _grow_deep(inviter: I64 | I32) -> Forest:
    depth = depths(inviter)
    upper = np.maximum(inviter, -1).astype(np.int64) + 1
    by_inviter = stable_order(upper)
    order = by_inviter.take(stable_order(depth.take(by_inviter)))
    levels = np.zeros(int(depth.max()) + 2, dtype=np.int64)
    np.cumsum(np.bincount(depth), out=levels[1:])
    return Forest(inviter, order, depth.astype(np.int32), levels, None)


def _climb_by_doubling(inviter: I64 | I32, values: I64) -> I64:
    """Sums along the chains upwards, the member included. Raises CycleError."""
    out = values.copy()
    rows = np.flatnonzero(inviter >= 0)
    above = np.asarray(inviter, dtype=np.int64).copy()
    for _ in range(len(inviter).bit_length() + 1):
        if not rows.size:
            return out
        up = above[rows]
        out[rows] += out[up]
        above[rows] = above[up]
        rows = rows[above[rows] >= 0]
    raise CycleError(_walk_into_cycle(inviter, int(rows[0])))


def _sum_by_doubling(inviter: I64 | I32, values: I64) -> I64:
    """Sums of whole teams: round k adds those between 2^k and 2^(k+1) below, through the one 2^k below."""
    out = values.copy()
    above = np.asarray(inviter, dtype=np.int64).copy()
    rows = np.flatnonzero(above >= 0)
    while rows.size:
        up = above[rows]
        part = out[rows]
        np.add.at(out, up, part)
        above[rows] = above[up]
        rows = rows[above[rows] >= 0]
    return out


def _member_of_cycle(inviter: I64 | I32, depth: I32, reached: I64) -> int:
    missing = np.ones(len(inviter), dtype=np.bool_)
    missing[reached] = False
    return _walk_into_cycle(inviter, int(np.flatnonzero(missing)[0]))


def _walk_into_cycle(inviter: I64 | I32, member: int) -> int:
    """From a member whose chain has no root: the first member met twice."""
    met: set[int] = set()
    while member not in met:
        met.add(member)
        member = int(inviter[member])
    return member
