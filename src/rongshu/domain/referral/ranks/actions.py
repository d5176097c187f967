from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from pydantic_core import PydanticCustomError

from rongshu.domain.commerce.orders.queries import last_paid_between
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.referral.ranks.looks import Everybody, Held, date_of, everybody, figures_between, held
from rongshu.domain.referral.ranks.models import LadderVersion, RankChange, RankHead
from rongshu.domain.referral.ranks.queries import ladder, ladder_of, ladder_version
from rongshu.engine.calendar import local_day
from rongshu.engine.plan.fields import read_rank
from rongshu.engine.ranks import (
    BELOW,
    EARNED,
    KEPT,
    NEEDS,
    NOT_BELOW,
    Assessed,
    Figures,
    Ladder,
    assess,
    earned_ranks,
    period_start,
    read_ladder,
    window_start,
)
from rongshu.kernel import bulk
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing

I64 = NDArray[np.int64]

CAUSES = {EARNED: "earned", BELOW: "below"}
BY_HAND = "hand"
_A_MOMENT = timedelta(microseconds=1)
_AHEAD = timedelta(minutes=10)
"""How far ahead of the clock an order's payment may be and still hold a change of rank back."""


def save_ladder(*, text: str, by: Actor, now: datetime, instead_of: int | None = None) -> LadderVersion:
    """Publishes a ladder, in force from now on; one that says the same as the present one changes nothing.

    `instead_of` is the number of the version that was edited (0 for none): `conflict` when somebody has published another
    since. Raises PlanError naming each wrong key, `invalid` for another currency than the tenant's.
    """
    wanted = read_ladder(text)
    tenant = house()
    if wanted.currency != tenant.currency:
        raise invalid(
            "ladder_currency",
            "The ladder is in %(found)s and the tenant works in %(wanted)s.",
            at="currency",
            found=wanted.currency,
            wanted=tenant.currency,
        )
    lock_background_writing()
    last = ladder_version()
    number = 0 if last is None else last.number
    if instead_of is not None and instead_of != number:
        raise conflict(
            "ladder_moved", "Version %(number)s was published meanwhile; look at it before changing it.", number=number
        )
    if last is not None and ladder_of(last) == wanted:
        return last
    version = LadderVersion.add(number=number + 1, document=wanted.canonical(), effective_from=now, actor=str(by))
    record("ladder.published", subject=f"#{version.number}", by=by, now=now, ranks=list(wanted.names))
    announce("ladder.published", subjects=[version.id], now=now)
    return version


def set_rank(
    *, promoter_id: int, rank: str, reason: str, by: Actor, now: datetime, held_until: date | None = None
) -> None:
    """Gives a promoter a rank by hand (`` for none), from now on. No look changes it before the day `held_until`.

    Raises `missing` for no promoter, `invalid` without a reason or for a rank the ladder does not know.
    """
    if not reason.strip() or len(reason) > 500:
        raise invalid("reason_needed", "Say why, in at most 500 characters.", at="reason")
    _check_rank(rank)
    tenant = house()
    until = None if held_until is None else datetime.combine(held_until, time.min, tenant.zone)
    if until is not None and until <= now:
        raise invalid("held_until_past", "Choose a day in the future, or none.", at="held_until")
    lock_background_writing()
    found = promoter(promoter_id)
    if found.rank == rank:
        Promoter.objects.filter(id=promoter_id).update(rank_held_until=until, rank_below=None)
        record("promoter.rank_held", subject=str(promoter_id), by=by, now=now, rank=rank, reason=reason)
        return
    at = _counts_from(now)
    RankChange.add(
        promoter_id=promoter_id,
        at=at,
        old_rank=found.rank,
        new_rank=rank,
        cause=BY_HAND,
        reason=reason,
        actor=str(by),
    )
    Promoter.objects.filter(id=promoter_id).update(rank=rank, rank_since=at, rank_below=None, rank_held_until=until)
    record("promoter.ranked", subject=str(promoter_id), by=by, now=now, old=found.rank, new=rank, reason=reason)
    announce("promoter.ranked", subjects=[promoter_id], now=now)


def _check_rank(rank: str) -> None:
    present = ladder()
    if not rank:
        return
    if present is not None and rank not in present.names:
        raise invalid(
            "unknown_rank",
            "The ladder has no rank %(rank)s; it has %(known)s.",
            at="rank",
            rank=rank,
            known=", ".join(present.names),
        )
    try:
        read_rank(rank)
    except PydanticCustomError as error:
        raise invalid("bad_rank", "This cannot be the name of a rank.", at="rank") from error


def _counts_from(now: datetime) -> datetime:
    """From when a change made now counts: after every order that was rated before it and every earlier change.

    Holds the tenant's turn, so that none comes between. Otherwise the history would deny what an order paid while this
    waited for its turn was rated by.
    """
    at = now
    paid = last_paid_between(now, now + _AHEAD)
    if paid is not None:
        at = paid + _A_MOMENT
    last = RankChange.objects.filter(at__gte=at).order_by("-at").values_list("at", flat=True).first()
    return at if last is None else last + _A_MOMENT


def assess_ranks(*, now: datetime, by: Actor = WORKER) -> int:
    """Looks at every promoter by the ladder in force; how many ranks changed.

    Judges the last period with the first look after its end, and with the first look by a new ladder. A second look at the
    same figures changes nothing; of two at once, the later leaves it to the earlier.
    """
    version = ladder_version()
    if version is None:
        return 0
    present, tenant = ladder_of(version), house()
    before = RankHead.objects.first()
    today = local_day(to_micros(now), tenant.zone)
    judged = period_start(present.window, today)
    judging = before is None or before.ladder_id != version.id or before.judged < date_of(judged)
    # The figures are gathered before the turn is taken: orders need not wait for a long window.
    people = everybody(now)
    running = figures_between(people, window_start(present.window, today), today, tenant.zone)
    closed = None
    if judging:
        closed = figures_between(people, window_start(present.window, judged - 1), judged - 1, tenant.zone)
    lock_background_writing()
    if _moved(before, RankHead.objects.first(), now) or ladder_version() != version:
        return 0
    holding = held(people, present, tenant.zone, now)
    after = assess(present, holding.holdings, today, running=running, closed=closed)
    changes = _write_changes(present, people, holding, after, running, closed, tenant, by, now)
    _keep_figures(people, running)
    RankHead.objects.update_or_create(
        tenant_id=current_tenant(),
        defaults={"ladder_id": version.id, "judged": date_of(judged), "assessed_at": now},
    )
    return changes


def _moved(before: RankHead | None, after: RankHead | None, now: datetime) -> bool:
    """Whether somebody else looked since, or looked later than this one."""
    if after is None:
        return False
    return before is None or after.assessed_at != before.assessed_at or after.assessed_at > now


def _write_changes(
    present: Ladder,
    people: Everybody,
    holding: Held,
    after: Assessed,
    running: Figures,
    closed: Figures | None,
    tenant: House,
    by: Actor,
    now: datetime,
) -> int:
    moved = np.flatnonzero((after.why != KEPT) | (after.below != holding.holdings.below))
    if not len(moved):
        return 0
    changed = after.why[moved] != KEPT
    names = [*present.names, ""]
    old = [holding.words[row] for row in moved.tolist()]
    new = [
        names[position] if ranked else word
        for position, ranked, word in zip(after.rank[moved].tolist(), changed.tolist(), old, strict=True)
    ]
    at = _counts_from(now)
    with bulk.cursor() as cursor:
        below = np.where(after.below[moved] == NOT_BELOW, 0, after.below[moved])
        cursor.execute(
            "UPDATE referral_promoter AS p SET rank = r.rank, rank_below = date '1970-01-01' + NULLIF(r.below, 0)::int, "
            "rank_since = CASE WHEN r.changed = 1 THEN %s ELSE p.rank_since END "
            "FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::smallint[]) AS r (id, rank, below, changed) "
            "WHERE p.tenant_id = %s AND p.id = r.id",
            [
                at,
                bulk.int8s(people.ids[moved]),
                bulk.texts(new),
                bulk.int8s(below),
                bulk.int2s(changed),
                current_tenant(),
            ],
        )
        rows = np.flatnonzero(changed)
        if not len(rows):
            return 0
        ids = people.ids[moved[rows]]
        bulk.insert(
            cursor,
            "referral_rank_change",
            {
                "promoter_id": bulk.int8s(ids),
                "id": bulk.int8s(new_ids(len(rows))),
                "old_rank": bulk.texts([old[row] for row in rows.tolist()]),
                "new_rank": bulk.texts([new[row] for row in rows.tolist()]),
                "cause": bulk.texts([CAUSES[why] for why in after.why[moved[rows]].tolist()]),
                "figures": bulk.texts(_reasons(present, after, moved[rows], running, closed)),
            },
            expressions={"figures": "r.figures::jsonb"},
            constants={"tenant_id": current_tenant(), "at": at, "actor": str(by), "reason": ""},
        )
    record("ranks.assessed", subject=f"{len(rows)} promoters", by=by, now=now, judged=closed is not None)
    announce("promoter.ranked", subjects=ids, now=now)
    return len(rows)


def _reasons(present: Ladder, after: Assessed, rows: I64, running: Figures, closed: Figures | None) -> list[str]:
    """For each change the figures it was decided on, as JSON: those of the running window where they earn the rank."""
    at_once = earned_ranks(present, running) if present.upgrade == "at_once" else None
    found = []
    for row in rows.tolist():
        by_running = at_once is not None and after.why[row] == EARNED and int(at_once[row]) == int(after.rank[row])
        source = running if by_running or closed is None else closed
        have: Mapping[str, int] = source.at(row)
        document = {need: have[need] for need in present.needed}
        found.append(json.dumps({"window": "running" if source is running else "closed", **document}))
    return found


def _keep_figures(people: Everybody, running: Figures) -> None:
    """Keeps the figures of the running window, for the progress everybody sees; only rows that differ are written."""
    names = ", ".join(NEEDS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT promoter_id, {names} FROM referral_rank_figures WHERE tenant_id = %s", [current_tenant()]
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 1 + len(NEEDS))
    known = np.zeros((len(people.ids), len(NEEDS)), dtype=np.int64)
    if len(table):
        known[np.searchsorted(people.ids, table[:, 0])] = table[:, 1:]
    have = np.stack([running.of(need) for need in NEEDS], axis=1)
    rows = np.flatnonzero((known != have).any(axis=1))
    if not len(rows):
        return
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_rank_figures",
            {
                "promoter_id": bulk.int8s(people.ids[rows]),
                **{need: bulk.int8s(have[rows, column]) for column, need in enumerate(NEEDS)},
            },
            constants={"tenant_id": current_tenant()},
            suffix="ON CONFLICT (tenant_id, promoter_id) DO UPDATE SET "
            + ", ".join(f"{need} = EXCLUDED.{need}" for need in NEEDS),
        )
