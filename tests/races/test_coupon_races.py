"""Members and orders at the same coupon at the same moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rongshu.domain.commerce.coupons.actions import (
    Terms,
    claim_coupon,
    make_codes,
    make_kind,
    redeem_code,
    reserve_coupon,
    use_coupon,
)
from rongshu.domain.commerce.coupons.models import Coupon, CouponKind, CouponUse
from rongshu.domain.commerce.coupons.queries import codes_of, held_by, kind
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found
from tests.races.threads import give_connection_back, together, untroubled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
THREADS = 16


def a_kind(**more: Any) -> tuple[int, CouponKind]:
    tenant = found(now=NOW).id
    with tenant_scope(tenant):
        terms = Terms(name="抢", kind="fixed", amount=100, valid_from=NOW, claimable=True, **more)
        return tenant, make_kind(terms=terms, by=TESTER, now=NOW)


def claims(tenant: int, kind_id: int, members: list[int]) -> list[int]:
    """Who got one, when all members go at it at once."""
    waiting = iter(members)
    got: list[int] = []

    def go() -> None:
        for member in waiting_members():
            try:
                with tenant_scope(tenant):
                    claim_coupon(kind_id=kind_id, member_id=member, tier="", by=TESTER, now=NOW)
                got.append(member)
            except Refusal as refusal:
                assert refusal.code in ("none_left", "per_person"), refusal
            give_connection_back()

    def waiting_members() -> Any:
        while True:
            member = next(waiting, None)  # list iterators are handed on atomically
            if member is None:
                return
            yield member

    untroubled(together(*[go] * THREADS))
    return got


def test_500_members_get_exactly_100() -> None:
    tenant, one = a_kind(number=100)
    got = claims(tenant, one.id, list(range(1, 501)))
    with tenant_scope(tenant):
        holders = list(Coupon.objects.values_list("member_id", flat=True))
        assert len(got) == len(holders) == 100 and set(got) == set(holders)
        assert kind(one.id).given == 100


def test_a_budget_is_reached_and_not_exceeded() -> None:
    tenant, one = a_kind(budget=2_050)
    got = claims(tenant, one.id, list(range(1, 61)))
    with tenant_scope(tenant):
        assert len(got) == 20 and kind(one.id).promised == 2_000


def test_one_member_everywhere_gets_what_one_may() -> None:
    tenant, one = a_kind(per_person=3)
    got = claims(tenant, one.id, [7] * 48)
    with tenant_scope(tenant):
        assert len(got) == len(held_by(7)) == kind(one.id).given == 3


def test_a_code_and_a_coupon_are_used_by_one() -> None:
    tenant, one = a_kind()
    with tenant_scope(tenant):
        batch = make_codes(kind_id=one.id, count=1, name="x", ref="x", by=TESTER, now=NOW)
        ((code, _),) = codes_of(batch)

    def redeem(member: int) -> int:
        with tenant_scope(tenant):
            return redeem_code(code=code, member_id=member, by=TESTER, now=NOW).id

    answers = together(*[lambda member=member: redeem(member) for member in range(1, 9)])
    (coupon_id,) = [answer for answer in answers if isinstance(answer, int)]
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"code_redeemed"}
    with tenant_scope(tenant):
        owner = Coupon.objects.get(id=coupon_id).member_id

    def use(ref: str) -> str:
        with tenant_scope(tenant):
            reserve_coupon(coupon_id=coupon_id, member_id=owner, ref=ref, now=NOW)
            use_coupon(ref=ref, order_id=int(ref[-1]), saved=100, now=NOW)
        return ref

    answers = together(*[lambda ref=ref: use(ref) for ref in ["cart 1", "cart 2"] * 4])
    assert len({answer for answer in answers if isinstance(answer, str)}) == 1
    assert {answer.code for answer in answers if isinstance(answer, Refusal)} == {"coupon_used"}
    with tenant_scope(tenant):
        assert CouponUse.objects.count() == 1
        assert (kind(one.id).used, kind(one.id).spent, kind(one.id).promised) == (1, 100, 0)
