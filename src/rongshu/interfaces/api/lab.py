"""The plan lab: a plan tried on past orders beside a published version."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Field, Router, Schema

from rongshu.domain.commission.lab.queries import ground_of, try_plans, window_to_try
from rongshu.domain.commission.lab.report import report
from rongshu.domain.commission.plans.actions import readable
from rongshu.domain.commission.plans.queries import plan_of, version, versions
from rongshu.flows.intake.shapes import Instant
from rongshu.interfaces.api.described import answers
from rongshu.interfaces.api.door import answer, caller
from rongshu.interfaces.api.plans import PlanIn
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope

router = Router(tags=["plans"])


class SimulateIn(PlanIn):
    since: Instant
    until: Instant
    """Orders paid from `since` on and before `until`."""
    against: Annotated[int, Field(ge=1, le=2_000_000_000)] | None = None
    """The number of the published version to compare with; the one in force when left out."""


class WindowTried(Schema):
    since: str
    until: str
    orders: int
    lines: int


class LevelTried(Schema):
    kind: str
    level: int
    accrued: str
    reversed: str


class PeriodTried(Schema):
    kind: str
    id: str
    period: str
    total: str
    promoters: int


class PlanTried(Schema):
    """One plan's figures: money as decimal strings, ratios, shares and the Gini coefficient in parts per million."""

    plan: str
    document_hash: str
    rows: int
    accrued: str
    reversed: str
    rewards: str
    cost: str
    cost_ratio: int | None
    levels: list[LevelTried]
    periods: list[PeriodTried]
    earners: int
    top_1_percent_share: int | None
    gini: int | None
    cut_by_caps: str
    orders_at_a_cap: int
    orders_at_order_cap: int
    orders_at_day_cap: int
    orders_at_month_cap: int
    margin_after_commission: str | None


class Simulated(Schema):
    """Both plans' figures, then what differs. `result` is a hash of what every order and promoter has by both."""

    window: WindowTried
    currency: str
    paid: str
    refunded: str
    before: PlanTried
    after: PlanTried
    difference: str
    categories: list[dict[str, str]]
    promoters: dict[str, Any]
    orders_changed: int
    orders: list[dict[str, str]]
    heaviest_days: list[dict[str, str]]
    worst_days: list[dict[str, str]]
    result: str


@router.post("/plans/simulate", response=answers(200, Simulated), summary="Try a plan on past orders")
def post_simulate(request: HttpRequest, body: SimulateIn) -> HttpResponse:
    """What the plan would have paid for the orders of a window, beside a published version. Nothing is kept or changed."""
    who = caller(request, Scope.PLANS_READ)
    with tenant_scope(who.house.id):
        after = readable(body.text)
        window = window_to_try(body.since, body.until)
        if body.against is not None:
            before = plan_of(version(body.against))
        else:
            known, now = versions().versions, utc_now()
            force = [one for one in known if one.effective_from <= now] or list(known)
            before = plan_of(force[-1]) if force else after
        return answer(report(window, ground_of(window), try_plans(before, after, window)))
