"""Many hands at one member's points at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.domain.members.points.actions import (
    adjust_points,
    earn_points,
    expire_due,
    give_back_spent,
    release_reserved,
    reserve_points,
    spend_points,
)
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import standing
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.factories import TESTER, found
from tests.races.threads import together, untroubled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def holds() -> None:
    for one in [*points_findings(), *invariants()]:
        assert not one.differences, (one.name, one.examples)


def test_parallel_spending_never_exceeds_what_is_there() -> None:
    tenant, member = found(now=NOW).id, new_id()
    with tenant_scope(tenant):
        for at in range(5):
            adjust_points(member_id=member, points=20, reason="why", ref=f"h{at}", by=TESTER, now=NOW)

    def spending(number: int) -> Any:
        def go() -> int:
            spent = 0
            for at in range(10):
                try:
                    with tenant_scope(tenant):
                        # Every reference is tried by two threads: it may be spent once.
                        spent += spend_points(
                            ref=f"{number // 2}-{at}", member_id=member, points=3, what="mug", now=NOW
                        )
                except Refusal as refusal:
                    assert refusal.code == "points_short", refusal
            return spent

        return go

    done = sum(untroubled(together(*[spending(number) for number in range(12)])))
    with tenant_scope(tenant):
        assert done == 33 and standing(member, now=NOW).usable == 1
        holds()


def test_everything_at_once_ends_in_balance() -> None:
    tenant, members = found(now=NOW).id, sorted(new_id() for _ in range(3))
    with tenant_scope(tenant):
        for member in members:
            adjust_points(member_id=member, points=200, reason="why", ref=f"h{member}", by=TESTER, now=NOW)

    def life(number: int) -> Any:
        def go() -> None:
            for at in range(8):
                member, ref = members[(number + at) % 3], f"{number}-{at}"
                with tenant_scope(tenant):
                    earn_points(member_id=member, source="gift", ref=f"g{ref}", points=2, now=NOW)
                with tenant_scope(tenant):
                    reserve_points(ref=f"r{ref}", member_id=member, points=5, now=NOW)
                with tenant_scope(tenant):
                    release_reserved(ref=f"r{ref}", now=NOW)
                with tenant_scope(tenant):
                    spend_points(ref=f"s{ref}", member_id=member, points=4, what="mug", now=NOW)
                with tenant_scope(tenant):
                    give_back_spent(ref=f"b{ref}", of=f"s{ref}", points=1, now=NOW)

        return go

    def clock() -> None:
        for _ in range(10):
            with tenant_scope(tenant):
                expire_due(now=NOW + timedelta(days=1))

    untroubled(together(*[life(number) for number in range(6)], clock, clock))
    with tenant_scope(tenant):
        assert sum(standing(member, now=NOW).usable for member in members) == 600 + 48 * (2 - 4 + 1)
        holds()
