"""What is told when something happened: each event becomes messages in one statement, however many subjects it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from rongshu.domain.commission.notices.models import CHANGE, PlanNotice
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.domain.referral.joining.models import Application, Renewal
from rongshu.domain.referral.joining.renewal import GRACE
from rongshu.domain.referral.ranks.queries import ladder
from rongshu.engine.ranks import Ladder
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PERMISSIONS
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

_WITH_REASON = ("failed", "refused", "returned")


def tell_of_step(*, state: str, withdrawals: Sequence[int], at: datetime) -> int:
    """A step of withdrawals to whoever asked for them; how many were told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT w.id, w.promoter_id, w.amount, w.amount - w.fee - w.tax, s.reason FROM settlement_withdrawal w "
            "LEFT JOIN LATERAL (SELECT reason FROM settlement_step s WHERE %s AND s.tenant_id = w.tenant_id AND s.withdrawal_id = w.id "
            "  AND s.state = %s ORDER BY s.id DESC LIMIT 1) s ON true "
            "WHERE w.tenant_id = %s AND w.id = ANY (%s)",
            [state in _WITH_REASON, state, current_tenant(), list(withdrawals)],
        )
        rows = cursor.fetchall()
    return tell(
        kind=f"withdrawal.{state}",
        recipients=[row[1] for row in rows],
        about=[row[0] for row in rows],
        data=[
            {"amount": row[2], "net": row[3]} | ({"reason": row[4] or ""} if state in _WITH_REASON else {})
            for row in rows
        ],
        at=at,
    )


def tell_of_ranks(*, promoters: Sequence[int], at: datetime) -> int:
    """Their latest change of rank to promoters; how many were told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (promoter_id) promoter_id, id, new_rank FROM referral_rank_change "
            "WHERE tenant_id = %s AND promoter_id = ANY (%s) ORDER BY promoter_id, id DESC",
            [current_tenant(), list(promoters)],
        )
        rows = cursor.fetchall()
    present = ladder()
    titles = {
        name: {language: _title(present, name, language) for language in ("zh", "en")}
        for name in {row[2] for row in rows}
    }
    return tell(
        kind="rank.changed",
        recipients=[row[0] for row in rows],
        about=[row[1] for row in rows],
        data=[{"rank": titles[row[2]]} for row in rows],
        at=at,
    )


def _title(present: Ladder | None, name: str, language: str) -> str:
    return next((rank.titled(language) for rank in present.ranks if rank.name == name), name) if present else name


def tell_of_rewards(*, period: int, at: datetime) -> int:
    """What the close of a period paid, to whoever it was paid; how many were told."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT r.promoter_id, sum(r.amount)::bigint, p.start, p."end" - 1 FROM commission_reward r '
            "JOIN commission_period p ON p.tenant_id = r.tenant_id AND p.id = r.period_id "
            "WHERE r.tenant_id = %s AND r.period_id = %s AND r.adjustment_of IS NULL GROUP BY 1, 3, 4 HAVING sum(r.amount) > 0",
            [current_tenant(), period],
        )
        rows = cursor.fetchall()
    return tell(
        kind="reward.paid",
        recipients=[row[0] for row in rows],
        about=[period] * len(rows),
        data=[{"amount": row[1], "since": row[2].isoformat(), "until": row[3].isoformat()} for row in rows],
        at=at,
    )


def tell_of_plan(*, published: Sequence[int], at: datetime) -> int:
    """A new version of the plan by e-mail, to whoever was a promoter by then; in the app its notice tells it. How many were told.

    Only of versions that promoters are given a notice of: the first of all changes nothing for anybody.
    """
    noticed = PlanNotice.objects.filter(version_id__in=list(published), kind=CHANGE).values_list(
        "version_id", flat=True
    )
    told = 0
    for version in PlanVersion.objects.filter(id__in=list(noticed)):  # one at a time is published
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT p.id FROM referral_promoter p JOIN members_member m ON m.tenant_id = p.tenant_id AND m.id = p.id "
                "WHERE p.tenant_id = %s AND m.email IS NOT NULL AND p.joined_at < %s",
                [current_tenant(), version.effective_from],
            )
            people = [row[0] for row in cursor.fetchall()]
        day = version.effective_from.astimezone(house().zone).date().isoformat()
        told += tell(
            kind="plan.changed",
            recipients=people,
            about=[version.id] * len(people),
            data=[{"day": day}] * len(people),
            at=at,
        )
    return told


def tell_team(*, kind: str, about: int, data: Mapping[str, Any], at: datetime) -> int:
    """Something to every login of the team that its kind is for; how many were told."""
    permission = KINDS[kind].permission
    roles = [role for role, granted in PERMISSIONS.items() if permission in granted]
    people = list(
        Login.objects.filter(tenant_id=current_tenant(), is_active=True, role__in=roles).values_list("id", flat=True)
    )
    return tell(kind=kind, recipients=people, about=[about] * len(people), data=[data] * len(people), at=at)


def tell_of_undone(*, batches: Sequence[int], at: datetime) -> None:
    """Batches taken back, to the team."""
    for batch in batches:  # somebody takes back one at a time
        tell_team(kind="team.batch_undone", about=batch, data={}, at=at)


def tell_of_differences(*, tasks: Sequence[int], at: datetime) -> int:
    """New differences of a reconciliation, to the team: one message for all of an event."""
    return tell_team(kind="team.reconciliation", about=min(tasks), data={"count": len(tasks)}, at=at)


def tell_of_check(*, day: int, differences: int, at: datetime) -> int:
    """The ledger check differs, to the team: once a day."""
    return tell_team(kind="team.ledger", about=day, data={"count": differences}, at=at)


def tell_of_rerating(*, preview: int, orders: int, at: datetime) -> int:
    """A re-rating is previewed and waits for somebody else, to the team: once a preview."""
    return tell_team(kind="team.rerating", about=preview, data={"count": orders}, at=at)


def tell_of_applications(*, applications: Sequence[int], at: datetime) -> None:
    """New applications, to the team."""
    for application in applications:  # somebody asks for themselves
        tell_team(kind="team.application", about=application, data={}, at=at)


def tell_of_renewals(*, state: str, promoters: Sequence[int], at: datetime) -> int:
    """To promoters that they have to confirm what they accepted, or were frozen because they did not; how many were told."""
    rows = {row.promoter_id: row for row in Renewal.objects.filter(promoter_id__in=list(promoters))}
    ids = [one for one in promoters if one in rows]
    return tell(
        kind=f"renewal.{state}",
        recipients=ids,
        about=[int(rows[one].held_at.timestamp() * 1000) for one in ids],
        data=[{"days": str(GRACE.days)} if state == "today" else {} for _one in ids],
        at=at,
    )


def tell_applicants(*, state: str, applications: Sequence[int], at: datetime) -> int:
    """What became of their applications, to those who asked; how many were told."""
    rows = list(Application.objects.filter(id__in=list(applications)))
    return tell(
        kind=f"application.{state}",
        recipients=[row.member_id for row in rows],
        about=[row.id for row in rows],
        data=[{"reason": row.reason} for row in rows],
        at=at,
    )
