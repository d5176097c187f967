from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection, transaction

from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.referral.promoters.models import FROZEN, LEFT, InviterChange, Promoter
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.engine.forest import CycleError, grow
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant


def move_forest() -> None:
    """Takes the forest's turn: whoever changes it waits here for whoever changes it now, and the version moves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_foresthead AS h (tenant_id, version, standing_version, sales_moved) VALUES (%s, 1, -1, false) "
            "ON CONFLICT (tenant_id) DO UPDATE SET version = h.version + 1",
            [current_tenant()],
        )


@dataclass(frozen=True, slots=True)
class Joining:
    """A member who opted in to promote."""

    member_id: int
    inviter_id: int | None
    joined_at: datetime
    rank: str = ""


def enrol_promoters(*, joinings: Sequence[Joining], by: Actor, now: datetime) -> list[int]:
    """Members become promoters, in one go; whoever is one already stays as they are. Returns the ids of the new ones.

    Inviters may be among the new ones, in any order. Raises `invalid` for an inviter who is no promoter, a self-invitation
    or a circle among the new ones (an old promoter cannot be below a new one, so no other circle can arise).
    """
    move_forest()
    ids = np.array([joining.member_id for joining in joinings], dtype=np.int64)
    inviters = np.array([joining.inviter_id or 0 for joining in joinings], dtype=np.int64)
    old = set(Promoter.objects.filter(id__in=list({*ids.tolist(), *inviters.tolist()})).values_list("id", flat=True))
    fresh = [i for i, joining in enumerate(joinings) if joining.member_id not in old]
    new = {joinings[i].member_id: row for row, i in enumerate(fresh)}
    if len(new) < len(fresh):
        raise invalid("member_twice", "A member is named twice in one enrolment.", at="member")
    for i in fresh:
        joining = joinings[i]
        if joining.inviter_id == joining.member_id:
            raise _self_invitation()
        if joining.inviter_id is not None and joining.inviter_id not in old and joining.inviter_id not in new:
            names = shown_names([joining.inviter_id])
            raise invalid(
                "inviter_no_promoter",
                "%(name)s is not a promoter and cannot be an inviter.",
                at="inviter",
                name=names.get(joining.inviter_id, joining.inviter_id),
            )
    parent = np.array([new.get(joinings[i].inviter_id or 0, -1) for i in fresh], dtype=np.int64)
    try:
        order = grow(parent).order
    except CycleError as error:
        raise _circle() from error
    chosen = [joinings[fresh[row]] for row in order.tolist()]
    if not chosen:
        return []
    member = bulk.int8s([joining.member_id for joining in chosen])
    inviter = bulk.int8s([joining.inviter_id or 0 for joining in chosen])
    joined = bulk.instants(bulk.to_micros([joining.joined_at for joining in chosen]))
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_promoter",
            {
                "id": member,
                "inviter_id": inviter,
                "rank": bulk.texts([joining.rank for joining in chosen]),
                "joined_at": joined,
                "active_from": joined,
            },
            expressions={"inviter_id": bulk.nullable("inviter_id", "0")},
            constants={"tenant_id": tenant},
        )
        bulk.insert(
            cursor,
            "referral_inviterchange",
            {"promoter_id": member, "id": bulk.int8s(new_ids(len(chosen))), "new_inviter_id": inviter, "at": joined},
            expressions={"new_inviter_id": bulk.nullable("new_inviter_id", "0")},
            constants={"tenant_id": tenant, "actor": str(by), "reason": ""},
        )
    joined_ids = [joining.member_id for joining in chosen]
    record("promoter.enrolled", subject=f"{len(chosen)} promoters", by=by, now=now, first=str(joined_ids[0]))
    announce("promoter.enrolled", subjects=joined_ids, now=now)
    return joined_ids


def _self_invitation() -> Exception:
    return invalid("own_inviter", "Nobody can be their own inviter.", at="inviter")


def _circle() -> Exception:
    return conflict("invitation_circle", "That would make somebody stand above themselves; the forest has no circles.")


def check_inviter(*, promoter_id: int, inviter_id: int | None) -> None:
    """Raises what `change_inviter` would raise for this inviter as things stand."""
    if inviter_id is None:
        return
    if inviter_id == promoter_id:
        raise _self_invitation()
    promoter(inviter_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH RECURSIVE above AS (SELECT %s::bigint AS id UNION "
            "SELECT p.inviter_id FROM above a JOIN referral_promoter p ON p.tenant_id = %s AND p.id = a.id "
            "WHERE p.inviter_id IS NOT NULL) SELECT EXISTS (SELECT 1 FROM above WHERE id = %s)",
            [inviter_id, current_tenant(), promoter_id],
        )
        if cursor.fetchone()[0]:
            raise _circle()


def change_inviter(*, promoter_id: int, inviter_id: int | None, reason: str, by: Actor, now: datetime) -> None:
    """Moves a promoter, with their whole team, below another inviter (or to the roots).

    Commissions already rated stay as they are. Raises `missing`, `invalid` (self), `conflict` (it would close a circle);
    under races too, because changes of one forest take turns.
    """
    with transaction.atomic():
        move_forest()
        moved = promoter(promoter_id)
        check_inviter(promoter_id=promoter_id, inviter_id=inviter_id)
        if moved.inviter_id == inviter_id:
            return
        Promoter.objects.filter(id=promoter_id).update(inviter_id=inviter_id)
        InviterChange.add(
            promoter_id=promoter_id,
            old_inviter_id=moved.inviter_id,
            new_inviter_id=inviter_id,
            at=now,
            actor=str(by),
            reason=reason,
        )
        record("promoter.moved", subject=str(promoter_id), by=by, now=now, reason=reason)
        announce("promoter.moved", subjects=[promoter_id], now=now)


def end_promoter(*, promoter_id: int, by: Actor, now: datetime, how: str = LEFT) -> bool:
    """A promoter stops: orders paid from now on earn them nothing; what was earned stays. Whether they were active. Raises `missing`.

    `how` is kept with it: whoever is FROZEN may go on one day.
    """
    promoter(promoter_id)
    move_forest()
    done = Promoter.objects.filter(id=promoter_id, active_to=None).update(active_to=now, ended_as=how)
    record("promoter.ended", subject=str(promoter_id), by=by, now=now, how=how)
    return done > 0


def end_promoters(*, promoter_ids: Sequence[int], by: Actor, now: datetime, how: str = LEFT) -> list[int]:
    """`end_promoter` for many at once; the ids of those who were active."""
    if not promoter_ids:
        return []
    move_forest()
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE referral_promoter SET active_to = %s, ended_as = %s "
            "WHERE tenant_id = %s AND id = ANY (%s::bigint[]) AND active_to IS NULL RETURNING id",
            [now, how, current_tenant(), list(promoter_ids)],
        )
        ended = sorted(row[0] for row in cursor.fetchall())
    record("promoters.ended", subject=f"{len(ended)} promoters", by=by, now=now, how=how, first=str(ended[:1]))
    return ended


def resume_promoter(*, promoter_id: int, by: Actor, now: datetime) -> bool:
    """A frozen promoter goes on: orders rated from now on earn them again. Whether they were frozen. Raises `missing`."""
    promoter(promoter_id)
    move_forest()
    done = Promoter.objects.filter(id=promoter_id, ended_as=FROZEN).update(active_to=None, ended_as="")
    record("promoter.resumed", subject=str(promoter_id), by=by, now=now)
    return done > 0
