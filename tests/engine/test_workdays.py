"""Working days and the days of settling, held to what they are meant to be, day by day."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.withdrawals import CYCLES, Policy, policy_of, problems_of
from rongshu.engine.workdays import Workdays, cycle_days, next_run, ripe_before

DAY = timedelta(days=1)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))
calendars = st.builds(
    Workdays,
    st.sets(st.integers(0, 6), min_size=1).map(lambda some: tuple(sorted(some))),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=20),
    st.frozensets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=20),
)
policies = st.one_of(
    st.just(Policy(cycle="daily")),
    st.integers(0, 6).map(lambda day: Policy(cycle="weekly", cycle_day=day)),
    st.integers(1, 31).map(lambda day: Policy(cycle="monthly", cycle_day=day)),
)


def test_national_day_as_a_calendar_gives_it() -> None:
    """1 to 7 October 2025 off, Sunday 28 September and Saturday 11 October worked: what the tenant's list says holds over the weekday."""
    off = frozenset(date(2025, 10, day) for day in range(1, 9))
    found = Workdays(off=off, on=frozenset({date(2025, 9, 28), date(2025, 10, 11)}))
    assert found.from_day(date(2025, 10, 1)) == date(2025, 10, 9)
    assert found.is_working(date(2025, 10, 11)) and not found.is_working(date(2025, 10, 12))
    assert found.from_day(date(2025, 9, 27)) == date(2025, 9, 28)
    monthly = Policy(cycle="monthly", cycle_day=1)
    assert next_run(monthly, found, date(2025, 10, 2)) == date(2025, 10, 9)
    assert next_run(monthly, found, date(2025, 10, 10)) == date(2025, 11, 3)


def test_a_month_without_the_day_is_settled_on_its_last() -> None:
    found = list(islice(cycle_days(Policy(cycle="monthly", cycle_day=31), date(2027, 1, 1)), 4))
    assert found == [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]


@given(policies, calendars, days)
def test_the_next_run_is_the_first_working_day_a_named_day_leads_to(
    policy: Policy, found: Workdays, since: date
) -> None:
    due = next_run(policy, found, since)
    assert due is not None and due >= since and found.is_working(due)

    def named(day: date) -> bool:
        if policy.cycle == "weekly":
            return day.weekday() == policy.cycle_day
        if policy.cycle == "monthly":
            return day.day == min(policy.cycle_day, monthrange(day.year, day.month)[1])
        return True

    def leads_to(day: date) -> bool:
        """Whether a named day is this one, or lies in the days off right before it."""
        while not named(day):
            day -= DAY
            if found.is_working(day):
                return False
        return True

    assert leads_to(due)
    between = [since + DAY * step for step in range((due - since).days)]
    assert not any(found.is_working(day) and leads_to(day) for day in between)


@given(policies, calendars, days)
def test_runs_never_repeat_and_never_go_back(policy: Policy, found: Workdays, since: date) -> None:
    first = next_run(policy, found, since)
    assert first is not None
    second = next_run(policy, found, first + DAY)
    assert second is not None and second > first
    assert next_run(policy, found, first) == first


def test_t_plus_n() -> None:
    day = date(2026, 3, 2)
    assert ripe_before(Policy(cycle_wait_days=0), day) == date(2026, 3, 3)
    assert ripe_before(Policy(cycle_wait_days=1), day) == day
    assert ripe_before(Policy(cycle_wait_days=7), day) == date(2026, 2, 24)


def test_no_cycle_has_no_day() -> None:
    assert next_run(Policy(), Workdays(), date(2026, 1, 1)) is None


def test_documents_kept_before_there_were_cycles_read_and_new_ones_come_back() -> None:
    old = {"minimum": 500, "weekdays": [0, 1], "tax": "none"}
    assert policy_of(old) == Policy(minimum=500, weekdays=(0, 1), tax="none")
    new = Policy(
        cycle="weekly", cycle_day=4, cycle_wait_days=3, threshold=100, working_weekdays=(0, 5), undo_minutes=30
    )
    assert policy_of(new.as_document()) == new
    assert policy_of({**new.as_document(), "of_a_later_version": 1}) == new


def test_cycles_that_contradict_themselves_are_named() -> None:
    wrong = {
        "cycle_day": [Policy(cycle="weekly", cycle_day=7), Policy(cycle="monthly", cycle_day=0)],
        "cycle": [Policy(cycle="yearly")],  # type: ignore[arg-type]
        "cycle_wait_days": [Policy(cycle_wait_days=-1), Policy(cycle_wait_days=91)],
        "undo_minutes": [Policy(undo_minutes=1441)],
        "working_weekdays": [Policy(working_weekdays=()), Policy(working_weekdays=(7,))],
        "threshold": [Policy(threshold=-1)],
    }
    for field, them in wrong.items():
        for one in them:
            assert [name for name, _ in problems_of(one)] == [field]
    good = {"weekly": 6, "monthly": 31}
    assert all(not problems_of(Policy(cycle=cycle, cycle_day=good.get(cycle, 0))) for cycle in CYCLES)
