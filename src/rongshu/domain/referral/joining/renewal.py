"""Promoters confirm from time to time what they accepted: told beforehand and on the day, frozen when they do not, going on when they do.

Whose word is `renew_months` old has to confirm. They are told NOTICE before, and on the day
itself; GRACE after the day, and never less than NOTICE after they
were told, whoever has not confirmed is frozen. Where a tenant begins to ask for it, nobody is due earlier than GRACE after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from rongshu.domain.referral.care.actions import freeze_all, resume
from rongshu.domain.referral.care.models import FROZEN, RESUMED, PromoterChange
from rongshu.domain.referral.joining.models import JoiningVersion, Renewal
from rongshu.domain.referral.joining.queries import joining_policy
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.kernel.actor import WORKER, Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

NOTICE, GRACE = timedelta(days=14), timedelta(days=30)
AT_ONCE = 2_000
"""Promoters one look does something about."""
REASON = "not confirmed in time"

_DUE = "greatest(r.held_at + make_interval(months => %(months)s), %(first)s)"
_ACTIVE = "JOIN referral_promoter p ON p.tenant_id = r.tenant_id AND p.id = r.promoter_id AND p.active_to IS NULL"


@dataclass(frozen=True, slots=True)
class Renewing:
    """What is asked of a promoter: confirmed last, due when; `told` and `frozen` by the clock, None while they are not."""

    promoter_id: int
    held_at: datetime
    due_at: datetime
    told_at: datetime | None
    frozen_at: datetime | None


def _asked() -> dict[str, Any] | None:
    """The parameters of what holds now; None where nothing is asked."""
    rules = joining_policy()
    if not rules.renew_months:
        return None
    first = None
    for version in JoiningVersion.objects.order_by("-id"):
        if not version.document.get("renew_months"):
            break
        first = version.at
    assert first is not None
    return {"tenant": current_tenant(), "months": rules.renew_months, "first": first + GRACE, "most": AT_ONCE}


def look_at_renewals(*, now: datetime) -> int:
    """What is due by the clock: promoters taken up, told, frozen, reminded. How many; asked again while it says some."""
    asked = _asked()
    if asked is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_renewal (tenant_id, promoter_id, held_at) "
            "SELECT p.tenant_id, p.id, p.joined_at FROM referral_promoter p WHERE p.tenant_id = %(tenant)s AND p.active_to IS NULL "
            "AND NOT EXISTS (SELECT 1 FROM referral_renewal r WHERE r.tenant_id = p.tenant_id AND r.promoter_id = p.id) "
            "ORDER BY p.id LIMIT %(most)s",
            asked,
        )
        taken = int(cursor.rowcount)
        cursor.execute(
            "UPDATE referral_renewal SET told_at = %(now)s WHERE tenant_id = %(tenant)s AND promoter_id IN ("
            f"SELECT r.promoter_id FROM referral_renewal r {_ACTIVE} WHERE r.tenant_id = %(tenant)s AND r.told_at IS NULL "
            f"AND r.held_at <= %(soon)s - make_interval(months => %(months)s) AND {_DUE} <= %(soon)s "
            "ORDER BY r.held_at LIMIT %(most)s) RETURNING promoter_id",
            {**asked, "now": now, "soon": now + NOTICE},
        )
        told = sorted(row[0] for row in cursor.fetchall())
        cursor.execute(
            f"SELECT r.promoter_id FROM referral_renewal r {_ACTIVE} WHERE r.tenant_id = %(tenant)s AND r.frozen_at IS NULL "
            f"AND r.told_at <= %(noticed)s AND r.held_at <= %(over)s - make_interval(months => %(months)s) AND {_DUE} <= %(over)s "
            "ORDER BY r.held_at LIMIT %(most)s FOR UPDATE OF r",
            {**asked, "noticed": now - NOTICE, "over": now - GRACE},
        )
        overdue = sorted(row[0] for row in cursor.fetchall())
        # Whoever was told only after their day, as the clock had stood still, has just been told.
        cursor.execute(
            "UPDATE referral_renewal SET reminded_at = %(now)s WHERE tenant_id = %(tenant)s AND promoter_id IN ("
            f"SELECT r.promoter_id FROM referral_renewal r {_ACTIVE} WHERE r.tenant_id = %(tenant)s AND r.reminded_at IS NULL "
            f"AND r.held_at <= %(now)s - make_interval(months => %(months)s) AND {_DUE} <= %(now)s AND r.told_at < {_DUE} "
            "AND NOT r.promoter_id = ANY (%(overdue)s) ORDER BY r.held_at LIMIT %(most)s) RETURNING promoter_id",
            {**asked, "now": now, "overdue": overdue},
        )
        reminded = sorted(row[0] for row in cursor.fetchall())
    announce("renewal.due", subjects=told, now=now)
    announce("renewal.today", subjects=reminded, now=now)
    if overdue:
        freeze_all(promoter_ids=overdue, reason=REASON, by=WORKER, now=now)
        Renewal.objects.filter(promoter_id__in=overdue).update(frozen_at=now)
        announce("renewal.overdue", subjects=overdue, now=now)
    return taken + len(told) + len(overdue) + len(reminded)


def confirm_again(*, promoter_id: int, by: Actor, now: datetime) -> bool:
    """A promoter's word holds anew from now on; whoever was frozen for it alone goes on. Whether they do.

    What they confirmed was kept by the caller. Raises `conflict` for whoever has stopped, or was frozen for something else.
    """
    found = promoter(promoter_id)
    resumes = found.active_to is not None
    if resumes and not frozen_for_it(promoter_id):
        raise conflict("not_active", "They do not promote at present.")
    Renewal.objects.update_or_create(
        tenant_id=current_tenant(),
        promoter_id=promoter_id,
        defaults={"held_at": now, "told_at": None, "reminded_at": None, "frozen_at": None},
    )
    record("renewal.confirmed", subject=str(promoter_id), by=by, now=now)
    if resumes:
        resume(promoter_id=promoter_id, reason="confirmed", by=by, now=now)
    return resumes


def frozen_for_it(promoter_id: int) -> bool:
    """Whether the last that happened to a promoter is that the clock froze them for not confirming."""
    held = Renewal.objects.filter(promoter_id=promoter_id, frozen_at__isnull=False).first()
    if held is None:
        return False
    last = PromoterChange.objects.filter(promoter_id=promoter_id, what__in=(FROZEN, RESUMED)).order_by("-id").first()
    return last is not None and last.what == FROZEN and last.actor == str(WORKER) and last.at == held.frozen_at


def renewal_of(promoter_id: int, *, now: datetime) -> Renewing | None:
    """What is asked of one promoter from NOTICE before the day on, or while they are frozen for it; None else."""
    asked = _asked()
    if asked is None:
        return None
    rows = _read(f"r.promoter_id = %(one)s AND ({_DUE} <= %(soon)s OR r.frozen_at IS NOT NULL)", {**asked, "one": promoter_id, "soon": now + NOTICE})  # fmt: skip
    return rows[0] if rows else None


def renewals(*, now: datetime, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[Renewing]:
    """Those who were told and have not confirmed, who confirmed longest ago first; `after` is (held_at, promoter) of the last one shown."""
    asked = _asked()
    if asked is None:
        return []
    held, who = after or (datetime.min.replace(tzinfo=now.tzinfo), 0)
    return _read(
        "r.told_at IS NOT NULL AND (r.held_at, r.promoter_id) > (%(held)s, %(who)s) "
        "AND r.held_at <= %(soon)s - make_interval(months => %(months)s) "
        "AND EXISTS (SELECT 1 FROM referral_promoter p WHERE p.tenant_id = r.tenant_id AND p.id = r.promoter_id "
        "  AND (p.active_to IS NULL OR r.frozen_at = p.active_to)) "
        "ORDER BY r.held_at, r.promoter_id LIMIT %(limit)s",
        {**asked, "held": held, "who": who, "soon": now + NOTICE, "limit": limit},
    )


def _read(where: str, values: dict[str, Any]) -> list[Renewing]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.promoter_id, r.held_at, {_DUE}, r.told_at, r.frozen_at FROM referral_renewal r "
            f"WHERE r.tenant_id = %(tenant)s AND {where}",
            values,
        )
        return [Renewing(*row) for row in cursor.fetchall()]
