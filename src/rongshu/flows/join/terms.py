"""What somebody who wants to join is asked for: the tenant's policy with what its market adds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.referral.joining.policy import JoiningPolicy
from rongshu.domain.referral.joining.queries import joining_policy
from rongshu.engine.jurisdictions import ANYWHERE, profile
from rongshu.engine.plan import Plan
from rongshu.kernel.tenancy.queries import house


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for whoever joins now. `groups` says whether the excluded groups are asked for."""

    policy: JoiningPolicy
    plan: Plan | None
    number: int
    """Of the plan in force, 0 for none."""
    jurisdiction: str
    minimum_age: int
    groups: bool


def plan_in_force(now: datetime) -> PlanVersion | None:
    """The version by which orders paid now are rated."""
    return next((one for one in reversed(versions().versions) if one.effective_from <= now), None)


def terms_at(now: datetime) -> Terms:
    """The terms of the active tenant at an instant; without a plan the strictest market's."""
    rules, version = joining_policy(), plan_in_force(now)
    plan = None if version is None else plan_of(version)
    code = ANYWHERE if plan is None else plan.jurisdiction
    market, day = profile(code), now.astimezone(house().zone).date()
    return Terms(
        policy=rules,
        plan=plan,
        number=0 if version is None else version.number,
        jurisdiction=code,
        minimum_age=max(rules.minimum_age, market.number("minimum_age", day)),
        groups=rules.ask_groups or market.flag("excluded_groups", day),
    )
