from __future__ import annotations

from datetime import date, datetime, timedelta

from rongshu.domain.referral.goals.models import ACTIVE, WHATS, Goal
from rongshu.domain.referral.goals.queries import figures_of
from rongshu.engine.money import MAX_UNITS
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

LONGEST = timedelta(days=366)


def set_goal(*, promoter_id: int, what: str, wanted: int, until: date, by: Actor, now: datetime) -> None:
    """Sets a goal from now on, in place of one of the same kind; `wanted` in members, or minor units for sales.

    Raises `invalid` at what is no goal, no number above 0, or no day within the year to come.
    """
    if what not in WHATS:
        raise invalid("unknown_goal", "Choose what is to be reached.", at="what")
    if not 0 < wanted <= MAX_UNITS:
        raise invalid("no_number", "Give a number above 0.", at="wanted")
    today = now.astimezone(house().zone).date()
    if not today <= until <= today + LONGEST:
        raise invalid("no_day", "Give a day from today on, within a year.", at="until")
    began = 0 if what == ACTIVE else figures_of(promoter_id)[what]
    Goal.objects.update_or_create(
        tenant_id=current_tenant(),
        promoter_id=promoter_id,
        what=what,
        defaults={"began": began, "wanted": wanted, "set_at": now, "until": until},
    )
    record("goal.set", subject=outside("mem", promoter_id), by=by, now=now, what=what, wanted=wanted, until=str(until))


def drop_goal(*, promoter_id: int, what: str, by: Actor, now: datetime) -> None:
    """Takes a goal away; one that is not there is gone already."""
    if Goal.objects.filter(promoter_id=promoter_id, what=what).delete()[0]:
        record("goal.dropped", subject=outside("mem", promoter_id), by=by, now=now, what=what)
