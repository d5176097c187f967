"""Scenarios as the page shows them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from rongshu.domain.commission.lab.queries import result_hash, try_plans, window_to_try
from rongshu.domain.commission.plans.actions import readable
from rongshu.domain.commission.scenarios.models import Scenario
from rongshu.engine.money import parse_units
from rongshu.interfaces.console.pages.lab import Kept, Lab
from rongshu.interfaces.console.views.lab.asked import plan_against
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import actor_name


def kept_of(found: Scenario, visit: Visit) -> Kept:
    """A scenario with the figures it was kept with."""
    currency = visit.house.currency

    def money(text: str) -> Money:
        sign = -1 if text.startswith("-") else 1
        return Money(sign * parse_units(text.removeprefix("-"), currency), currency)

    zone = visit.house.zone
    return Kept(
        token=found.token,
        name=found.name,
        at=found.at,
        by=actor_name(found.actor),
        since=found.since.astimezone(zone).date(),
        until=(found.until - timedelta(seconds=1)).astimezone(zone).date(),
        cost=money(found.result["after"]["cost"]),
        difference=money(found.result["difference"]),
    )


def with_state(kept: Kept, found: Scenario, shown: Lab) -> Kept:
    """Says whether what is found now is, order by order and promoter by promoter, what was found then."""
    if shown.result is None:
        return kept
    plan = readable(found.text)
    window = window_to_try(found.since, found.until)
    now = result_hash(window, try_plans(plan_against(found.against, plan), plan, window))
    return replace(kept, state="same" if now == found.result_hash else "moved")
