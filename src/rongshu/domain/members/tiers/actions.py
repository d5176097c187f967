from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.members.tiers.models import TierHead, TierVersion
from rongshu.domain.members.tiers.queries import ladder_of, version_at
from rongshu.engine.tiers.assessment import CAUSES, FALLEN, GRACE, KEPT, LADDER, RISEN, UNCHANGED, Assessed, assess
from rongshu.engine.tiers.frames import NONE, Ladder, read_ladder
from rongshu.engine.tiers.windows import judged, month_of, next_assessment, running
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.kernel.tenancy.versions import next_version

I64 = NDArray[np.int64]
BATCH = 200_000
"""Members assessed in one transaction."""


def publish_ladder(
    *,
    source: str | bytes | Mapping[Any, Any],
    by: Actor,
    now: datetime,
    effective_from: datetime | None = None,
    instead_of: int | None = None,
) -> TierVersion:
    """Sets the ladder from now on, or from an instant to come; the clock then looks at everybody: who reaches more rises at
    once, nobody falls before their assessment. The same ladder again, at once, changes nothing.

    Raises PlanError naming each wrong key, `invalid` for another currency or a beginning in the past, `conflict` when
    `instead_of` is no longer the newest number (0 for none).
    """
    ladder = read_ladder(source)
    if ladder.currency != house().currency:
        raise invalid("tiers_currency", "The ladder is in another currency than the tenant's.", at="currency")
    lock_background_writing()
    version: TierVersion
    version, new = next_version(
        TierVersion, document=ladder.canonical(), effective_from=effective_from, instead_of=instead_of,
        moved="ladder_moved", by=by, now=now,
    )  # fmt: skip
    if not new:
        return version
    record("tiers.published", subject=f"#{version.number}", by=by, now=now, tiers=list(ladder.codes))
    announce("tiers.published", subjects=[version.id], now=now)
    return version


def raise_members(members: I64, *, now: datetime) -> int:
    """Looks at members (unique) whose growth value changed: who reaches a higher tier rises at once; how many."""
    version = version_at(now)
    if version is None or not len(members):
        return 0
    return _look(version, np.sort(members), now)


def assess_due(*, now: datetime) -> int:
    """One batch of the assessment: everybody by a new ladder first, then those whose day has come; how many were written.

    Asked again until it says 0. A second look at the same figures changes nothing.
    """
    version = version_at(now)
    if version is None:
        return 0
    head = TierHead.objects.first()
    if head is None or head.version != version.number:
        TierHead.objects.update_or_create(tenant_id=current_tenant(), defaults={"version": version.number, "at": now})
        return _look(version, _ids("SELECT id FROM members_member WHERE tenant_id = %s", []), now) or 1
    due = "SELECT member_id FROM members_tier_standing WHERE tenant_id = %s AND next_at <= %s ORDER BY next_at LIMIT %s"
    return _look(version, _ids(due, [now, BATCH]), now)


def _ids(select: str, params: list[Any]) -> I64:
    with bulk.cursor() as cursor:
        cursor.execute(select, [current_tenant(), *params])
        return np.sort(np.fromiter((row[0] for row in cursor.fetchall()), dtype=np.int64))


def _look(version: TierVersion, members: I64, now: datetime) -> int:
    """Assesses some members and writes what became of them; how many. Takes the tenant's turn."""
    if not len(members):
        return 0
    lock_background_writing()
    copying.flush()
    wanted = bulk.int8s(members)
    ladder, zone = ladder_of(version), house().zone
    month = month_of(now, zone)
    rise, judge = running(ladder, month), judged(ladder, month)
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT m.id, coalesce(array_position(%s::text[], m.tier), CASE WHEN m.tier = '' THEN 0 ELSE -1 END), m.tier, "
            "coalesce(g.rise, 0)::bigint, coalesce(g.judge, 0)::bigint, coalesce(s.next_at <= %s, false), "
            "s.grace_until IS NOT NULL FROM members_member m "
            "LEFT JOIN members_tier_standing s ON s.tenant_id = m.tenant_id AND s.member_id = m.id "
            "LEFT JOIN (SELECT member_id, sum(amount) FILTER (WHERE month BETWEEN %s AND %s) AS rise, "
            "sum(amount) FILTER (WHERE month BETWEEN %s AND %s) AS judge FROM members_growth_month WHERE tenant_id = %s "
            "AND member_id = ANY (%s::bigint[]) GROUP BY member_id) g ON g.member_id = m.id "
            "WHERE m.tenant_id = %s AND m.id = ANY (%s::bigint[]) ORDER BY m.id",
            [bulk.texts(list(ladder.codes)), now, *rise, *judge, current_tenant(), wanted, current_tenant(), wanted],
        )
        found = cursor.fetchall()
    if not found:
        return 0
    ids, places, codes, rising, judges, due, grace = zip(*found, strict=True)
    unknown = np.array(places, dtype=np.int64) == -1
    tier = np.where(unknown, NONE, np.array(places, dtype=np.int64) - 1)
    growth, judging = np.array(rising, dtype=np.int64), np.array(judges, dtype=np.int64)
    due_now = np.array(due, dtype=bool)
    after = assess(
        ladder, tier, rising=growth, judged=judging, due=due_now, in_grace=np.array(grace, dtype=bool), unknown=unknown
    )
    looked = np.isin(after.cause, (KEPT, GRACE, FALLEN))
    return _write(
        ladder, version, np.array(ids, dtype=np.int64), list(codes), after, np.where(looked, judging, growth), now
    )


def _write(
    ladder: Ladder, version: TierVersion, ids: I64, codes: list[str], after: Assessed, growth: I64, now: datetime
) -> int:
    got = np.flatnonzero(after.cause != UNCHANGED)
    if not len(got):
        return 0
    zone, names = house().zone, ["", *ladder.codes]
    new = [names[at + 1] for at in after.tier[got].tolist()]
    old = [codes[at] for at in got.tolist()]
    cause, members = after.cause[got], ids[got]
    ends = {rose: np.int64(to_micros(next_assessment(ladder, now, zone, rose=rose))) for rose in (True, False)}
    rose = np.isin(cause, (RISEN, LADDER))
    kept = np.where(rose, ends[True], ends[False])
    grace = to_micros(now + timedelta(days=ladder.grace))
    none = bulk.NO_INSTANT
    tierless = after.tier[got] < 0
    waiting = cause == GRACE
    kept_until = np.where(tierless, none, np.where(waiting, to_micros(now), kept))
    grace_until = np.where(waiting, grace, none)
    next_at = np.where(tierless, none, np.where(waiting, grace, kept))
    changed = np.array([a != b for a, b in zip(old, new, strict=True)], dtype=bool)
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor, "members_tier_change",
            {"id": bulk.int8s(new_ids(len(got))), "member_id": bulk.int8s(members), "old": bulk.texts(old),
             "new": bulk.texts(new), "cause": bulk.words(cause, CAUSES), "growth": bulk.int8s(growth[got])},
            constants={"tenant_id": tenant, "version": version.number, "at": now},
        )  # fmt: skip
        bulk.insert(
            cursor, "members_tier_standing",
            {"member_id": bulk.int8s(members), "tier": bulk.texts(new), "kept_until": bulk.instants(kept_until),
             "grace_until": bulk.instants(grace_until), "next_at": bulk.instants(next_at)},
            expressions={name: bulk.nullable(name) for name in ("kept_until", "grace_until", "next_at")},
            constants={"tenant_id": tenant, "since": now},
            suffix="ON CONFLICT (tenant_id, member_id) DO UPDATE SET tier = excluded.tier, kept_until = excluded.kept_until, "
            "grace_until = excluded.grace_until, next_at = excluded.next_at, since = CASE WHEN members_tier_standing.tier = "
            "excluded.tier THEN members_tier_standing.since ELSE excluded.since END",
        )  # fmt: skip
        if changed.any():
            cursor.execute(
                "UPDATE members_member m SET tier = u.tier FROM unnest(%s::bigint[], %s::text[]) AS u (id, tier) "
                "WHERE m.tenant_id = %s AND m.id = u.id",
                [
                    bulk.int8s(members[changed]),
                    bulk.texts([new[at] for at in np.flatnonzero(changed).tolist()]),
                    tenant,
                ],
            )
    for kind, code in (("tier.risen", RISEN), ("tier.fallen", FALLEN), ("tier.grace", GRACE)):
        announce(kind, subjects=members[cause == code], now=now)
    return len(got)
