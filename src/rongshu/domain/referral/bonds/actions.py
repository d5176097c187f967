from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.referral.bonds.models import ENDED, GIVEN, MADE, MOVED, Bond, BondChange
from rongshu.domain.referral.bonds.queries import bond_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.attribution.frames import FOREVER
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant


def bond_members(*, bonds: Mapping[int, int], by: Actor, now: datetime, since: datetime | None = None) -> None:
    """Ties members to promoters (member id → promoter id), for ever, from `since` on (now). Who was bonded before keeps their bond."""
    if not bonds:
        return
    members, holders = bulk.int8s(list(bonds)), bulk.int8s(list(bonds.values()))
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_bond",
            {"member_id": members, "promoter_id": holders},
            constants={"tenant_id": current_tenant(), "since": since or now},
            suffix="ON CONFLICT (tenant_id, member_id) DO NOTHING RETURNING member_id",
        )
        made = [row[0] for row in cursor.fetchall()]
        bulk.insert(
            cursor,
            "referral_bond_change",
            {
                "member_id": bulk.int8s(made),
                "id": bulk.int8s(new_ids(len(made))),
                "new_promoter_id": bulk.int8s([bonds[member] for member in made]),
            },
            constants={
                "tenant_id": current_tenant(), "what": GIVEN, "method": "", "at": now, "actor": str(by), "reason": "",
            },
        )  # fmt: skip
    record("bond.made", subject=f"{len(made)} members", by=by, now=now)


@dataclass(frozen=True, slots=True)
class Following:
    """What crediting orders did to bonds, one entry a member; instants in microseconds, FOREVER for a bond without end."""

    member: NDArray[np.int64]
    promoter: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    old: NDArray[np.int64]
    """The holder before, 0 for none."""
    held: NDArray[np.bool_]
    """Whether the old holder's bond was in force."""
    order: NDArray[np.int64]
    method: list[str]


def follow_credits(*, following: Following, by: Actor, now: datetime) -> None:
    """Makes, moves and extends bonds as orders say. Of two that make one at once the first stands: nobody is snatched by a race."""
    if not len(following.member):
        return
    ends = np.where(following.until == FOREVER, bulk.NO_INSTANT, following.until)
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_bond AS b (tenant_id, member_id, promoter_id, since, until) "
            "SELECT %s, r.member, r.promoter, r.since, NULLIF(r.until, '-infinity') FROM unnest(%s::bigint[], %s::bigint[], "
            "%s::timestamptz[], %s::timestamptz[]) AS r (member, promoter, since, until) "
            "ON CONFLICT (tenant_id, member_id) DO UPDATE SET promoter_id = excluded.promoter_id, since = excluded.since, "
            "until = excluded.until WHERE b.promoter_id = excluded.promoter_id OR b.promoter_id = "
            "(SELECT o.old FROM unnest(%s::bigint[], %s::bigint[]) AS o (member, old) WHERE o.member = b.member_id) "
            "RETURNING member_id",
            [
                current_tenant(), bulk.int8s(following.member), bulk.int8s(following.promoter),
                bulk.instants(following.since), bulk.instants(ends), bulk.int8s(following.member), bulk.int8s(following.old),
            ],
        )  # fmt: skip
        kept = {row[0] for row in cursor.fetchall()}
        new = [
            row
            for row, (member, promoter_, old) in enumerate(
                zip(following.member.tolist(), following.promoter.tolist(), following.old.tolist(), strict=True)
            )
            if member in kept and promoter_ != old
        ]
        bulk.insert(
            cursor,
            "referral_bond_change",
            {
                "member_id": bulk.int8s(following.member[new]),
                "id": bulk.int8s(new_ids(len(new))),
                "what": bulk.texts([MOVED if following.held[row] else MADE for row in new]),
                "method": bulk.texts([following.method[row] for row in new]),
                "order_id": bulk.int8s(following.order[new]),
                "old_promoter_id": bulk.int8s(following.old[new]),
                "new_promoter_id": bulk.int8s(following.promoter[new]),
            },
            expressions={"old_promoter_id": bulk.nullable("old_promoter_id", "0")},
            constants={"tenant_id": current_tenant(), "at": now, "actor": str(by), "reason": ""},
        )


def give_bond(
    *, member_id: int, promoter_id: int | None, until: datetime | None, reason: str, by: Actor, now: datetime
) -> Bond | None:
    """Gives a member to a promoter by hand, from now until `until` (None: for ever), or to nobody. Raises `missing`, `invalid` without a reason.

    Orders credited before stay as they are.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    if until is not None and until <= now:
        raise invalid("ends_in_past", "The end lies in the past.", at="until")
    before = bond_of(member_id)
    if promoter_id is None:
        if before is None:
            raise missing("no_bond", "This member belongs to nobody.")
        before.until = min(before.until or now, now)
        before.save(force_update=True)
    else:
        promoter(promoter_id)
        Bond.objects.update_or_create(
            tenant_id=current_tenant(),
            member_id=member_id,
            defaults={"promoter_id": promoter_id, "since": now, "until": until},
        )
    BondChange.add(
        member_id=member_id, what=ENDED if promoter_id is None else GIVEN, at=now, actor=str(by), reason=reason[:500],
        old_promoter_id=None if before is None else before.promoter_id, new_promoter_id=promoter_id,
    )  # fmt: skip
    record("bond.given", subject=str(member_id), by=by, now=now, promoter=str(promoter_id), reason=reason)
    return bond_of(member_id)


def prolong_bond(*, member_id: int, until: datetime | None, reason: str, by: Actor, now: datetime) -> Bond:
    """Sets when a member's bond ends, None for never; the holder and the beginning stay. Raises `missing`, `invalid`, `conflict` once it has ended."""
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    if until is not None and until <= now:
        raise invalid("ends_in_past", "The end lies in the past.", at="until")
    held = bond_of(member_id)
    if held is None:
        raise missing("no_bond", "This member belongs to nobody.")
    if held.until is not None and held.until <= now:
        raise conflict("bond_ended", "The bond has ended; give the customer anew.")
    held.until = until
    held.save(force_update=True)
    BondChange.add(
        member_id=member_id, what=GIVEN, at=now, actor=str(by), reason=reason[:500],
        old_promoter_id=held.promoter_id, new_promoter_id=held.promoter_id,
    )  # fmt: skip
    end = "" if until is None else until.isoformat()
    record("bond.prolonged", subject=str(member_id), by=by, now=now, until=end, reason=reason)
    return held
