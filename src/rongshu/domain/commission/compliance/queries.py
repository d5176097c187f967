from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection

from rongshu.domain.commission.compliance.models import DeclaredFacts, KeptCheck
from rongshu.domain.referral.ranks.queries import ladder
from rongshu.engine.lint import Facts, Report, check_plan, contradictions
from rongshu.engine.money import MILLION
from rongshu.engine.plan import Plan, PlanError
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

RETAIL_DAYS = timedelta(days=90)


def declared() -> DeclaredFacts | None:
    """What was declared last; None when nothing ever was."""
    return DeclaredFacts.objects.order_by("-number").first()


def declarations(limit: int = 20) -> list[DeclaredFacts]:
    """The latest first."""
    return list(DeclaredFacts.objects.order_by("-number")[:limit])


def facts_at(now: datetime) -> Facts:
    """What is declared, and what the system knows by itself.

    The rules page is there from the first published version on, and a refund always takes back what was paid for it.
    """
    last = declared()
    said = Facts() if last is None else Facts.from_document(last.facts)
    return replace(said, rules_page=True, reverses_refunds=True, retail_share=retail_share(now))


def retail_share(now: datetime) -> int | None:
    """Of what was paid in the last 90 days for orders credited to a promoter, the part bought by people who were no active
    promoters then, in parts per million rounded down; None without such orders. Buyers nobody knows count as people.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT coalesce(sum(o.paid), 0), coalesce(sum(o.paid) FILTER (WHERE p.id IS NULL), 0)
            FROM commerce_order o LEFT JOIN referral_promoter p ON p.tenant_id = o.tenant_id AND p.id = o.buyer_id
              AND p.active_from <= o.paid_at AND (p.active_to IS NULL OR p.active_to > o.paid_at)
            WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s AND o.promoter_id IS NOT NULL""",
            [current_tenant(), now - RETAIL_DAYS, now],
        )
        everything, retail = cursor.fetchone()
    return int(retail) * MILLION // int(everything) if everything else None


def check(plan: Plan, *, begins: datetime, now: datetime) -> Report:
    """Everything found in a plan that is to be in force from `begins`. Raises PlanError where it contradicts itself or the ladder."""
    rungs = ladder()
    if problems := contradictions(plan, rungs):
        raise PlanError(problems)
    return check_plan(plan, facts_at(now), rungs, begins.astimezone(house().zone).date())


def kept_checks(limit: int = 20) -> list[KeptCheck]:
    """The latest first."""
    return list(KeptCheck.objects.order_by("-id").defer("text")[:limit])
