"""Speed and memory of rolling a forest up, against one bare pass over the same array measured in the same run."""

from __future__ import annotations

from typing import Any

import numpy as np

from rongshu.engine.forest import grow
from rongshu.engine.rating.frames import I64, NONE
from rongshu.interfaces.cli.bench.timing import best_seconds, peak_bytes

LIMIT = 60.0
"""A roll-up may cost this many bare passes at most."""
MEMORY_LIMIT = 1_500_000_000
"""Bytes the whole process may hold for ten million members."""


def members_of(members: int, seed: int = 7) -> tuple[I64, I64]:
    """Inviters in no particular sequence, one member in a hundred a root, and the sales of each in minor units."""
    rng = np.random.default_rng(seed)
    earlier = (rng.random(members) * np.arange(members)).astype(np.int64)
    earlier[rng.random(members) < 0.01] = NONE
    earlier[:1] = NONE
    place = rng.permutation(members)
    inviter = np.empty(members, dtype=np.int64)
    inviter[place] = np.where(earlier >= 0, place[earlier], NONE)
    return inviter, rng.integers(0, 1_000_000, members)


def _bare_seconds(inviter: I64) -> float:
    shifted = inviter + 1
    return best_seconds(lambda: np.bincount(shifted, minlength=len(shifted) + 1), 3)


def run(members: int = 10_000_000, rounds: int = 1) -> dict[str, Any]:
    """Seconds for sizes and sales of all teams, from the inviters alone; of a bare pass; their ratio; peak memory."""
    inviter, sales = members_of(members)
    bare = _bare_seconds(inviter)

    def roll_up() -> None:
        forest = grow(inviter)
        forest.team_size()
        forest.team_sum(sales)

    seconds = best_seconds(roll_up, rounds)
    peak = peak_bytes()
    return {
        "what": "forest",
        "members": members,
        "bare_seconds": round(bare, 4),
        "seconds": round(seconds, 4),
        "ratio": round(seconds / bare, 2),
        "limit": LIMIT,
        "peak_bytes": peak,
        "memory_limit": MEMORY_LIMIT,
        "ok": seconds <= bare * LIMIT and peak <= MEMORY_LIMIT,
    }
