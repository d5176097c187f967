"""Where members stand after a look at their growth value; many at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.tiers.frames import Ladder

I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]
CAUSES = ("", "risen", "kept", "grace", "fallen", "ladder")
UNCHANGED, RISEN, KEPT, GRACE, FALLEN, LADDER = range(6)


@dataclass(frozen=True, slots=True)
class Assessed:
    """The tier of each member after it (index from the lowest, NONE) and why, by place in CAUSES."""

    tier: I64
    cause: I64


def reached(ladder: Ladder, growth: I64) -> I64:
    """The highest tier whose threshold growth value reaches; NONE for none."""
    steps = np.array([one.growth for one in ladder.tiers], dtype=np.int64)
    return np.searchsorted(steps, growth, side="right").astype(np.int64) - 1


def assess(
    ladder: Ladder, tier: I64, *, rising: I64, judged: I64, due: Bools, in_grace: Bools, unknown: Bools
) -> Assessed:
    """What becomes of members who have a tier (index, NONE) by the growth value for rising and for being kept.

    Whoever reaches a higher tier rises, by as many as reached. Whose tier is not on the ladder (`unknown`) gets the one
    reached. Who is due keeps the tier with enough growth value; otherwise the first time grace begins, if there is any, and
    without it or at its end they fall by one.
    """
    up = reached(ladder, rising)
    keep = np.array([one.kept_from for one in ladder.tiers], dtype=np.int64)
    held = tier >= 0
    enough = np.zeros(len(tier), dtype=bool)
    enough[held] = judged[held] >= keep[tier[held]]
    cause = np.full(len(tier), UNCHANGED, dtype=np.int64)
    looked = due & held & ~unknown
    cause[looked & enough] = KEPT
    short = looked & ~enough
    waits = short & ~in_grace if ladder.grace else np.zeros(len(tier), dtype=bool)
    cause[waits] = GRACE
    cause[short & ~waits] = FALLEN
    cause[(up > tier) & ~unknown] = RISEN
    cause[unknown] = LADDER
    after = np.where((cause == RISEN) | (cause == LADDER), up, np.where(cause == FALLEN, tier - 1, tier))
    return Assessed(after, cause)


@dataclass(frozen=True, slots=True)
class Warning:
    """Something to think about before a ladder is published: `code` is dense, empty, sparse or top_heavy."""

    code: str
    tier: str
    below: str = ""
    share: int = 0
    """Parts per million of the members."""


def warnings_of(ladder: Ladder, counts: Sequence[int], without: int) -> list[Warning]:
    """What is too dense or too sparse, by how many members each tier would have and how many none."""
    found: list[Warning] = []
    total = sum(counts) + without
    for at, one in enumerate(ladder.tiers):
        below = ladder.tiers[at - 1] if at else None
        if below is not None and one.growth * 4 < below.growth * 5:
            found.append(Warning("dense", one.code, below.code))
        if below is not None and one.growth > below.growth * 20:
            found.append(Warning("sparse", one.code, below.code))
        share = counts[at] * 1_000_000 // total if total else 0  # down: only compared and shown
        if total >= 20 and not counts[at]:
            found.append(Warning("empty", one.code))
        if total >= 20 and at and at == len(ladder.tiers) - 1 and share > 300_000:
            found.append(Warning("top_heavy", one.code, share=share))
    return found
