"""Points held to the slow reference: any life of a few members, step by step, with everything delivered twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from django.db import connection

from rongshu.domain.members.points.actions import (
    adjust_points,
    earn_for_orders,
    earn_points,
    expire_due,
    give_back_spent,
    open_due,
    publish_rules,
    release_reserved,
    reserve_points,
    sign_in,
    spend_points,
    take_back_for_refunds,
    use_reserved,
)
from rongshu.domain.members.points.actions.earning import Bought
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import history, standing
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.factories import TESTER
from tests.reference.points import Person

RULES = {
    "currency": "CNY",
    "spending": {"per": "1.00", "points": 1},
    "products": [{"id": "tea", "name": "Tea", "categories": ["tea"], "factor": "2"}],
    "validity": {"days": 10},
    "usable_after": 3,
    "sign_in": [1, 2, 5],
    "tasks": [{"id": "profile", "name": "Profile", "points": 30}],
}


def holds() -> None:
    for found in [*points_findings(), *invariants()]:
        assert not found.differences, (found.name, found.examples)


def bought(order: int, member: int, at: datetime, paid: list[int], refunded: list[int], **more: Any) -> Bought:
    size = len(paid)
    return Bought(
        order=np.array([order]), member=np.array([member]), paid_at=np.array([to_micros(at)]),
        first=np.array([more.get("first", False)]), tier_ppm=[more.get("tier_ppm", 1_000_000)],
        line_order=np.zeros(size, dtype=np.int64), sku=["S"] * size, category=more.get("category", ["x"] * size),
        paid=np.array(paid), refunded=np.array(refunded),
    )  # fmt: skip


def noon(day: int) -> datetime:
    return datetime(2026, 3, 1, 4, tzinfo=UTC) + timedelta(days=day)  # noon in Shanghai


@pytest.mark.parametrize("seed", range(12))
def test_any_life_is_as_the_reference_lives_it(tenant: int, now: datetime, seed: int) -> None:
    random = np.random.default_rng(seed)
    people = {new_id(): Person() for _ in range(2)}
    orders: dict[int, tuple[int, int, int, int]] = {}
    day, steps, refs = 0, [], 0
    with tenant_scope(tenant):
        publish_rules(source=RULES, reason="", by=TESTER, now=noon(-1))
        for step in range(60):
            at = noon(day) + timedelta(minutes=step)
            member = int(random.choice(list(people)))
            one = people[member]
            what = random.choice(["order", "order", "refund", "reserve", "end", "back", "day", "hand", "spend"])
            steps.append((what, day))
            if what == "order":
                order, paid = new_id(), int(random.integers(100, 3000))
                orders[order] = (member, day, paid, 0)
                for _ in range(2):
                    earn_for_orders(bought(order, member, noon(day), [paid], [0]), now=at)
                one.earn(paid // 100, day + 3, day + 11, order)
            elif what == "refund" and orders:
                order = int(random.choice(list(orders)))
                member, when, paid, undone = orders[order]
                undone = min(paid, undone + int(random.integers(1, paid + 1)))
                orders[order] = (member, when, paid, undone)
                for _ in range(2):
                    take_back_for_refunds(bought(order, member, at, [paid], [undone]), now=at)
                people[member].refund(order, Fraction(undone, paid))
            elif what in ("reserve", "spend"):
                refs += 1
                ref, points = f"r{refs}", int(random.integers(1, 25))
                fits = one.reserve(ref, points)
                act: Any = reserve_points
                more: dict[str, Any] = {}
                if what == "spend":
                    act, more = spend_points, {"what": "mug"}
                    if fits:
                        one.use(ref)
                if fits:
                    assert act(ref=ref, member_id=member, points=points, now=at, **more)
                    assert not act(ref=ref, member_id=member, points=points, now=at, **more)
                else:
                    with pytest.raises(Refusal) as short:
                        act(ref=ref, member_id=member, points=points, now=at, **more)
                    assert short.value.code == "points_short"
            elif what == "end":
                held = [ref for ref, hold in one.holds.items() if hold.state == "held"]
                if held:
                    ref = str(random.choice(held))
                    use = bool(random.integers(2))
                    (one.use if use else one.release)(ref)
                    act = use_reserved if use else release_reserved
                    assert act(ref=ref, now=at) and not act(ref=ref, now=at)
            elif what == "back":
                used = [r for r, hold in one.holds.items() if hold.state == "used" and sum(n for _, n in hold.took)]
                if used:
                    ref = str(random.choice(used))
                    points = int(random.integers(1, sum(n for _, n in one.holds[ref].took) + 1))
                    one.give_back(ref, points)
                    for expected in (points, 0):
                        assert give_back_spent(ref=f"b{step}", of=ref, points=points, now=at) == expected
            elif what == "hand":
                points = int(random.integers(1, 9))
                adjust_points(member_id=member, points=points, reason="why", ref=f"h{step}", by=TESTER, now=at)
                one.earn(points, day, day + 11)
            elif what == "day":
                day += int(random.integers(1, 4))
                at = noon(day)
                while open_due(now=at, limit=2):
                    pass
                while expire_due(now=at, limit=2):
                    pass
                for other in people.values():
                    other.turn(day)
            for identifier, other in people.items():
                found = standing(identifier, now=at)
                assert (found.usable, found.pending, found.reserved, found.owed) == (
                    other.usable(), other.pending(), other.reserved(), other.owed,
                ), (seed, step, steps)  # fmt: skip
        holds()
        for member in people:
            lines = history(member, limit=500)
            pages, below = [], None
            while page := history(member, below=below, limit=7):
                pages += page
                below = page[-1].cursor
            assert pages == lines


def test_what_orders_bring(tenant: int, now: datetime) -> None:
    rules = {**RULES, "usable_after": 0, "first_order": 50, "caps": {"day": 100, "month": 120}}
    with tenant_scope(tenant):
        publish_rules(source=rules, reason="", by=TESTER, now=noon(-1))
        member = new_id()
        first = bought(
            1, member, noon(0), [1050, 999], [0, 0], category=["tea/green", "x"], first=True, tier_ppm=1_500_000
        )
        earn_for_orders(first, now=noon(0))
        # (10.50 × 2 + 9.99) × 1.5 = 46.485 → 46, and 50 for the first order.
        assert standing(member, now=noon(0)).usable == 96
        earn_for_orders(bought(2, member, noon(0), [10_000], [0]), now=noon(0))
        assert standing(member, now=noon(0)).usable == 100
        earn_for_orders(bought(3, member, noon(1), [10_000], [0]), now=noon(1))
        assert standing(member, now=noon(1)).usable == 120
        assert [one.why.get("before_cap") for one in history(member)][:2] == [100, 100]
        back = bought(1, member, noon(0), [1050, 999], [1050, 999], category=["tea/green", "x"], first=True)
        assert take_back_for_refunds(back, now=noon(1)) == 96
        assert standing(member, now=noon(1)).usable == 24
        holds()


def test_signing_in_and_tasks(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        member = new_id()
        with pytest.raises(Refusal, match="nothing for signing in"):
            sign_in(member_id=member, now=noon(0))
        publish_rules(source=RULES, reason="", by=TESTER, now=noon(-1))
        assert [sign_in(member_id=member, now=noon(day)) for day in (0, 0, 1, 2, 3, 5)] == [
            (1, 1), (0, 1), (2, 2), (5, 3), (5, 4), (1, 1),
        ]  # fmt: skip
        assert [earn_points(member_id=member, source="task:profile", ref=f"{n}", now=noon(5)) for n in (1, 1, 2)] == [
            30, 0, 0,
        ]  # fmt: skip
        assert earn_points(member_id=member, source="gift", ref="g1", points=7, now=noon(5)) == 7
        assert earn_points(member_id=member, source="gift", ref="g1", points=7, now=noon(5)) == 0
        with pytest.raises(Refusal):
            earn_points(member_id=member, source="gift", ref="g1", points=8, now=noon(5))
        with pytest.raises(Refusal, match="task:none"):
            earn_points(member_id=member, source="task:none", ref="1", now=noon(5))
        holds()


def test_the_findings_see_what_is_wrong(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        member = new_id()
        adjust_points(member_id=member, points=9, reason="why", ref="h", by=TESTER, now=noon(0))
        holds()
        with connection.cursor() as cursor:
            cursor.execute('UPDATE members_points_lot SET "left" = 8 WHERE tenant_id = %s', [tenant])
        assert {found.name for found in points_findings() if found.differences} == {
            "lots = points balance", "a lot is what its moves left",
        }  # fmt: skip


def test_taking_by_hand(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        member = new_id()
        adjust_points(member_id=member, points=9, reason="why", ref="h", by=TESTER, now=noon(0))
        assert adjust_points(member_id=member, points=-4, reason="why", ref="i", by=TESTER, now=noon(0))
        assert not adjust_points(member_id=member, points=-4, reason="why", ref="i", by=TESTER, now=noon(0))
        with pytest.raises(Refusal) as short:
            adjust_points(member_id=member, points=-6, reason="why", ref="j", by=TESTER, now=noon(0))
        assert short.value.code == "points_short" and standing(member, now=noon(0)).usable == 5
        holds()
