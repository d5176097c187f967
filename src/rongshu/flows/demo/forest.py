"""Synthetic forests of inviters with the shape of two measured forests of people.

The shape comes from `data/forest_shapes.json`: how many people each person brought, by depth, in a recruitment contest
with prize money and in a conversation on a social network (first touch). Both forests count the same, whatever their
size. From level 1 on most people bring nobody and a few bring very many.

No forest drawn here is real. Wherever one is shown it is to be called synthetic.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Shapes = Mapping[str, Any]

ROOT = -1
"""The inviter of somebody whom nobody invited."""

DELAY = 0.1
"""Mean time from a member's joining to that of one it brought, as a share of the time in which roots join. It sets
only how trees are interleaved in the order of joining, not their shape."""

SHAPES = Path(__file__).parent / "data" / "forest_shapes.json"


def read_shapes() -> Shapes:
    """The measured figures, see `data/ATTRIBUTION.md`."""
    shapes: Shapes = json.loads(SHAPES.read_text(encoding="utf-8"))
    return shapes


def invite(members: int, seed: int, shapes: Shapes | None = None) -> I64:
    """A synthetic forest: for each member, in the order of joining, the index of the inviter or -1 for a root.

    An inviter always comes before those it invited. The same arguments always give the same forest.

    Whole trees are drawn level by level until there are enough members; the last tree loses its deepest and latest
    part. Then everybody gets a time of joining: roots evenly, the others some while after their inviter.
    """
    rng = np.random.default_rng(seed)
    tables, tree_size = _tables(read_shapes() if shapes is None else shapes)
    trees: list[_Trees] = []
    missing = members
    while missing > 0:
        batch = _grow(1 + int(missing / tree_size), tables, rng)
        trees.append(batch.cut(missing))
        missing -= len(trees[-1].inviter)
    if not trees:
        return np.empty(0, dtype=np.int64)
    starts = np.cumsum([0] + [len(batch.inviter) for batch in trees[:-1]])
    inviter = np.concatenate(
        [np.where(batch.inviter < 0, ROOT, batch.inviter + start) for batch, start in zip(trees, starts, strict=True)]
    )
    return _in_order(np.concatenate([batch.time for batch in trees]), inviter)


def levels_of(inviter: I64) -> I64:
    """How many inviters stand above each member; 0 for a root."""
    level = np.zeros(len(inviter), dtype=np.int64)
    who = np.flatnonzero(inviter >= 0)
    above = inviter[who]
    while len(who):
        level[who] += 1
        above = inviter[above]
        who, above = who[above >= 0], above[above >= 0]
    return level


def sum_below(inviter: I64, values: I64) -> I64:
    """For each member the sum of `values` over everybody below, at any depth, without the member's own."""
    level = levels_of(inviter)
    by_level = np.argsort(level, kind="stable")
    ends = np.cumsum(np.bincount(level))
    below = np.zeros(len(inviter), dtype=np.int64)
    for depth in range(len(ends) - 1, 0, -1):
        who = by_level[ends[depth - 1] : ends[depth]]
        np.add.at(below, inviter[who], values[who] + below[who])
    return below


def shape_of(inviter: I64) -> dict[str, Any]:
    """The figures of a forest under the names and definitions of `forest_shapes.json`."""
    members = len(inviter)
    level = levels_of(inviter)
    depths = np.bincount(level)
    children = np.bincount(inviter[inviter >= 0], minlength=members)
    parents = np.sort(children[children > 0])[::-1]
    brought = int(parents.sum())
    tail = parents[parents >= 2]
    sizes = 1 + sum_below(inviter, np.ones(members, dtype=np.int64))[inviter < 0]

    def held_by(share: float) -> float:
        return float(parents[: max(1, int(len(parents) * share))].sum() / brought) if brought else 0.0

    return {
        "nodes": members,
        "trees": int((inviter < 0).sum()),
        "largest_tree": int(sizes.max(initial=0)),
        "max_depth": len(depths) - 1,
        "mean_depth_nonroot": float(level.sum() / max(1, brought)),
        "depth_histogram": depths.tolist(),
        "leaf_share": float((children == 0).mean()),
        "mean_children_of_nonleaf": float(brought / max(1, len(parents))),
        "max_children": int(parents.max(initial=0)),
        "one_child_share_of_nonleaf": float((parents == 1).sum() / max(1, len(parents))),
        "top1pct_parents_share_of_children": held_by(0.01),
        "top10pct_parents_share_of_children": held_by(0.10),
        "power_law_alpha_kmin2": float(1 + len(tail) / np.log(tail / 1.5).sum()) if len(tail) else 0.0,
        "mean_children_by_depth": (np.bincount(level, weights=children) / depths).tolist(),
    }


@dataclass(frozen=True, slots=True)
class _Trees:
    """Drawn trees, level after level."""

    tree: I64
    inviter: I64
    time: F64

    def cut(self, members: int) -> _Trees:
        """The first trees, as many as make up `members`; of the last one what fits, highest levels first."""
        if len(self.tree) <= members:
            return self
        ends = np.cumsum(np.bincount(self.tree))
        last = int(np.searchsorted(ends, members))
        room = members - (int(ends[last - 1]) if last else 0)
        keep = self.tree < last
        keep[np.flatnonzero(self.tree == last)[:room]] = True
        number = np.cumsum(keep) - 1
        inviter = self.inviter[keep]
        return _Trees(self.tree[keep], np.where(inviter < 0, ROOT, number[inviter]), self.time[keep])


@dataclass(frozen=True, slots=True)
class _Table:
    """How many people one person brings: bins `low` to `high` with their cumulated probabilities."""

    low: I64
    high: I64
    cumulated: F64

    def draw(self, people: int, rng: np.random.Generator) -> I64:
        place = np.searchsorted(self.cumulated, rng.random(people), side="right")
        place = np.minimum(place, len(self.low) - 1)
        count = self.low[place]
        wide = np.flatnonzero(self.high[place] > count)  # within a wide bin as a power law of exponent 1 would
        low, high = self.low[place[wide]], self.high[place[wide]]
        count[wide] = np.minimum(high, np.floor(low * ((high + 1) / low) ** rng.random(len(wide))).astype(np.int64))
        return count


def _tables(shapes: Shapes) -> tuple[list[_Table], float]:
    """One table for each depth, the last one also for everything deeper, and the mean size of a tree."""
    forests = list(shapes["forests"].values())
    tables: list[_Table] = []
    depths = min(len(forest["children_histogram_by_depth"]) for forest in forests)
    for depth in range(depths):
        weights: dict[tuple[int, int], float] = {}
        for forest in forests:
            for label, people in forest["children_histogram_by_depth"][str(depth)].items():
                low, _, high = label.partition("-")
                bin_ = (int(low), int(high or low))
                weights[bin_] = weights.get(bin_, 0.0) + people / forest["nodes"]
        bins = np.array(sorted(weights), dtype=np.int64)
        cumulated = np.cumsum([weights[low, high] for low, high in sorted(weights)])
        tables.append(_Table(bins[:, 0], bins[:, 1], cumulated / cumulated[-1]))
    roots = sum(forest["trees"] / forest["nodes"] for forest in forests)
    return tables, len(forests) / roots


def _grow(roots: int, tables: list[_Table], rng: np.random.Generator) -> _Trees:
    tree, time = np.arange(roots, dtype=np.int64), rng.random(roots)
    levels = [_Trees(tree, np.full(roots, ROOT, dtype=np.int64), time)]
    start = 0
    while len(tree):
        table = tables[min(len(levels) - 1, len(tables) - 1)]
        above = np.repeat(np.arange(len(tree), dtype=np.int64), table.draw(len(tree), rng))
        tree, time, inviter = tree[above], time[above] + rng.exponential(DELAY, len(above)), above + start
        start += len(levels[-1].tree)
        levels.append(_Trees(tree, inviter, time))
    return _Trees(
        np.concatenate([level.tree for level in levels]),
        np.concatenate([level.inviter for level in levels]),
        np.concatenate([level.time for level in levels]),
    )


def _in_order(time: F64, inviter: I64) -> I64:
    """The same forest with its members numbered by time. Stable, so that inviters stay first when times are equal."""
    order = np.argsort(time, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    inviter = inviter[order]
    return np.where(inviter < 0, ROOT, number[inviter])
