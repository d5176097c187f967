"""What is looked at before a plan is published: what the check finds in it, and whether promoters are told in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from rongshu.domain.commission.compliance.queries import facts_at
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.referral.ranks.queries import ladder
from rongshu.engine.lint import Report, check_plan, contradictions
from rongshu.engine.plan import Plan, PlanError, differences
from rongshu.kernel.tenancy.queries import house

IN_TIME = 366
"""Days of notice where nothing changes for anybody."""


def look_at(plan: Plan, *, begins: datetime, now: datetime) -> Report:
    """Everything found in a plan that is to be in force from `begins`. Raises PlanError where it contradicts itself.

    Promoters are told when a version is published, so the days of notice are those from `now`, whatever is declared.
    """
    rungs = ladder()
    if problems := contradictions(plan, rungs):
        raise PlanError(problems)
    facts = replace(facts_at(now), notice_days=_notice_days(plan, begins, now))
    return check_plan(plan, facts, rungs, begins.astimezone(house().zone).date())


def _notice_days(plan: Plan, begins: datetime, now: datetime) -> int:
    """Whole days between telling promoters of a change and its beginning. The first version changes nothing for anybody."""
    known = [one for one in versions().versions if one.effective_from <= begins]
    if not known or not differences(plan_of(known[-1]), plan):
        return IN_TIME
    return min(max((begins - now).days, 0), IN_TIME)
