"""Whether a ladder fits those who climb it: where they stand, which ranks tell nobody apart, and thresholds that would.

Advice for whoever designs a ladder, from the tenant's own figures; nothing is decided by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.money import exponent
from rongshu.engine.ranks.assessment import NO_RANK, Figures, earned_ranks, meets
from rongshu.engine.ranks.ladder import MONEY_NEEDS, Ladder, contradictions
from rongshu.engine.wording import gettext_noop as _

I64 = NDArray[np.int64]

FEW = 20
"""Fewer promoters with any figure say nothing about a ladder."""
DENSE_PERCENT, SPARSE_PERMILLE, REACH_PERCENT = 80, 5, 50
_STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
"""The first two digits of a friendly number."""

TEMPLATES: Mapping[str, str] = {
    "too_few": _("Only %(count)s promoters have any of these figures; a ladder is judged from %(least)s on."),
    "dense": _("%(percent)s%% of those who reach any rank stop at %(rank)s; it tells hardly anybody apart."),
    "same": _("%(lower)s and %(upper)s are reached by the same %(count)s promoters; one of them is enough, or ask for more."),
    "sparse": _("Only %(count)s of %(all)s promoters reach %(rank)s."),
    "unreached": _("Nobody reaches %(rank)s yet; %(near)s promoters have at least half of everything it needs."),
    "unreachable": _("%(rank)s is out of reach: nobody has even half of everything it needs."),
    "nobody": _("%(percent)s%% of the promoters with figures reach no rank at all; let the lowest begin lower."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be said about a ladder: the words of TEMPLATES with parameters; `ranks` by name."""

    code: str
    ranks: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def template(self) -> str:
        """The English text with its places."""
        return TEMPLATES[self.code]


@dataclass(frozen=True, slots=True)
class LadderCheck:
    """Where the figures put everybody, what is to be said about it, and the ladder they would suggest."""

    counts: tuple[int, ...]
    """How many earn each rank, lowest first."""
    unranked: int
    """How many earn none."""
    active: int
    """How many have any figure that the ladder asks for."""
    findings: tuple[Finding, ...]
    proposed: Ladder | None
    """The same ladder with thresholds of the tenant's own distribution; None when there are too few to say, or nothing
    would change."""


def ladder_check(ladder: Ladder, figures: Figures) -> LadderCheck:
    """Checks a ladder against the figures of all its promoters."""
    earned = earned_ranks(ladder, figures)
    counts = tuple(np.bincount(earned + 1, minlength=len(ladder.ranks) + 1).tolist())
    active = np.zeros(len(figures), dtype=np.bool_)
    for need in ladder.needed:
        active |= figures.of(need) > 0
    number = int(active.sum())
    if number < FEW:
        few = Finding("too_few", (), {"count": number, "least": FEW})
        return LadderCheck(counts[1:], counts[0], number, (few,), None)
    proposed = propose(ladder, figures)
    return LadderCheck(
        counts[1:],
        counts[0],
        number,
        tuple(_findings(ladder, figures, earned, number)),
        None if proposed == ladder else proposed,
    )


def _findings(ladder: Ladder, figures: Figures, earned: I64, active: int) -> Iterable[Finding]:
    names = ladder.names
    ranked = int((earned > NO_RANK).sum())
    if (active - ranked) * 100 > DENSE_PERCENT * active:
        yield Finding("nobody", (), {"percent": (active - ranked) * 100 // active})
    before: NDArray[np.bool_] | None = None
    for position, name in enumerate(names):
        here = int((earned == position).sum())
        reached = meets(ladder, position, figures)
        count = int(reached.sum())
        if len(names) > 1 and ranked >= FEW and here * 100 > DENSE_PERCENT * ranked:
            yield Finding("dense", (name,), {"rank": name, "percent": here * 100 // ranked})
        if before is not None and count and bool((reached == before).all()):
            params = {"lower": names[position - 1], "upper": name, "count": count}
            yield Finding("same", (names[position - 1], name), params)
        if not count:
            near = int(_within_reach(ladder, position, figures).sum())
            yield Finding("unreached" if near else "unreachable", (name,), {"rank": name, "near": near})
        elif count * 1000 < SPARSE_PERMILLE * active:
            yield Finding("sparse", (name,), {"rank": name, "count": count, "all": active})
        before = reached


def _within_reach(ladder: Ladder, position: int, figures: Figures) -> NDArray[np.bool_]:
    """Who has at least half of everything a rank needs."""
    near = np.ones(len(figures), dtype=np.bool_)
    for need, wanted in ladder.ranks[position].needs.given.items():
        near &= figures.of(need) * 100 >= wanted * REACH_PERCENT
    return near


def propose(ladder: Ladder, figures: Figures) -> Ladder:
    """The ladder with thresholds of these figures: of those who have any, the k-th rank (from 1) is for the top 40% / k².

    Each need by itself, rounded down to a friendly number, rising from rank to rank; a need nobody has stays as it is. Where
    that makes no ladder (a window too short for so many ranks by active months) it is the ladder as it was.
    """
    needs: list[dict[str, int]] = [dict(rank.needs.given) for rank in ladder.ranks]
    for need in ladder.needed:
        values = np.sort(figures.of(need))[::-1]
        values = values[values > 0]
        if not len(values):
            continue
        unit = 10 ** exponent(ladder.currency) if need in MONEY_NEEDS else 1
        last = 0
        for position, given in enumerate(needs):
            if need not in given:
                continue
            place = max(1, len(values) * 2 // (5 * (position + 1) ** 2))
            wanted = max(friendly(int(values[place - 1]), unit), above(last, unit) if last else unit)
            if need == "active_months":
                wanted = max(last, min(wanted, ladder.window.months_touched))
            given[need] = last = wanted
    ranks = tuple(
        rank.model_copy(update={"needs": rank.needs.model_copy(update=asked)})
        for rank, asked in zip(ladder.ranks, needs, strict=True)
    )
    proposed = ladder.model_copy(update={"ranks": ranks})
    return ladder if any(contradictions(proposed)) else proposed


def friendly(value: int, unit: int) -> int:
    """The largest friendly number (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten) of whole units not above a value;
    at least one unit."""
    whole = max(1, value // unit)
    if whole < 10:
        return whole * unit
    scale = 10 ** (len(str(whole)) - 2)
    step = max(step for step in _STEPS if step * scale <= whole)
    return int(step * scale * unit)


def above(value: int, unit: int) -> int:
    """The next friendly number above a friendly one."""
    whole = value // unit
    if whole < 10:
        return (whole + 1) * unit
    scale = 10 ** (len(str(whole)) - 2)
    step = next((step for step in _STEPS if step * scale > whole), 100)
    return int(step * scale * unit)
