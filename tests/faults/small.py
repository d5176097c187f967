"""A tenant with a promoter and their inviter, a plain plan, and an order that earns them 10.00 and 3.00."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.conftest import NOW
from tests.factories import TESTER, found

PLAN = """
name: plain
currency: CNY
jurisdiction: XX
levels:
  1: {rate: 10%}
  2: {rate: 3%}
release: {after: completed, days: 15}
"""
ONE: dict[str, Any] = {
    "id": "A1",
    "paid_at": NOW - timedelta(days=1),
    "buyer": "b",
    "promoter": "p",
    "lines": [{"sku": "S", "paid": "100.00"}],
}


def house_with_plan(now: datetime) -> House:
    """A tenant whose promoter `p`, invited by `q`, earns 10 % of what is credited to them."""
    house = found(now=now)
    with tenant_scope(house.id):
        ids = ensure_members(external_ids=["p", "q"], now=now)
        joined = now - timedelta(days=100)
        joinings = [Joining(ids["q"], None, joined), Joining(ids["p"], ids["q"], joined)]
        enrol_promoters(joinings=joinings, by=TESTER, now=now)
        publish_plan(text=PLAN, effective_from=now - timedelta(days=100), by=TESTER, now=now)
    return house


def orders(count: int, prefix: str = "A") -> list[dict[str, Any]]:
    """Orders like ONE, each of its own buyer."""
    return [{**ONE, "id": f"{prefix}{number}", "buyer": f"{prefix}-b{number}"} for number in range(count)]
