"""Runs: planned, previewed, worked off in portions, stopped, resumed, repeated without effect; nobody twice, nobody beyond the balance."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.domain.settlement.cycles.actions import (
    approve_run,
    begin_run,
    plan_run,
    start_run,
    stop_run,
    work_on_runs,
)
from rongshu.domain.settlement.cycles.findings import run_findings
from rongshu.domain.settlement.cycles.models import SettlementRun
from rongshu.domain.settlement.cycles.preview import preview_people, preview_totals
from rongshu.domain.settlement.cycles.queries import left_out_totals, run, states_of_run, withdrawals_of_run
from rongshu.domain.settlement.holidays.actions import Day, read_days, set_holidays
from rongshu.domain.settlement.holidays.queries import handled_on, holidays
from rongshu.domain.settlement.payees.actions import give_papers
from rongshu.domain.settlement.payouts.actions import make_batch
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.withdrawals.actions import (
    approve_withdrawals,
    cancel_withdrawal,
    confirm_withdrawals,
    fail_withdrawals,
    unsend_withdrawals,
)
from rongshu.domain.settlement.withdrawals.findings import settlement_findings
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.domain.settlement.withdrawals.queries import declared, steps_of
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.actor import WORKER
from rongshu.kernel.errors import Refusal
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import standings_of
from tests.domain.settlement.test_withdrawals import ANN, BEN, NOW, ask, papers, standing
from tests.factories import TESTER
from tests.races.test_ledger_races import fill, hold_invariants

RULES = Policy(per_day=1, cycle="daily", threshold=10_00, at_once_below=100_00, tax="labour", two_people=False)


def people(tenant: int, amounts: Sequence[int], *, at: datetime = NOW) -> list[int]:
    """Promoters with papers and something available."""
    with tenant_scope(tenant):
        made = [add_member(external_id=f"m{n}", by=TESTER, now=at).id for n in range(len(amounts))]
        enrol_promoters(joinings=[Joining(one, None, at - timedelta(days=90)) for one in made], by=TESTER, now=at)
        for number, one in enumerate(made):
            give_papers(promoter_id=one, papers=papers(document=id_number(number)), agreement="1", by=TESTER, now=at)
        set_policy(rules=RULES, by=ANN, now=at)
    for one, amount in zip(made, amounts, strict=True):
        if amount:
            fill(tenant, one, amount)
    return made


def id_number(number: int) -> str:
    body = f"1101051949{number // 28 % 12 + 1:02}{number % 28 + 1:02}002"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def work_off(portion: int = 2) -> int:
    """All portions of what is under way; how many."""
    portions = 0
    while work_on_runs(now=NOW, portion=portion):
        portions += 1
    return portions


def holds(tenant: int) -> None:
    with tenant_scope(tenant):
        assert [found for found in (*settlement_findings(), *run_findings()) if found.differences] == []
    hold_invariants(tenant)


def test_a_run_asks_for_everybody_once_and_says_who_is_left_out(tenant: int) -> None:
    ann, ben, cat, dan, eve = people(tenant, [500_00, 50_00, 9_99, 70_00, 0])
    with tenant_scope(tenant):
        Promoter.objects.filter(id=dan).update(active_to=NOW)
        found = begin_run(by=ANN, now=NOW)
        assert begin_run(by=BEN, now=NOW).id == found.id
        totals = preview_totals(found.day, NOW)
        assert (totals.promoters, totals.amount, totals.unapproved) == (2, 550_00, 1)
        assert totals.left == {"closed": (1, 70_00), "below_threshold": (1, 9_99)}
        shown = preview_people(found.day, NOW, after=0, limit=10)
        assert [(one.promoter_id, one.amount, one.why) for one in shown] == [
            (ann, 500_00, ""), (ben, 50_00, ""), (cat, 0, "below_threshold"), (dan, 0, "closed"),
        ]  # fmt: skip
        assert not Withdrawal.objects.exists() and not work_on_runs(now=NOW), "a preview has moved something"
        start_run(run_id=found.id, by=ANN, now=NOW)
        assert work_off() == 3
        start_run(run_id=found.id, by=ANN, now=NOW)
        assert work_off() == 0
        done = run(found.id)
        assert (done.state, done.promoters, done.amount, done.left_out, done.left_amount) == (
            "done",
            2,
            550_00,
            2,
            79_99,
        )
        assert {one.why: one.promoters for one in left_out_totals(found.id)} == {"closed": 1, "below_threshold": 1}
        assert states_of_run(found.id) == {"asked": (1, 500_00), "approved": (1, 50_00)}
        assert (standing(ann).available, standing(ann).reserved, standing(eve).reserved) == (0, 500_00, 0)
        first, second = withdrawals_of_run(found.id)
        assert [step.state for step in steps_of([second.id])[second.id]] == ["asked", "approved"]
        told = {event.kind: event.subjects for event in OutboxEvent.objects.filter(kind__startswith="withdrawal.")}
        assert sorted(told["withdrawal.asked"]) == [first.id, second.id]
        assert told["withdrawal.approved"] == [second.id]
    holds(tenant)


def test_verification_notices_a_run_that_says_other_than_its_rows(tenant: int) -> None:
    people(tenant, [50_00, 1_00])
    with tenant_scope(tenant):
        found = begin_run(by=ANN, now=NOW)
        start_run(run_id=found.id, by=ANN, now=NOW)
        work_off()
        assert [one.differences for one in run_findings()] == [0, 0]
        SettlementRun.objects.filter(id=found.id).update(amount=50_01, left_out=0)
        assert [one.differences for one in run_findings()] == [1, 1]


def test_a_run_stops_between_portions_and_goes_on_by_the_rules_it_began_with(tenant: int) -> None:
    them = people(tenant, [100_00] * 7)
    with tenant_scope(tenant):
        found = begin_run(by=ANN, now=NOW)
        start_run(run_id=found.id, by=ANN, now=NOW)
        work_on_runs(now=NOW, portion=3)
        stop_run(run_id=found.id, by=BEN, now=NOW)
        assert not work_on_runs(now=NOW, portion=3)
        assert run(found.id).promoters == 3
        set_policy(rules=Policy(fee_fixed=50, cycle="daily"), by=ANN, now=NOW)
        start_run(run_id=found.id, by=BEN, now=NOW)
        assert work_off(3) == 2
        assert {one.promoter_id for one in withdrawals_of_run(found.id)} == set(them)
        assert {one.fee for one in withdrawals_of_run(found.id)} == {0}
        with pytest.raises(Refusal, match="done"):
            stop_run(run_id=found.id, by=BEN, now=NOW)
    holds(tenant)


def test_what_is_too_young_waits_and_what_was_given_back_does_not(tenant: int) -> None:
    (old,) = people(tenant, [0])
    with tenant_scope(tenant):
        set_policy(rules=Policy(cycle="daily", cycle_wait_days=2, per_day=0), by=ANN, now=NOW)
    fill(tenant, old, 30_00)  # at the time of `fill`, long before
    with tenant_scope(tenant):
        day = (NOW + timedelta(days=1)).date()
        before = preview_people(day, NOW, after=0, limit=5)[0]
        assert before.amount == 30_00
        one = ask(old, 10_00)
        cancel_withdrawal(identifier=one, promoter_id=old, by=TESTER, now=NOW)
        assert preview_people(day, NOW, after=0, limit=5)[0].amount == 30_00
        from tests.conftest import NOW as FILLED

        late = FILLED.date() + timedelta(days=1)
        young = preview_people(late, FILLED, after=0, limit=5)[0]
        assert (young.amount, young.why) == (0, "waiting")
        ripe = preview_people(FILLED.date() + timedelta(days=2), FILLED, after=0, limit=5)[0]
        assert ripe.amount == 30_00


def test_the_clock_plans_one_run_a_working_day_and_starts_it(tenant: int) -> None:
    people(tenant, [40_00])
    friday = datetime(2026, 6, 12, 4, tzinfo=UTC)
    with tenant_scope(tenant):
        set_policy(rules=Policy(cycle="weekly", cycle_day=5), by=ANN, now=friday)
        assert plan_run(now=friday) == 1 and plan_run(now=friday) == 0
        assert SettlementRun.objects.get().day == date(2026, 6, 15), "Saturday is made up on Monday"
        set_holidays(year=2026, days=[Day(date(2026, 6, 13), True, "made up")], by=ANN, now=friday)
        assert plan_run(now=friday) == 1
        assert SettlementRun.objects.get().day == date(2026, 6, 13)
        assert not work_on_runs(now=friday)
        saturday = friday + timedelta(days=1)
        assert work_on_runs(now=saturday)
        assert SettlementRun.objects.get().state == "done"
        assert plan_run(now=saturday) == 1
        planned = SettlementRun.objects.get(state="planned")
        assert planned.day == date(2026, 6, 22)
        stop_run(run_id=planned.id, by=ANN, now=saturday)
        plan_run(now=saturday)
        assert SettlementRun.objects.get(state="planned").day == date(2026, 6, 29), "a run dropped is not planned again"
        set_policy(rules=Policy(), by=ANN, now=saturday)
        plan_run(now=saturday)
        assert not SettlementRun.objects.filter(state="planned").exists()


def test_a_run_counts_for_nobody_as_their_own_asking(tenant: int) -> None:
    (one,) = people(tenant, [500_00])
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=1, maximum=100_00), by=ANN, now=NOW)
        start_run(run_id=begin_run(by=ANN, now=NOW).id, by=ANN, now=NOW)
        work_off()
        assert standing(one).reserved == 100_00, "a run takes no more than the most at once"
        ask(one, 50_00)
        with pytest.raises(Refusal, match="today"):
            ask(one, 50_00)


def test_whoever_started_a_run_approves_none_of_it_and_nobody_the_own(tenant: int) -> None:
    them = people(tenant, [2_000_00] * 3)
    with tenant_scope(tenant):
        set_policy(rules=Policy(), by=ANN, now=NOW)
        found = begin_run(by=BEN, now=NOW)
        start_run(run_id=found.id, by=ANN, now=NOW)
        stop_run(run_id=found.id, by=BEN, now=NOW)
        start_run(run_id=found.id, by=BEN, now=NOW)
        work_off()
        ids = [one.id for one in withdrawals_of_run(found.id)]
        with pytest.raises(Refusal) as whole:
            approve_run(run_id=found.id, by=ANN, login_member=None, now=NOW)
        with pytest.raises(Refusal) as single:
            approve_withdrawals(identifiers=ids[:1], by=ANN, login_member=None, now=NOW)
        assert whole.value.code == single.value.code == "asked_yourself"
        assert steps_of(ids[:1])[ids[0]][0].actor == str(ANN)
        member = Withdrawal.objects.get(id=ids[0]).promoter_id
        assert member in them
        assert approve_run(run_id=found.id, by=BEN, login_member=member, now=NOW) == 2
        assert Withdrawal.objects.get(id=ids[0]).state == "asked", "Ben's own waits for somebody else"
    holds(tenant)


def test_small_ones_need_nobody_and_whoever_started_the_run_may_send_them(tenant: int) -> None:
    people(tenant, [50_00])
    with tenant_scope(tenant):
        set_policy(rules=Policy(at_once_below=100_00), by=ANN, now=NOW)
        found = begin_run(by=ANN, now=NOW)
        start_run(run_id=found.id, by=ANN, now=NOW)
        work_off()
        (one,) = withdrawals_of_run(found.id)
        assert [(step.state, step.actor) for step in steps_of([one.id])[one.id]] == [
            ("asked", str(ANN)),
            ("approved", str(WORKER)),
        ]
        make_batch(identifiers=[one.id], provider="bank", by=ANN, now=NOW)


def test_many_fail_at_once_and_come_back_with_their_tax(tenant: int) -> None:
    them = people(tenant, [2_000_00] * 5)
    month = 2026 * 12 + 5
    with tenant_scope(tenant):
        set_policy(rules=Policy(two_people=False), by=ANN, now=NOW)
        found = begin_run(by=ANN, now=NOW)
        start_run(run_id=found.id, by=ANN, now=NOW)
        work_off()
        assert approve_run(run_id=found.id, by=ANN, login_member=None, now=NOW) == 5, "one person is enough here"
        assert approve_run(run_id=found.id, by=ANN, login_member=None, now=NOW) == 0
        ids = [one.id for one in withdrawals_of_run(found.id)]
        make_batch(identifiers=ids, provider="bank", by=BEN, now=NOW)
        assert sum(one.tax for one in declared(month)) == 5 * 240_00
        assert len(unsend_withdrawals(identifiers=ids[4:], by=BEN, now=NOW)) == 1
        one = Withdrawal.objects.get(id=ids[4])
        assert (one.state, one.tax, one.batch_id) == ("approved", 0, None)
        make_batch(identifiers=ids[4:], provider="bank", by=BEN, now=NOW)
        reasons = {ids[0]: "no such account", ids[1]: "closed", ids[4]: "name"}
        assert fail_withdrawals(reasons=reasons, by=BEN, now=NOW) == 3
        assert fail_withdrawals(reasons=reasons, by=BEN, now=NOW) == 0
        assert confirm_withdrawals(identifiers=ids[2:4], by=BEN, now=NOW) == 2
        with pytest.raises(Refusal, match="not sent"):
            fail_withdrawals(reasons={ids[2]: "late"}, by=BEN, now=NOW)
        assert sum(one.tax for one in declared(month)) == 2 * 240_00
        assert steps_of([ids[1]])[ids[1]][-1].reason == "closed"
        assert [standings_of(them)[one].available for one in them] == [2_000_00, 2_000_00, 0, 0, 2_000_00]
    holds(tenant)


def test_the_calendar_reads_what_is_pasted_and_names_each_bad_line() -> None:
    good, none = read_days("2026-10-01, off, 国庆节\n2026/10/10，班，国庆节调休\n\n2026-10-02\n", 2026, Policy())
    assert none == []
    assert good == [
        Day(date(2026, 10, 1), False, "国庆节"), Day(date(2026, 10, 2), False), Day(date(2026, 10, 10), True, "国庆节调休"),
    ]  # fmt: skip
    text = "2026-13-01,off\n2026-10-01,maybe\n2027-10-01,off\n2026-10-05,off\n2026-10-05,off\n2026-10-04,off\n"
    _, wrong = read_days(text, 2026, Policy())
    assert [(one.line, one.code) for one in wrong] == [
        (1, "date"), (2, "kind"), (3, "year"), (5, "twice"), (6, "same"),
    ]  # fmt: skip


def test_a_year_is_set_as_a_whole_and_says_when_a_request_is_handled(tenant: int) -> None:
    with tenant_scope(tenant):
        set_holidays(
            year=2026, days=[Day(date(2026, 10, day), False, "国庆节") for day in range(1, 8)], by=ANN, now=NOW
        )
        assert handled_on(date(2026, 10, 1)) == date(2026, 10, 8)
        assert handled_on(date(2026, 10, 9)) == date(2026, 10, 9)
        set_holidays(year=2026, days=[Day(date(2026, 10, 2), False)], by=ANN, now=NOW)
        assert [one.day for one in holidays(2026)] == [date(2026, 10, 2)]
        assert handled_on(date(2026, 10, 1)) == date(2026, 10, 1)
        with pytest.raises(Refusal):
            set_holidays(year=2027, days=[Day(date(2026, 10, 2), False)], by=ANN, now=NOW)
