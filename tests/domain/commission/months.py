"""A tenant whose plan has steps and pools, with orders through the real intake and a clock of the test's own."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from typing import Any

from tests.factories import TESTER

PLAN = """
name: rewarding
currency: CNY
levels: {1: {rate: 10%}}
steps:
  - {id: climb, period: month, bands: [{from: "100.00", rate: 1%}, {from: "500.00", rate: 2%}]}
pools:
  - {id: leaders, period: month, share: 1%, eligible: {rank: [gold]}, split: own_sales}
release: {after: completed, days: 15}
"""
JOINED = datetime(2025, 11, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 4, minute: int = 0) -> datetime:
    """In 2026; 4 o'clock is noon in Shanghai."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


class Months:
    """Promoters a <- b <- c and a <- d, since November; b and c are gold; x only buys."""

    def __init__(self, tenant: int, *, plan: str = PLAN) -> None:
        from rongshu.domain.commission.plans.actions import publish_plan
        from rongshu.domain.members.profiles.actions import ensure_members
        from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
        from rongshu.kernel.tenancy.queries import house
        from rongshu.kernel.tenancy.scope import tenant_scope

        self.tenant = tenant
        self.scope = lambda: tenant_scope(tenant)
        self._numbers = itertools.count(1)
        with self.scope():
            self.house = house()
            self.ids = ensure_members(external_ids=["a", "b", "c", "d", "x"], now=JOINED)
            above = {"a": None, "b": "a", "c": "b", "d": "a"}
            joinings = [Joining(self.ids[name], self.ids[one] if one else None, JOINED) for name, one in above.items()]
            enrol_promoters(joinings=joinings, by=TESTER, now=JOINED)
            publish_plan(text=plan, effective_from=at(1, 1, 0), by=TESTER, now=JOINED)
        self.names = {identifier: name for name, identifier in self.ids.items()}
        self.rank("b", "gold")
        self.rank("c", "gold")

    def rank(self, name: str, rank: str) -> None:
        """The rank held now and always, as long as its history says nothing else."""
        from rongshu.domain.referral.promoters.models import Promoter

        with self.scope():
            Promoter.objects.filter(id=self.ids[name]).update(rank=rank)

    def order(
        self, name: str, promoter: str | None, paid: str, when: datetime, *, buyer: str = "x",
        now: datetime | None = None, **line: Any,
    ) -> None:  # fmt: skip
        """An order accepted, rated and announced."""
        from rongshu.flows.intake.accept import accept_orders
        from rongshu.flows.intake.shapes import ORDERS

        entry = {"id": name, "paid_at": when, "buyer": buyer, "lines": [{"sku": "S", "paid": paid, **line}]}
        if promoter:
            entry["promoter"] = promoter
        with self.scope():
            done = accept_orders(orders=ORDERS.validate_python([entry]), tenant=self.house, by=TESTER, now=now or when)
        assert done.results[0].problem is None
        self.work(now or when)

    def refund(self, order: str, amount: str, when: datetime) -> None:
        from rongshu.flows.intake.accept import accept_refunds
        from rongshu.flows.intake.shapes import REFUNDS

        name = f"r{next(self._numbers)}"
        entry = {"id": name, "order": order, "refunded_at": when, "lines": [{"line_no": 1, "amount": amount}]}
        with self.scope():
            accept_refunds(refunds=REFUNDS.validate_python([entry]), tenant=self.house, by=TESTER, now=when)
        self.work(when)

    def work(self, now: datetime) -> None:
        from rongshu.flows.intake.work import work_off
        from rongshu.flows.table import EVENTS
        from rongshu.kernel.outbox.actions import deliver

        while work_off(self.tenant, now=now):
            pass
        with self.scope():
            while deliver(EVENTS, now=now):
                pass

    def close(self, now: datetime) -> int:
        """The clock asks until nothing is left; how often something was closed or adjusted."""
        from rongshu.domain.commission.periods.actions import close_due

        done = 0
        while True:
            with self.scope():
                one = close_due(now=now)
            if not one:
                self.work(now)
                return done
            done += one

    def rewards(self, rule: str = "climb") -> list[tuple[str, str, int, int, bool]]:
        """(month, promoter, metric, amount, adjustment), in the sequence they were posted."""
        from rongshu.domain.commission.periods.models import Reward, RewardPeriod

        with self.scope():
            periods = {one.id: one for one in RewardPeriod.objects.filter(rule=rule)}
            rows = Reward.objects.filter(period_id__in=list(periods))
            return sorted(
                (
                    periods[row.period_id].start.isoformat()[:7], self.names[row.promoter_id], row.metric, row.amount,
                    row.adjustment_of is not None,
                )
                for row in rows
            )  # fmt: skip

    def books(self, name: str) -> tuple[int, int]:
        """What is available to somebody, and what they owe (0 or below)."""
        from rongshu.ledger.queries import standings_of

        with self.scope():
            found = standings_of([self.ids[name]])[self.ids[name]]
        return found.available, found.debt

    def verified(self) -> dict[str, int]:
        """Differences by invariant, those with none left out."""
        from rongshu.flows.verify import verify_tenant

        return {one.name: one.differences for one in verify_tenant(self.tenant).findings if one.differences}
