from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
import orjson
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.referral.ranks.looks import everybody, figures_between, held
from rongshu.domain.referral.ranks.models import LadderVersion, RankChange, RankFigures, RankHead
from rongshu.engine.calendar import local_day
from rongshu.engine.ranks import (
    KEPT,
    NEEDS,
    NO_RANK,
    Ladder,
    LadderCheck,
    Missing,
    assess,
    ladder_check,
    period_start,
    progress,
    read_ladder,
    window_start,
)
from rongshu.kernel.clock import to_micros
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


@lru_cache(maxsize=512)
def _parsed(document: bytes) -> Ladder:
    return read_ladder(document)


def ladder_of(version: LadderVersion) -> Ladder:
    """The ladder of a version; parsed once a process, for it never changes."""
    return _parsed(orjson.dumps(version.document))


def ladder_version() -> LadderVersion | None:
    """The version in force, None for a tenant without a ladder."""
    return LadderVersion.objects.order_by("-number").first()


def ladder() -> Ladder | None:
    """The ladder in force, None for a tenant without one."""
    version = ladder_version()
    return None if version is None else ladder_of(version)


def ladder_versions(limit: int = 20) -> list[LadderVersion]:
    """The versions, latest first."""
    return list(LadderVersion.objects.order_by("-number")[:limit])


def assessed_at() -> datetime | None:
    """When the ranks were looked at last."""
    head = RankHead.objects.first()
    return None if head is None else head.assessed_at


def promoters_by_rank(now: datetime) -> dict[str, int]:
    """How many active promoters hold each rank, `` for none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rank, count(*) FROM referral_promoter WHERE tenant_id = %s AND active_from <= %s "
            "AND coalesce(active_to > %s, true) GROUP BY rank",
            [current_tenant(), now, now],
        )
        return {rank: int(count) for rank, count in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Move:
    """One promoter whose rank would change; `` for no rank."""

    promoter_id: int
    old: str
    new: str
    rises: bool


class Preview:
    """What the first look by a ladder would do to everybody, and what is to be said of the ladder. Nothing is written."""

    __slots__ = ("_ids", "_new", "_old", "_up", "check", "fall", "held_by_rank", "rise")

    def __init__(self, ids: I64, old: Sequence[str], new: Sequence[str], up: Sequence[bool]) -> None:
        self._ids, self._old, self._new, self._up = ids, old, new, up
        self.rise = sum(up)
        self.fall = len(up) - self.rise
        self.held_by_rank: dict[str, int] = {}
        """How many active promoters would hold each rank, `` for none."""
        self.check: LadderCheck
        """On the figures of the last whole window."""

    def moves(self, *, after: int | None = None, limit: int = 50) -> list[Move]:
        """Who moves, by id; `after` is the id of the page before's last."""
        start = 0 if after is None else int(np.searchsorted(self._ids, after, side="right"))
        rows = range(start, min(start + limit, len(self._ids)))
        return [Move(int(self._ids[row]), self._old[row], self._new[row], self._up[row]) for row in rows]


def preview_ladder(candidate: Ladder, *, now: datetime) -> Preview:
    """What publishing a ladder would do at once: its first look, with the judgement of the last period."""
    zone = house().zone
    today = local_day(to_micros(now), zone)
    judged = period_start(candidate.window, today)
    people = everybody(now)
    running = figures_between(people, window_start(candidate.window, today), today, zone)
    closed = figures_between(people, window_start(candidate.window, judged - 1), judged - 1, zone)
    holding = held(people, candidate, zone, now)
    after = assess(candidate, holding.holdings, today, running=running, closed=closed)
    names = [*candidate.names, ""]
    rows = np.flatnonzero(after.why != KEPT).tolist()
    words = [
        names[position] if why != KEPT else word
        for position, why, word in zip(after.rank.tolist(), after.why.tolist(), holding.words, strict=True)
    ]
    found = Preview(
        people.ids[rows],
        [holding.words[row] for row in rows],
        [words[row] for row in rows],
        [bool(after.rank[row] > holding.holdings.rank[row]) for row in rows],
    )
    for row in np.flatnonzero(people.active).tolist():
        found.held_by_rank[words[row]] = found.held_by_rank.get(words[row], 0) + 1
    found.check = ladder_check(candidate, closed)
    return found


@dataclass(frozen=True, slots=True)
class RankStanding:
    """Which rank a promoter holds, and what is missing for the next one."""

    rank: str
    since: datetime
    held_until: datetime | None
    """Set by hand until then, when that is still to come."""
    in_grace: bool
    """Not earned any more, and lasting by grace."""
    next_rank: str
    """`` at the top, and without a ladder."""
    progress: tuple[Missing, ...]
    """Need by need, as of `as_of`."""
    as_of: datetime | None


def standing_of(promoter_id: int, *, now: datetime) -> RankStanding:
    """A promoter's rank and progress. Raises `missing`."""
    found = promoter(promoter_id)
    present = ladder()
    following, missing = "", tuple[Missing, ...]()
    if present is not None:
        names = present.names
        position = names.index(found.rank) if found.rank in names else NO_RANK
        kept = RankFigures.objects.filter(promoter_id=promoter_id).first()
        missing = progress(present, {need: getattr(kept, need, 0) for need in NEEDS}, position)
        following = names[position + 1] if position + 1 < len(names) else ""
    until = found.rank_held_until
    return RankStanding(
        rank=found.rank,
        since=found.rank_since or found.joined_at,
        held_until=until if until is not None and until > now else None,
        in_grace=found.rank_below is not None,
        next_rank=following,
        progress=missing,
        as_of=assessed_at(),
    )


def rank_changes(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[RankChange]:
    """The changes of a promoter's rank, latest first; `after` is the id of the page before's last."""
    found = RankChange.objects.filter(promoter_id=promoter_id)
    if after is not None:
        found = found.filter(id__lt=after)
    return list(found.order_by("-id")[:limit])
