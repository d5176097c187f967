"""Runs, requests, sending and results at the same moment: never beyond a balance, never twice."""

from __future__ import annotations

import random
from collections import Counter

from rongshu.domain.settlement.cycles.actions import begin_run, plan_run, start_run, work_on_runs
from rongshu.domain.settlement.cycles.models import SettlementRun
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.actions import (
    ask_withdrawal,
    cancel_withdrawal,
    confirm_withdrawals,
    fail_withdrawals,
    send_withdrawals,
)
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal
from rongshu.engine.tax import labour_month
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import standings_of
from tests.domain.settlement.test_cycles import people
from tests.domain.settlement.test_withdrawals import ANN, BEN, NOW
from tests.factories import TESTER
from tests.races.test_ledger_races import hold_invariants
from tests.races.threads import give_connection_back, together, untroubled

FREE = Policy(per_day=0, cycle="daily", at_once_below=10**9, two_people=False)


def holds(tenant: int) -> None:
    with tenant_scope(tenant):
        assert [found for found in settlement_findings() if found.differences] == []
    hold_invariants(tenant)


def test_runs_and_requests_at_once_never_take_more_than_there_is(tenant: int) -> None:
    them = people(tenant, [100_00] * 24)
    with tenant_scope(tenant):
        set_policy(rules=FREE, by=ANN, now=NOW)
        runs = [begin_run(by=ANN, now=NOW).id]
        start_run(run_id=runs[0], by=ANN, now=NOW)
        runs.append(begin_run(by=BEN, now=NOW).id)
        start_run(run_id=runs[1], by=BEN, now=NOW)

    def settle() -> None:
        idle = 0
        while idle < 3:
            with tenant_scope(tenant):
                idle = 0 if work_on_runs(now=NOW, portion=3) else idle + 1
            give_connection_back()

    def request(number: int) -> None:
        dice = random.Random(number)
        for _ in range(20):
            one = dice.choice(them)
            try:
                with tenant_scope(tenant):
                    asked = ask_withdrawal(promoter_id=one, amount=dice.randrange(1_00, 60_00), by=TESTER, now=NOW)
                if dice.random() < 0.4:
                    with tenant_scope(tenant):
                        cancel_withdrawal(identifier=asked.id, promoter_id=one, by=TESTER, now=NOW)
            except Refusal as refusal:
                assert refusal.code == "not_enough"
            give_connection_back()

    untroubled(together(settle, settle, settle, *(lambda number=number: request(number) for number in range(4))))
    with tenant_scope(tenant):
        assert set(SettlementRun.objects.values_list("state", flat=True)) == {"done"}
        asked = Counter(Withdrawal.objects.exclude(run_id=None).values_list("run_id", "promoter_id"))
        assert asked and max(asked.values()) == 1
        for standing in standings_of(them).values():
            assert standing.available + standing.reserved == 100_00
    holds(tenant)


def test_the_clock_and_people_plan_at_once(tenant: int) -> None:
    people(tenant, [100_00])
    with tenant_scope(tenant):
        set_policy(rules=FREE, by=ANN, now=NOW)

    def plan() -> None:
        with tenant_scope(tenant):
            plan_run(now=NOW)

    def begin() -> int:
        with tenant_scope(tenant):
            return int(begin_run(by=ANN, now=NOW).id)

    found = untroubled(together(plan, plan, plan, begin, begin, begin))
    with tenant_scope(tenant):
        assert SettlementRun.objects.filter(by_clock=True).count() == 1
        assert SettlementRun.objects.filter(by_clock=False).count() == 1
        assert len({one for one in found if one is not None}) == 1


def test_a_batch_is_sent_once_and_ends_once(tenant: int) -> None:
    people(tenant, [2_000_00] * 6)
    with tenant_scope(tenant):
        set_policy(rules=FREE, by=ANN, now=NOW)
        start_run(run_id=begin_run(by=ANN, now=NOW).id, by=ANN, now=NOW)
        while work_on_runs(now=NOW):
            pass
        ids = list(Withdrawal.objects.order_by("id").values_list("id", flat=True))

    def send() -> int:
        try:
            with tenant_scope(tenant):
                return len(send_withdrawals(identifiers=ids, batch_id=new_id(), by=BEN, now=NOW))
        except Refusal as refusal:
            assert refusal.code == "not_approved"
            return 0

    assert sorted(untroubled(together(*(send for _ in range(5))))) == [0, 0, 0, 0, 6]
    with tenant_scope(tenant):
        assert TaxLine.objects.count() == 6
        assert {line.tax for line in TaxLine.objects.all()} == {labour_month(2_000_00, NOW.date())}

    def end(paid: bool) -> int:
        try:
            with tenant_scope(tenant):
                if paid:
                    return confirm_withdrawals(identifiers=ids, by=BEN, now=NOW)
                return -fail_withdrawals(reasons=dict.fromkeys(ids, "no"), by=BEN, now=NOW)
        except Refusal as refusal:
            assert refusal.code == "not_sent"
            return 0

    ends = untroubled(together(*(lambda paid=paid: end(paid) for paid in (True, False, True, False))))
    assert sorted(map(abs, ends)) == [0, 0, 0, 6]
    with tenant_scope(tenant):
        assert len(set(Withdrawal.objects.values_list("state", flat=True))) == 1
    holds(tenant)
