"""Who holds which rank after a look at the figures: for every promoter at once.

Days are int64 counts since 1970-01-01 in the tenant's time zone; ranks are positions in the ladder, lowest 0, `NO_RANK` for
none of it. A period is a calendar month, a quarter where the window counts quarters.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.calendar import month_of_day, months_of_days
from rongshu.engine.ranks.ladder import NEEDS, Ladder, Span, Window

I64 = NDArray[np.int64]

NO_RANK = -1
NOT_BELOW = int(np.iinfo(np.int64).max)
"""In `Holdings.below`: the rank is earned, or was not judged yet."""
KEPT, EARNED, BELOW = 0, 1, 2
"""Why a rank is what it is now: nothing changed; the figures reach it; the one held was not earned any more."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the needs are about, one entry a promoter. Sales in minor units, the rest counts."""

    own_sales: I64
    own_orders: I64
    active_months: I64
    invited_promoters: I64
    team_size: I64
    team_sales: I64

    def __len__(self) -> int:
        return len(self.own_sales)

    def of(self, need: str) -> I64:
        """The figures a need (one of NEEDS) is about."""
        found: I64 = getattr(self, need)
        return found

    def at(self, row: int) -> dict[str, int]:
        """The figures of one promoter, by need."""
        return {need: int(self.of(need)[row]) for need in NEEDS}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What each promoter holds before the look."""

    rank: I64
    since: I64
    """The day from which the rank is held."""
    below: I64
    """The first judgement since which the rank is not earned, NOT_BELOW where it is."""
    held: NDArray[np.bool_]
    """Set by hand for certain: nothing changes here."""


@dataclass(frozen=True, slots=True)
class Assessed:
    """What each promoter holds after the look, and why: KEPT, EARNED or BELOW."""

    rank: I64
    below: I64
    why: I64


def earned_ranks(ladder: Ladder, figures: Figures) -> I64:
    """For each promoter the highest rank all of whose needs the figures reach, NO_RANK for none."""
    earned = np.full(len(figures), NO_RANK, dtype=np.int64)
    for position in range(len(ladder.ranks)):
        earned[meets(ladder, position, figures)] = position
    return earned


def meets(ladder: Ladder, position: int, figures: Figures) -> NDArray[np.bool_]:
    """Who reaches all the needs of one rank."""
    reached = np.ones(len(figures), dtype=np.bool_)
    for need, value in ladder.ranks[position].needs.given.items():
        reached &= figures.of(need) >= value
    return reached


def period_start(window: Window, day: int) -> int:
    """The first day of the period in which a day lies."""
    month = month_of_day(day)
    return _first_of(month - month % 3 if window.quarters is not None else month)


def window_start(window: Window, last: int) -> int:
    """The first day of the window whose last day is `last`."""
    if window.days is not None:
        return last - window.days + 1
    month = month_of_day(last)
    if window.quarters is not None:
        return _first_of(month - month % 3 - 3 * (window.quarters - 1))
    return _first_of(month - (window.months or 1) + 1)


def days_after(days: I64, span: Span) -> I64:
    """Each day moved on by a span; months keep the day of the month, or take the month's last where it is shorter."""
    if span.days is not None:
        return days + span.days
    months = months_of_days(days)
    later = months + (span.months or 0)
    last = _firsts_of(later + 1) - 1
    moved: I64 = np.minimum(_firsts_of(later) + (days - _firsts_of(months)), last)
    return moved


def assess(
    ladder: Ladder, holdings: Holdings, day: int, *, running: Figures | None = None, closed: Figures | None = None
) -> Assessed:
    """Looks at every promoter on `day`.

    `running` are the figures of the window that ends today: with `upgrade: at_once` who reaches a higher rank gets it.
    `closed` are the figures of the window that ended with the last period, given when that period is judged: it raises, and
    it alone lowers, after retention and grace. A rank reached in the present period is not judged by a period before it.
    """
    size = len(holdings.rank)
    nothing = np.full(size, NO_RANK, dtype=np.int64)
    earned = nothing
    if running is not None and ladder.upgrade == "at_once":
        earned = earned_ranks(ladder, running)
    if closed is not None:
        earned = np.maximum(earned, earned_ranks(ladder, closed))
    free = ~holdings.held
    rank, below = holdings.rank.copy(), holdings.below.copy()
    why = np.full(size, KEPT, dtype=np.int64)

    up = free & (earned > rank)
    rank[up], below[up], why[up] = earned[up], NOT_BELOW, EARNED
    if closed is None:
        return Assessed(rank, below, why)

    judged = period_start(ladder.window, day)
    below[free & (earned >= rank)] = NOT_BELOW
    bound = (holdings.since < judged) & (days_after(holdings.since, ladder.retention) <= judged)
    failing = free & ~up & (earned < rank) & bound
    below[failing] = np.minimum(below[failing], judged)
    falls = failing.copy()
    falls[failing] = days_after(below[failing], ladder.grace) <= judged
    to = rank - 1 if ladder.downgrade == "by_one" else earned
    rank[falls], below[falls], why[falls] = to[falls], NOT_BELOW, BELOW
    return Assessed(rank, below, why)


@dataclass(frozen=True, slots=True)
class Missing:
    """How far one need of the next rank is reached. Money in minor units."""

    need: str
    wanted: int
    have: int

    @property
    def missing(self) -> int:
        """What is still to come, 0 when reached."""
        return max(0, self.wanted - self.have)

    @property
    def percent(self) -> int:
        """How much of it is reached, whole percents rounded down, at most 100."""
        return min(100, max(0, self.have * 100 // self.wanted))


def progress(ladder: Ladder, figures: Mapping[str, int], position: int) -> tuple[Missing, ...]:
    """What the rank above `position` (NO_RANK for none) needs, need by need; nothing at the top."""
    if position + 1 >= len(ladder.ranks):
        return ()
    given = ladder.ranks[position + 1].needs.given
    return tuple(Missing(need, wanted, figures[need]) for need, wanted in given.items())


def _firsts_of(months: I64) -> I64:
    """The first day of each month."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _first_of(month: int) -> int:
    return int(_firsts_of(np.array([month], dtype=np.int64))[0])
