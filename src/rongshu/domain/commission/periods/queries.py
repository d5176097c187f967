from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

import numpy as np
from django.db import connection
from django.db.models import Q

from rongshu.domain.commission.periods.models import PeriodRun, Reward, RewardPeriod
from rongshu.domain.commission.periods.reckoning import Rule, reckon, rule_of, sales_between
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine.calendar import day_number, local_day
from rongshu.engine.periods import Kind, Length, Part, Period, parts_due, period_of, steps_due
from rongshu.engine.plan.model import Steps
from rongshu.kernel.clock import from_micros, to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant


def closed_periods(*, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[RewardPeriod]:
    """Closed periods, the latest end first; `after` is (ends_at, id) of the page before's last."""
    found = RewardPeriod.objects.order_by("-ends_at", "-id")
    if after is not None:
        found = found.filter(Q(ends_at__lt=after[0]) | Q(ends_at=after[0], id__lt=after[1]))
    return list(found[:limit])


def closed_period(identifier: int) -> RewardPeriod:
    """A closed period by id. Raises `missing`."""
    found: RewardPeriod | None = RewardPeriod.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_period", "There is no such closed period.")
    return found


def period_of_row(row: RewardPeriod) -> Period:
    """The calendar period a closed one is of."""
    return period_of(day_number(row.start), cast(Length, row.length))


def which_are_periods(identifiers: Iterable[int]) -> set[int]:
    """Which of some ids are those of closed periods."""
    return set(RewardPeriod.objects.filter(id__in=set(identifiers)).values_list("id", flat=True))


def split_by_sales(period: RewardPeriod) -> bool:
    """Whether the metric of a period's rewards is own sales; otherwise its pool was split equally."""
    version = next(one for one in versions().versions if one.id == period.version_id)
    rule = rule_of(plan_of(version), period.kind, period.rule)
    return isinstance(rule, Steps) or rule.split == "own_sales"


def runs_of(period_id: int) -> list[PeriodRun]:
    """The close and the adjustments of a period, in their sequence."""
    return list(PeriodRun.objects.filter(period_id=period_id).order_by("journal"))


@dataclass(frozen=True, slots=True)
class Rewarded:
    """What one promoter has of one period, adjustments included. Minor units."""

    promoter_id: int
    metric: int
    """As the last run found it that changed something."""
    amount: int
    adjustments: int
    """How many of its rows are adjustments."""


def rewarded_in(period_id: int, *, after: int | None = None, limit: int = 50) -> list[Rewarded]:
    """Who has something of a period, by promoter id; `after` is the page before's last."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT promoter_id, (array_agg(metric ORDER BY journal DESC))[1], sum(amount)::bigint, count(adjustment_of) "
            "FROM commission_reward WHERE tenant_id = %s AND period_id = %s AND promoter_id > %s "
            "GROUP BY promoter_id ORDER BY promoter_id LIMIT %s",
            [current_tenant(), period_id, after or 0, limit],
        )
        return [Rewarded(*row) for row in cursor.fetchall()]


def rewards_in(period_id: int, promoter_id: int) -> list[Reward]:
    """Every row of one promoter in one period, in their sequence."""
    return list(Reward.objects.filter(period_id=period_id, promoter_id=promoter_id).order_by("journal"))


@dataclass(frozen=True, slots=True)
class Received:
    """One reward of a promoter, or an adjustment of one, with the period it is of."""

    at: datetime
    journal: int
    amount: int
    adjusts: bool
    period_id: int
    kind: str
    rule: str
    period: Period


def rewards_to(promoter_id: int, *, after: tuple[datetime, int] | None = None, limit: int = 50) -> list[Received]:
    """What a promoter received, latest first; `after` is (at, journal) of the page before's last."""
    bound = "" if after is None else "AND (r.at, r.journal) < (%s, %s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.at, r.journal, r.amount, r.adjustment_of IS NOT NULL, p.id, p.kind, p.rule, p.start, p.length "
            "FROM commission_reward r JOIN commission_period p ON p.tenant_id = r.tenant_id AND p.id = r.period_id "
            f"WHERE r.tenant_id = %s AND r.promoter_id = %s {bound}ORDER BY r.at DESC, r.journal DESC LIMIT %s",
            [current_tenant(), promoter_id, *(after or ()), limit],
        )
        return [
            Received(posted, journal, amount, adjusts, period, kind, rule, period_of(day_number(start), length))
            for posted, journal, amount, adjusts, period, kind, rule, start, length in cursor.fetchall()
        ]


def rewarded_in_all(promoter_id: int, *, since: datetime | None = None, until: datetime | None = None) -> int:
    """What a promoter has received of periods, adjustments included, in minor units; posted between two instants if given."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount), 0)::bigint FROM commission_reward WHERE tenant_id = %s AND promoter_id = %s "
            "AND at >= coalesce(%s::timestamptz, '-infinity') AND at < coalesce(%s::timestamptz, 'infinity')",
            [current_tenant(), promoter_id, since, until],
        )
        (found,) = cursor.fetchone()
    return int(found)


@dataclass(frozen=True, slots=True)
class OpenRule:
    """A rule of the version in force now, and its period that is still running."""

    kind: Kind
    rule: Rule
    period: Period
    version: PlanVersion
    since: datetime
    until: datetime
    closes_at: datetime
    """Its end, and the return window on top."""


def open_rules(*, now: datetime) -> list[OpenRule]:
    """The steps and pools whose period is running, by the version in force now, which may not be the one at the end of it."""
    published, zone = versions(), house().zone
    at = int(published.in_force(np.array([to_micros(now)], dtype=np.int64))[0])
    if at < 0:
        return []
    version = published.versions[at]
    plan = plan_of(version)
    rules: list[tuple[Kind, Rule]] = [("steps", steps) for steps in plan.steps]
    rules += [("pool", pool) for pool in plan.pools]
    found = []
    for kind, rule in rules:
        period = period_of(local_day(to_micros(now), zone), rule.period)
        since, until = map(from_micros, period.bounds(zone))
        closes = until + timedelta(days=plan.release.days)
        found.append(OpenRule(kind, rule, period, version, since, until, closes))
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would pay if its running period ended now. Minor units."""

    rule: OpenRule
    base: int
    fund: int
    amount: int
    promoters: int


def previews(*, now: datetime) -> Iterator[Preview]:
    """All running periods as they stand; reads the orders of each."""
    for one in open_rules(now=now):
        found = reckon(plan_of(one.version), one.rule, one.since, now, now)
        yield Preview(one, found.base, found.fund, int(found.amount.sum()), int(np.count_nonzero(found.amount)))


@dataclass(frozen=True, slots=True)
class SoFar:
    """One promoter's running steps: own sales so far, what they bring, and what the next band would. Minor units."""

    rule: OpenRule
    sales: int
    amount: int
    parts: tuple[Part, ...]
    """The bands reached, lowest first; empty while none is."""
    next_start: int | None
    """Where the next band begins; None in the highest."""
    next_rate: int
    next_amount: int
    """What own sales of exactly `next_start` bring in all."""


def so_far(promoter_id: int, *, now: datetime) -> list[SoFar]:
    """How a promoter stands in the steps that are running. Pools are left out: a share depends on everybody's sales to the end."""
    found = []
    for one in open_rules(now=now):
        steps = one.rule
        if not isinstance(steps, Steps):
            continue
        sales = int(sales_between(plan_of(one.version), one.since, now, of=promoter_id).own.sum())
        following = next((band for band in steps.bands if band.start > sales), None)
        ahead = 0 if following is None else following.start
        amounts = steps_due(steps.bands, steps.apply, np.array([sales, ahead], dtype=np.int64))
        found.append(
            SoFar(
                one,
                sales,
                int(amounts[0]),
                tuple(parts_due(steps.bands, steps.apply, sales)),
                None if following is None else following.start,
                0 if following is None else following.rate,
                int(amounts[1]),
            )
        )
    return found
