from __future__ import annotations

from datetime import datetime

from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.marketing.nudging.models import Nudge
from rongshu.domain.marketing.nudging.queries import week_of, written_to
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import current_tenant

A_WEEK = 50
"""How many people a leader may write to in a week; to each of them once."""
WELCOME, HELP, NUDGE = "leader.welcome", "leader.help", "leader.nudge"
KINDS = (WELCOME, HELP, NUDGE)


def nudge(*, leader_id: int, recipient_id: int, kind: str, leader: str, by: Actor, now: datetime) -> None:
    """Writes to somebody the leader invited; `leader` is the name as it may be shown.

    Raises `missing` for whoever was not invited by them, `conflict` for whoever promotes no more, was written to this week, or
    does not want it, and beyond the week's limit.
    """
    if kind not in KINDS:
        raise invalid("unknown_kind", "There is no such message.")
    promoter = Promoter.objects.filter(id=recipient_id, inviter_id=leader_id).first()
    if promoter is None:
        raise missing("not_invited", "You did not invite this member.")
    if promoter.active_to is not None and promoter.active_to <= now:
        raise conflict("not_active", "This member promotes no more.")
    Promoter.objects.select_for_update().filter(
        id=leader_id
    ).first()  # a leader writes one message at a time: the limit holds
    week = week_of(now)
    if written_to(leader_id, [recipient_id], now):
        raise conflict("written_this_week", "You have written to this member this week. Next week you can again.")
    if Nudge.objects.filter(leader_id=leader_id, week=week).count() >= A_WEEK:
        raise conflict(
            "enough_this_week", "You have written to %(number)s members this week: that is the limit.", number=A_WEEK
        )
    if not tell(kind=kind, recipients=[recipient_id], about=[week], data=[{"leader": leader}], at=now):
        raise conflict("not_wanted", "This member does not want such messages.")
    Nudge.objects.create(
        tenant_id=current_tenant(), leader_id=leader_id, week=week, recipient_id=recipient_id, kind=kind, at=now
    )
    record("promoter.nudged", subject=outside("mem", recipient_id), by=by, now=now, kind=kind)
