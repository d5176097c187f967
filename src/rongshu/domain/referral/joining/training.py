"""The first steps of those somebody invited: how many did which, and who is stuck. Cost is bounded by the latest invited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.referral.joining.policy import Step
from rongshu.domain.referral.joining.queries import step_key
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

LATEST = 500
"""Counted and searched are this many of those who promote, the latest to join first."""
STUCK = timedelta(days=7)
"""Whoever joined longer ago and has steps left is stuck."""

_MINE = (
    "mine AS MATERIALIZED (SELECT id, joined_at FROM referral_promoter WHERE tenant_id = %s AND inviter_id = %s "
    f"AND active_to IS NULL ORDER BY id DESC LIMIT {LATEST})"
)
_DONE = (
    "SELECT m.id, m.joined_at, coalesce((SELECT array_agg(d.step) FROM referral_step_done d "
    "WHERE d.tenant_id = %s AND d.promoter_id = m.id AND d.step = ANY (%s)), '{}') AS steps FROM mine m"
)


@dataclass(frozen=True, slots=True)
class Counted:
    """`done` by step, in their order; `stuck` and `looked_at` are people. `all_of_them`: nobody was left out for being too many."""

    looked_at: int
    done: tuple[int, ...]
    finished: int
    stuck: int
    all_of_them: bool


@dataclass(frozen=True, slots=True)
class Trained:
    """One of them: which of the steps they did, in their order."""

    id: int
    joined_at: datetime
    done: tuple[bool, ...]
    stuck: bool


def training_counts(promoter_id: int, steps: Sequence[Step], now: datetime) -> Counted:
    """How far the latest invited are."""
    keys = [step_key(one) for one in steps]
    with bulk.cursor() as cursor:
        cursor.execute(
            f"WITH {_MINE}, t AS ({_DONE}) SELECT count(*), "
            "coalesce((SELECT array_agg((SELECT count(*) FROM t WHERE k = ANY (t.steps)) ORDER BY n) "
            " FROM unnest(%s::text[]) WITH ORDINALITY AS u (k, n)), '{}'), "
            "count(*) FILTER (WHERE cardinality(steps) >= %s), "
            "count(*) FILTER (WHERE cardinality(steps) < %s AND joined_at <= %s) FROM t",
            [current_tenant(), promoter_id, current_tenant(), keys, keys, len(keys), len(keys), now - STUCK],
        )
        ((looked_at, done, finished, stuck),) = cursor.fetchall()
    return Counted(looked_at, tuple(done), finished, stuck, looked_at < LATEST)


def training_of(
    promoter_id: int,
    steps: Sequence[Step],
    now: datetime,
    *,
    stuck: bool = False,
    after: int | None = None,
    limit: int = 20,
) -> list[Trained]:
    """The latest invited, known last first, and what they did; only those who are stuck where asked. `after` is the page before's last id."""
    keys = [step_key(one) for one in steps]
    only = "AND cardinality(steps) < %s AND joined_at <= %s " if stuck else ""
    with bulk.cursor() as cursor:
        cursor.execute(
            f"WITH {_MINE}, t AS ({_DONE} WHERE %s::bigint IS NULL OR m.id < %s) "
            f"SELECT id, joined_at, steps FROM t WHERE true {only}ORDER BY id DESC LIMIT %s",
            [
                current_tenant(), promoter_id, current_tenant(), keys, after, after,
                *((len(keys), now - STUCK) if stuck else ()), limit,
            ],
        )  # fmt: skip
        rows = cursor.fetchall()
    return [
        Trained(one, joined, tuple(key in done for key in keys), len(set(done)) < len(keys) and joined <= now - STUCK)
        for one, joined, done in rows
    ]
