"""Closing: once a period and rule, by the clock; what arrives late is carried into the next close."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

import numpy as np
from django.db import connection

from rongshu.domain.commission.periods.models import PeriodRun, RewardPeriod
from rongshu.domain.commission.periods.reckoning import I64, Reckoned, reckon, rule_of
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import Versions, plan_of, versions
from rongshu.engine.calendar import DAY, local_day
from rongshu.engine.periods import Kind, Length, Period, period_of
from rongshu.engine.plan import Plan
from rongshu.kernel import copying
from rongshu.kernel.actor import WORKER
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import from_micros, to_micros
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.ledger import actions as ledger


@dataclass(frozen=True, slots=True)
class Due:
    """A rule's period whose return window is over."""

    kind: Kind
    rule: str
    period: Period
    version: PlanVersion

    @property
    def key(self) -> tuple[str, str, object, object]:
        return self.kind, self.rule, self.period.first_day, self.period.next_first_day


def due_periods(published: Versions, zone: tzinfo, now: datetime) -> Iterator[Due]:
    """Every period that may be closed by now, whether it is or not, the earliest end first.

    The version in force at a period's last instant says which rules it has, and their whole meaning; it may be closed once as many
    days have passed since its end as that version's return window has.
    """
    plans = [plan_of(version) for version in published.versions]
    lengths = {steps.period for plan in plans for steps in plan.steps} | {
        pool.period for plan in plans for pool in plan.pools
    }
    found: list[tuple[int, Due]] = []
    for length in lengths:
        period = period_of(local_day(to_micros(published.versions[0].effective_from), zone), length)
        while (end := period.bounds(zone)[1]) <= to_micros(now):
            at = int(published.in_force(np.array([end - 1], dtype=np.int64))[0])
            plan = plans[at]
            if at >= 0 and end + plan.release.days * DAY <= to_micros(now):
                found += ((end, Due(kind, name, period, published.versions[at])) for kind, name in _rules(plan, length))
            period = period.following()
    found.sort(key=lambda one: (one[0], one[1].kind != "steps", one[1].rule))
    return (due for _, due in found)


def _rules(plan: Plan, length: Length) -> Iterator[tuple[Kind, str]]:
    for steps in plan.steps:
        if steps.period == length:
            yield "steps", steps.id
    for pool in plan.pools:
        if pool.period == length:
            yield "pool", pool.id


def close_due(*, now: datetime) -> int:
    """Closes the earliest due period of one rule, or adjusts one closed before; how many, 0 or 1: to be asked again.

    Each is one transaction in the tenant's turn: done whole or not at all, once, whoever else asks at the same time.
    """
    if _touched(now) is None and _next(now) is None:
        return 0
    lock_background_writing()
    touched = _touched(now)
    if touched is not None:
        _adjust(touched, now)
        return 1
    due = _next(now)
    if due is None:
        return 0
    _close(due, now)
    return 1


def _next(now: datetime) -> Due | None:
    published = versions()
    if not any(version.document.get(key) for version in published.versions for key in ("steps", "pools")):
        return None
    closed = set(RewardPeriod.objects.values_list("kind", "rule", "start", "end"))
    return next((due for due in due_periods(published, house().zone, now) if due.key not in closed), None)


def _touched(now: datetime) -> RewardPeriod | None:
    return RewardPeriod.objects.filter(adjust_at__lte=now).order_by("ends_at", "id").first()


def _close(due: Due, now: datetime) -> None:
    period, plan = due.period, plan_of(due.version)
    since, until = map(from_micros, period.bounds(house().zone))
    identifier = new_id()
    ref = f"{due.kind}:{due.rule}:{period.first_day}:{period.next_first_day}"
    if not ledger.claim("period", [ref], [b""], np.array([identifier], dtype=np.int64)).fresh[0]:
        raise RuntimeError(f"{ref} was closed, and its row is gone")
    found = reckon(plan, rule_of(plan, due.kind, due.rule), since, until, until)
    paid = np.flatnonzero(found.amount)
    total = int(found.amount.sum())
    RewardPeriod.add(
        id=identifier,
        kind=due.kind,
        rule=due.rule,
        length=period.length,
        start=period.first_day,
        end=period.next_first_day,
        starts_at=since,
        ends_at=until,
        version_id=due.version.id,
        base=found.base,
        fund=found.fund,
        amount=total,
        promoters=len(paid),
        closed_at=now,
    )
    _post(identifier, identifier, found, found.ids[paid], found.metric[paid], found.amount[paid], now)
    record("period.closed", subject=ref, by=WORKER, now=now, amount=total, promoters=len(paid))
    announce("reward.paid", subjects=[identifier], now=now, amount=total, promoters=len(paid))


def _adjust(closed: RewardPeriod, now: datetime) -> None:
    """Pays or takes back what the period's orders, as they are now, make other than what was paid."""
    plan = plan_of(next(version for version in versions().versions if version.id == closed.version_id))
    found = reckon(plan, rule_of(plan, closed.kind, closed.rule), closed.starts_at, closed.ends_at, closed.ends_at)
    ids, paid = _paid_so_far(closed.id)
    everybody = np.union1d(found.ids, ids)
    due, metric, before = (np.zeros(len(everybody), dtype=np.int64) for _ in range(3))
    due[np.searchsorted(everybody, found.ids)] = found.amount
    metric[np.searchsorted(everybody, found.ids)] = found.metric
    before[np.searchsorted(everybody, ids)] = paid
    change = due - before
    other = np.flatnonzero(change)
    RewardPeriod.objects.filter(id=closed.id).update(
        base=found.base,
        fund=found.fund,
        amount=int(due.sum()),
        promoters=int(np.count_nonzero(due)),
        adjusted_at=now if len(other) else closed.adjusted_at,
        adjust_at=None,
    )
    if not len(other):
        return
    journal = new_id()
    ledger.claim("period", [f"adjustment:{journal}"], [b""], np.array([journal], dtype=np.int64))
    _post(closed.id, journal, found, everybody[other], metric[other], change[other], now)
    gained = int(change[change > 0].sum())
    lost = gained - int(change.sum())
    ref = f"{closed.kind}:{closed.rule}:{closed.start}:{closed.end}"
    record("period.adjusted", subject=ref, by=WORKER, now=now, paid=gained, taken_back=lost, promoters=len(other))
    announce(
        "reward.adjusted", subjects=[closed.id], now=now, journal=str(journal), paid=gained, taken_back=lost,
        promoters=len(other),
    )  # fmt: skip


def _paid_so_far(period_id: int) -> tuple[I64, I64]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT promoter_id, sum(amount)::bigint FROM commission_reward WHERE tenant_id = %s AND period_id = %s "
            "GROUP BY promoter_id",
            [current_tenant(), period_id],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return table[:, 0], table[:, 1]


def _post(
    period: int, journal: int, found: Reckoned, ids: I64, metric: I64, amount: I64, now: datetime
) -> None:  # fmt: skip
    """Keeps a run with its rewards and moves the money; `ids` are unique, no amount is 0."""
    PeriodRun.add(
        period_id=period,
        journal=journal,
        at=now,
        base=found.base,
        fund=found.fund,
        weights=found.weights,
        amount=int(amount.sum()),
        rows=len(ids),
    )
    first = journal == period
    copying.copy(
        "commission_reward",
        {
            "tenant_id": copying.int8(current_tenant()),
            "period_id": copying.int8(period),
            "promoter_id": copying.int8(ids),
            "journal": copying.int8(journal),
            "metric": copying.int8(metric),
            "amount": copying.int8(amount),
            "at": copying.instant(to_micros(now)),
            **({} if first else {"adjustment_of": copying.int8(period)}),
        },
        len(ids),
    )
    gain, loss = amount > 0, amount < 0
    line = ledger.take_back_rewards(journal=journal, owners=ids[loss], amounts=-amount[loss], about=period, now=now)
    ledger.reward(journal=journal, owners=ids[gain], amounts=amount[gain], about=period, now=now, line=line)


def touch_periods(*, orders: Sequence[int], at: datetime) -> None:
    """Some orders are new or have changed (paid late, refunded, credited otherwise): closed periods they are in get adjusted.

    With the next close of a period of their length, which is the next end of one after `at` and the return window on top.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH moved AS MATERIALIZED (SELECT paid_at FROM commerce_order WHERE tenant_id = %s AND id = ANY (%s)) "
            "SELECT p.id FROM commission_period p WHERE p.tenant_id = %s AND p.adjust_at IS NULL AND EXISTS "
            "(SELECT 1 FROM moved m WHERE m.paid_at >= p.starts_at AND m.paid_at < p.ends_at)",
            [current_tenant(), list(orders), current_tenant()],
        )
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return
    zone = house().zone
    plans = {version.id: plan_of(version) for version in versions().versions}
    closed = list(RewardPeriod.objects.filter(id__in=ids).select_for_update().order_by("id"))
    carried = []
    for one in closed:
        window = timedelta(days=plans[one.version_id].release.days)
        running = period_of(local_day(to_micros(max(at, one.closed_at) - window), zone), one.length)
        carried.append(from_micros(running.bounds(zone)[1]) + window)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_period p SET adjust_at = u.at FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, at) "
            "WHERE p.tenant_id = %s AND p.id = u.id",
            [[one.id for one in closed], carried, current_tenant()],
        )
