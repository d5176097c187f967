"""A tenant with promoters, orders through the real intake, and a ladder."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.factories import TESTER

LADDER = """
currency: CNY
window: {months: 1}
ranks:
  - {name: bronze, title: {zh: 铜牌, en: Bronze}, needs: {own_sales: "1000.00"}}
  - {name: silver, title: {zh: 银牌, en: Silver}, needs: {own_sales: "5000.00", own_orders: 2}}
  - {name: gold, title: {zh: 金牌, en: Gold}, needs: {own_sales: "20000.00", own_orders: 3}}
"""
PLAN = """
name: ranked
currency: CNY
levels: {1: {rate: 10%}}
overrides:
  - {id: silver, level: 1, when: {rank: silver}, rate: 20%}
  - {id: gold, level: 1, when: {rank: gold}, rate: 30%}
"""


class Ranked:
    """Promoters a <- b <- c and a <- d, all since `joined`; x only buys."""

    def __init__(self, tenant: int, *, joined: datetime, ladder: str = LADDER, plan: str = PLAN) -> None:
        from rongshu.domain.commission.plans.actions import publish_plan
        from rongshu.domain.members.profiles.actions import ensure_members
        from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
        from rongshu.domain.referral.ranks.actions import save_ladder
        from rongshu.kernel.tenancy.queries import house
        from rongshu.kernel.tenancy.scope import tenant_scope

        self.tenant = tenant
        self.scope = lambda: tenant_scope(tenant)
        with self.scope():
            self.house = house()
            self.ids = ensure_members(external_ids=["a", "b", "c", "d", "x"], now=joined)
            above = {"a": None, "b": "a", "c": "b", "d": "a"}
            joinings = [Joining(self.ids[name], self.ids[one] if one else None, joined) for name, one in above.items()]
            enrol_promoters(joinings=joinings, by=TESTER, now=joined)
            publish_plan(text=plan, effective_from=joined - timedelta(days=1), by=TESTER, now=joined)
            if ladder:
                save_ladder(text=ladder, by=TESTER, now=joined)

    def order(
        self, name: str, promoter: str, paid: str, at: datetime, *, buyer: str = "x", now: datetime | None = None
    ) -> int:
        """An order accepted and rated; our id."""
        from rongshu.flows.intake.accept import accept_orders
        from rongshu.flows.intake.shapes import ORDERS

        entry = {"id": name, "paid_at": at, "buyer": buyer, "promoter": promoter, "lines": [{"sku": "S", "paid": paid}]}
        with self.scope():
            done = accept_orders(orders=ORDERS.validate_python([entry]), tenant=self.house, by=TESTER, now=now or at)
        assert done.results[0].problem is None
        self.work(now or at)
        identifier: int = done.results[0].id
        return identifier

    def refund(self, order: str, amount: str, at: datetime) -> None:
        from rongshu.flows.intake.accept import accept_refunds
        from rongshu.flows.intake.shapes import REFUNDS

        entry = {"id": f"r-{order}", "order": order, "refunded_at": at, "lines": [{"line_no": 1, "amount": amount}]}
        with self.scope():
            accept_refunds(refunds=REFUNDS.validate_python([entry]), tenant=self.house, by=TESTER, now=at)
        self.work(at)

    def work(self, now: datetime) -> None:
        from rongshu.flows.intake.work import work_off

        while work_off(self.tenant, now=now):
            pass

    def look(self, now: datetime) -> int:
        """One look of the clock; how many ranks changed."""
        from rongshu.domain.referral.ranks.actions import assess_ranks

        with self.scope():
            return assess_ranks(now=now)

    def ranks(self) -> dict[str, str]:
        from rongshu.domain.referral.promoters.models import Promoter

        with self.scope():
            held = dict(Promoter.objects.values_list("id", "rank"))
        return {name: held[identifier] for name, identifier in self.ids.items() if identifier in held}

    def changes(self, name: str) -> list[Any]:
        """Changes of a promoter's rank, the first one first."""
        from rongshu.domain.referral.ranks.queries import rank_changes

        with self.scope():
            return rank_changes(self.ids[name])[::-1]
