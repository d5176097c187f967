"""Runs: planned by the clock or begun by a person, worked off in portions, stopped, resumed; asked twice is done once.

Each portion is one transaction that moves the run's mark behind the last promoter in it. Killed in between, the next begins where the mark
stands; and the database takes one withdrawal of a promoter a run.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np

from rongshu.domain.settlement.cycles.models import (
    DONE,
    DROPPED,
    PLANNED,
    RUNNING,
    STOPPED,
    SettlementRun,
)
from rongshu.domain.settlement.cycles.queries import run, waiting_for
from rongshu.domain.settlement.cycles.reckoning import REASONS, Portion, counts_until, reckon_portion
from rongshu.domain.settlement.holidays.queries import workdays
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.actions import approve_withdrawals, ask_for_run
from rongshu.domain.settlement.withdrawals.actions.asking import Wanted
from rongshu.domain.settlement.withdrawals.rows import lock_name
from rongshu.engine.withdrawals import policy_of
from rongshu.engine.workdays import next_run
from rongshu.kernel import copying
from rongshu.kernel.actor import WORKER, Actor, actor_of
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

PORTION = 2000
"""Promoters a portion looks at."""
APPROVED_AT_ONCE = 5000


def plan_run(*, now: datetime) -> int:
    """Keeps the next run by the clock planned, on the day the policy and the calendar name now: 1 when something changed.

    A run not started yet moves with the policy, or goes when there are no cycles any more; a day has one run at most.
    """
    today, rules = now.astimezone(house().zone).date(), policy()
    planned = SettlementRun.objects.filter(by_clock=True, state=PLANNED).order_by("id").first()
    if planned is None and rules.cycle == "request":
        return 0
    if planned is not None and planned.day <= today and rules.cycle != "request":
        return 0  # it is due; `work_on_runs` starts it
    lock_name("runs by the clock")
    planned = SettlementRun.objects.select_for_update().filter(by_clock=True, state=PLANNED).order_by("id").first()
    others = SettlementRun.objects.filter(by_clock=True).exclude(state=PLANNED).order_by("-day")
    last = others.values_list("day", flat=True).first()
    since = today if last is None else max(today, last + timedelta(days=1))
    due = next_run(rules, workdays(since - timedelta(days=60)), since)
    if planned is None and due is not None:
        _add_run(due, by_clock=True, by=WORKER, now=now)
    elif planned is not None and due is None:
        SettlementRun.objects.filter(id=planned.id).delete()
    elif planned is not None and planned.day != due:
        SettlementRun.objects.filter(id=planned.id).update(day=due, changed_at=now, changed_by=str(WORKER))
    else:
        return 0
    return 1


def begin_run(*, by: Actor, now: datetime) -> SettlementRun:
    """A run of today by a person's will, to be looked at before it is started. One that stands planned by a person is taken again."""
    lock_name("runs by hand")
    today = now.astimezone(house().zone).date()
    planned = SettlementRun.objects.filter(by_clock=False, state=PLANNED).order_by("id").first()
    if planned is not None:
        if planned.day != today:
            SettlementRun.objects.filter(id=planned.id).update(day=today, changed_at=now, changed_by=str(by))
        return run(planned.id)
    made = _add_run(today, by_clock=False, by=by, now=now)
    record("run.planned", subject=str(made.id), by=by, now=now, day=str(today))
    return made


def _add_run(day: date, *, by_clock: bool, by: Actor, now: datetime) -> SettlementRun:
    return SettlementRun.add(day=day, by_clock=by_clock, made_at=now, actor=str(by), changed_at=now, changed_by=str(by))


def start_run(*, run_id: int, by: Actor, now: datetime) -> SettlementRun:
    """Starts a planned run, or resumes one that was stopped; the worker does the portions. Under way or done already: nothing happens.

    The rules are those in force at the start. Raises `missing`, `conflict` (`dropped`).
    """
    found = _held(run_id)
    if found.state in (RUNNING, DONE):
        return found
    if found.state == DROPPED:
        raise conflict("dropped", "This run was dropped; begin a new one.")
    if found.started_at is None:
        rules = policy()
        found.rules, found.counts_until = rules.as_document(), counts_until(rules, found.day)
        found.started_at, found.started_by = now, str(by)
    resumed = found.state == STOPPED
    _move(found, RUNNING, by, now)
    record("run.resumed" if resumed else "run.started", subject=str(run_id), by=by, now=now, day=str(found.day))
    return found


def stop_run(*, run_id: int, by: Actor, now: datetime) -> SettlementRun:
    """Stops a run behind the portion under way, or drops one that was not started. What was asked for stays. Raises `missing`, `conflict`."""
    found = _held(run_id)
    if found.state in (STOPPED, DROPPED):
        return found
    if found.state == DONE:
        raise conflict("run_done", "This run is done already.")
    _move(found, DROPPED if found.state == PLANNED else STOPPED, by, now)
    record(f"run.{found.state}", subject=str(run_id), by=by, now=now)
    return found


def _held(run_id: int) -> SettlementRun:
    run(run_id)
    return SettlementRun.objects.select_for_update().get(id=run_id)  # type: ignore[no-any-return]


def _move(found: SettlementRun, state: str, by: Actor, now: datetime) -> None:
    found.state, found.changed_at, found.changed_by = state, now, str(by)
    found.save(force_update=True)


def work_on_runs(*, now: datetime, portion: int = PORTION) -> int:
    """Starts the run that is due and does one portion of one under way; how many promoters it looked at, 0 for nothing to do: to be asked again."""
    today = now.astimezone(house().zone).date()
    due = SettlementRun.objects.filter(by_clock=True, state=PLANNED, day__lte=today).order_by("id").first()
    if due is not None:
        start_run(run_id=due.id, by=WORKER, now=now)
    under_way = SettlementRun.objects.select_for_update(skip_locked=True).filter(state=RUNNING).order_by("id").first()
    if under_way is None:
        return 0
    return _work_off(under_way, portion, now) or 1


def _work_off(found: SettlementRun, size: int, now: datetime) -> int:
    rules = policy_of(found.rules or {})
    part = reckon_portion(rules, found.counts_until, after=found.upto, limit=size, now=now, held=True)
    taken = part.taken
    wanted = Wanted(
        *(column[taken] for column in (part.promoters, part.payees, part.amounts, part.fees, part.approvals_needed))
    )
    ask_for_run(run_id=found.id, wanted=wanted, by=actor_of(found.started_by), now=now)
    _add_left_out(found.id, part)
    found.promoters += int(taken.sum())
    found.amount += int(part.amounts.sum())
    found.fee += int(part.fees.sum())
    found.left_out += int((~taken).sum())
    found.left_amount += int(part.available[~taken].sum())
    if len(part):
        found.upto = int(part.promoters[-1])
    if len(part) < size:
        found.state, found.ended_at = DONE, now
        record(
            "run.done", subject=str(found.id), by=WORKER, now=now,
            promoters=found.promoters, amount=found.amount, left_out=found.left_out,
        )  # fmt: skip
        announce("run.done", subjects=[found.id], now=now)
    _move(found, found.state, WORKER, now)
    return len(part)


def _add_left_out(run_id: int, part: Portion) -> None:
    left = np.flatnonzero(~part.taken)
    copying.copy(
        "settlement_left_out",
        {
            "tenant_id": copying.int8(current_tenant()),
            "run_id": copying.int8(run_id),
            "promoter_id": copying.int8(part.promoters[left]),
            "amount": copying.int8(part.available[left]),
            "why": copying.words(part.why[left], REASONS),
        },
        len(left),
    )


def approve_run(*, run_id: int, by: Actor, login_member: int | None, now: datetime) -> int:
    """One person's approval of up to APPROVED_AT_ONCE withdrawals of a run that wait for it; how many: 0 when none waits for this person.

    One's own is left to somebody else. Raises `forbidden` for whoever started the run, where the policy asks for two people.
    """
    if run(run_id).started_by == str(by) and policy().two_people:
        raise forbidden("asked_yourself", "Somebody else has to approve what you asked for.")
    chosen = waiting_for(run_id, str(by), login_member, APPROVED_AT_ONCE)
    return len(approve_withdrawals(identifiers=chosen, by=by, login_member=login_member, now=now))


__all__ = ["approve_run", "begin_run", "plan_run", "start_run", "stop_run", "work_on_runs"]
