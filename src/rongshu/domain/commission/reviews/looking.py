"""What is looked at before a plan is published: what the check finds in it, and whether promoters are told in time."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine.lint import WARN, Facts, Finding, Report, check_plan, contradictions
from rongshu.engine.plan import Plan, PlanError, differences
from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.tenancy.queries import house

NOTICE = "PRT-04"
NOTICE_DAYS = 7
TOO_SOON = _("The change begins %(given)s days after promoters are told of it; the profile asks for %(asked)s days.")
LATER = _("Let the version begin on %(day)s or later.")
ARTICLE_34 = _(
    "E-Commerce Law of China, article 34: changes of rules are published at least seven days before they begin"
)


def look_at(plan: Plan, *, begins: datetime, now: datetime) -> Report:
    """Everything found in a plan that is to be in force from `begins`. Raises PlanError where it contradicts itself."""
    ladder = None
    if problems := contradictions(plan, ladder):
        raise PlanError(problems)
    report = check_plan(plan, Facts(rules_page=True), ladder, begins.astimezone(house().zone).date())
    return replace(report, findings=(*report.findings, *_notice(plan, begins, now)))


def _notice(plan: Plan, begins: datetime, now: datetime) -> list[Finding]:
    """A change of rules that promoters hear of too late. The first version changes nothing for anybody."""
    known = [one for one in versions().versions if one.effective_from <= begins]
    if plan.jurisdiction != "CN" or not known or begins >= now + timedelta(days=NOTICE_DAYS):
        return []
    if not differences(plan_of(known[-1]), plan):
        return []
    params = {"given": max((begins - now).days, 0), "asked": NOTICE_DAYS}
    day = (now + timedelta(days=NOTICE_DAYS)).date().isoformat()
    return [Finding(NOTICE, WARN, "effective_from", TOO_SOON, params, ARTICLE_34, LATER, {"day": day})]
