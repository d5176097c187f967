"""Growth value and tiers in the database: given once, taken back in parts, risen, kept, fallen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongshu.domain.members.growth.actions import (
    Paid,
    earn_activity,
    earn_for_orders,
    publish_growth_rules,
    take_back_for_refunds,
)
from rongshu.domain.members.growth.models import GrowthMonth
from rongshu.domain.members.growth.queries import total_of
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.actions import assess_due, publish_ladder, raise_members
from rongshu.domain.members.tiers.queries import benefits_of, history_of, standing_of
from rongshu.kernel import copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.engine.test_tiers import LADDER
from tests.factories import TESTER, found

RULES = """
growth: 1
currency: CNY
spending: {per: "1.00"}
first_order: 50
activities: [{id: review, name: Review, growth: 5, per_day: 2}]
"""
NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)


def new_member(tier: str = "") -> int:
    return Member.add(external_id=f"x{new_id()}", tier=tier, created_at=NOW).id


def paid(order: int, member: int, amount: int, refunded: int = 0, first: bool = False, at: datetime = NOW) -> Paid:
    one = lambda value: np.array([value], dtype=np.int64)  # noqa: E731
    return Paid(one(order), one(member), one(amount), one(to_micros(at)), np.array([first]), one(refunded))


def test_a_member_rises_waits_in_grace_and_falls_by_one() -> None:
    with tenant_scope(found(now=NOW).id):
        publish_growth_rules(source=RULES, by=TESTER, now=NOW)
        publish_ladder(source=LADDER, by=TESTER, now=NOW)
        assert assess_due(now=NOW) and not assess_due(now=NOW)
        member = new_member()
        touched = earn_for_orders(paid(7, member, 100_000, first=True), now=NOW)
        assert touched.tolist() == [member]
        assert not len(earn_for_orders(paid(7, member, 100_000, first=True), now=NOW))
        assert raise_members(touched, now=NOW) == 1 and raise_members(touched, now=NOW) == 0
        found_now = standing_of(member, now=NOW)
        assert (found_now.code, found_now.window, found_now.next) == ("gold", 1050, None)
        assert benefits_of("gold", now=NOW).discount == 50_000
        later = datetime(2027, 4, 2, tzinfo=UTC)
        assert assess_due(now=later) == 1 and assess_due(now=later) == 0
        assert standing_of(member, now=later).grace_until == later + timedelta(days=30)
        end = later + timedelta(days=30)
        assert assess_due(now=end) == 1
        assert standing_of(member, now=end).code == "silver"
        assert [(one.old, one.new, one.cause) for one in history_of(member)] == [
            ("gold", "silver", "fallen"), ("gold", "gold", "grace"), ("", "gold", "risen"),
        ]  # fmt: skip
        copying.flush()
        assert not any(one.differences for one in invariants())


def test_a_tier_no_longer_on_the_ladder_becomes_the_one_reached() -> None:
    with tenant_scope(found(now=NOW).id):
        member = new_member("old")
        publish_ladder(source=LADDER, by=TESTER, now=NOW)
        assert assess_due(now=NOW) == 1
        assert Member.objects.get(id=member).tier == ""
        assert history_of(member)[0].cause == "ladder"


def test_activities_stop_at_their_cap_and_happen_once() -> None:
    with tenant_scope(found(now=NOW).id):
        publish_growth_rules(source=RULES, by=TESTER, now=NOW)
        member = new_member()
        given = [earn_activity(member_id=member, activity="review", ref=ref, now=NOW) for ref in "aabc"]
        assert given == [5, 0, 5, 0]
        assert earn_activity(member_id=member, activity="review", ref="d", now=NOW + timedelta(days=1)) == 5


@pytest.fixture(scope="module")
def house_with_rules() -> int:
    tenant = found(now=NOW).id
    with tenant_scope(tenant):
        publish_growth_rules(source=RULES, by=TESTER, now=NOW)
    return tenant


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.lists(st.integers(1, 90_000), min_size=1, max_size=4), min_size=1, max_size=3))
def test_growth_is_never_below_0_and_full_refunds_leave_none(house_with_rules: int, orders: list[list[int]]) -> None:
    with tenant_scope(house_with_rules):
        member = new_member()
        numbers = [new_id() for _ in orders]
        for number, parts in zip(numbers, orders, strict=True):
            earn_for_orders(paid(number, member, sum(parts), first=number == numbers[0]), now=NOW)
        before = total_of(member)
        assert before >= sum(sum(parts) // 100 for parts in orders)
        for number, parts in zip(numbers, orders, strict=True):
            so_far = 0
            for part in parts:
                so_far += part
                for _twice in range(2):
                    take_back_for_refunds(paid(number, member, sum(parts), so_far), now=NOW + timedelta(days=40))
                assert 0 <= total_of(member) <= before
                before = total_of(member)
        assert before == 0
        assert all(one.amount == 0 for one in GrowthMonth.objects.filter(member_id=member))
