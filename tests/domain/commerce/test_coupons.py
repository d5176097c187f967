"""Coupons: kinds, giving, codes, using, giving back, their end. Money in minor units."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from rongshu.domain.commerce.coupons.actions import (
    Terms,
    UsedOn,
    change_kind,
    claim_coupon,
    close_batch,
    close_batches,
    due_reminders,
    expire_coupons,
    give_on,
    make_codes,
    make_kind,
    open_kind,
    redeem_code,
    release_coupon,
    reserve_coupon,
    return_coupon,
    send_coupons,
    take_shared,
    use_coupon,
    use_coupons,
)
from rongshu.domain.commerce.coupons.codes import ALPHABET, codes_from
from rongshu.domain.commerce.coupons.models import Coupon, CouponCode, CouponKind
from rongshu.domain.commerce.coupons.queries import (
    claimable,
    codes_of,
    held_by,
    held_coupons,
    kind,
    share_token,
    uses,
    uses_of_orders,
)
from rongshu.engine.money import MILLION
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

DAY = timedelta(days=1)


def terms(now: datetime, **more: Any) -> Terms:
    return replace(Terms(name="满100减10", kind="fixed", amount=1000, valid_from=now, claimable=True), **more)


def made(now: datetime, **more: Any) -> CouponKind:
    return make_kind(terms=terms(now, **more), by=TESTER, now=now)


def claimed(kind: CouponKind, member: int, now: datetime, **more: Any) -> Coupon:
    return claim_coupon(kind_id=kind.id, member_id=member, tier="", by=TESTER, now=now, **more)


def refused(code: str) -> Any:
    class Caught:
        def __enter__(self) -> None:
            self.raises = pytest.raises(Refusal)
            self.caught = self.raises.__enter__()

        def __exit__(self, *error: Any) -> Any:
            swallowed = self.raises.__exit__(*error)
            assert self.caught.value.code == code
            return swallowed

    return Caught()


def figures(kind_id: int) -> tuple[int, int, int, int]:
    one = kind(kind_id)
    return one.given, one.used, one.promised, one.spent


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": " "}, "bad_name"),
        ({"kind": "magic"}, "bad_kind"),
        ({"amount": 0}, "bad_amount"),
        ({"kind": "percent", "ppm": 0}, "bad_ppm"),
        ({"kind": "percent", "ppm": 200_000, "budget": 10_000}, "no_worth"),
        ({"kind": "gift"}, "bad_gift"),
        ({"valid_until": datetime(2000, 1, 1).astimezone()}, "bad_validity"),
        ({"days": 0}, "bad_days"),
        ({"number": 0}, "bad_number"),
        ({"stacks": ("luck",)}, "bad_stacks"),
        ({"returns": "perhaps"}, "bad_returns"),
        ({"occasion": "rain"}, "bad_occasion"),
    ],
)
def test_terms_that_cannot_be_kept(tenant: int, now: datetime, more: dict[str, Any], code: str) -> None:
    with tenant_scope(tenant), refused(code):
        made(now, **more)


def test_a_claim_is_held_used_once_and_traced(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, days=7, budget=5000, per_person=2)
        coupon = claimed(one, 7, now, ref="tap")
        assert claimed(one, 7, now, ref="tap").id == coupon.id
        assert coupon.until_at == now + 7 * DAY
        (priced,) = held_coupons(7, now=now)
        assert (priced.id, priced.amount, priced.kind) == (coupon.id, 1000, "fixed")
        first = reserve_coupon(coupon_id=coupon.id, member_id=7, ref="cart", now=now)
        assert reserve_coupon(coupon_id=coupon.id, member_id=7, ref="cart", now=now).id == first.id
        assert held_coupons(7, now=now) == []
        with refused("coupon_reserved"):
            reserve_coupon(coupon_id=coupon.id, member_id=7, ref="other cart", now=now)
        assert figures(one.id) == (1, 0, 1000, 0)
        for _ in range(2):
            use_coupon(ref="cart", order_id=5, saved=800, now=now)
        assert figures(one.id) == (1, 1, 0, 800)
        with refused("coupon_used"):
            use_coupon(ref="cart", order_id=6, saved=800, now=now)
        with refused("coupon_used"):
            release_coupon(ref="cart", now=now)
        with refused("unknown_coupon"):
            reserve_coupon(coupon_id=coupon.id, member_id=8, ref="thief", now=now)
        (trace,) = uses(kind_id=one.id)
        assert (trace.member_id, trace.order_id, trace.saved, trace.ended_at) == (7, 5, 800, now)
        assert [one.id for one in uses_of_orders([5])[5]] == [trace.id]


def test_what_is_given_up_is_free_again_until_its_time_is_over(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, days=1)
        coupon = claimed(one, 7, now)
        reserve_coupon(coupon_id=coupon.id, member_id=7, ref="a", now=now)
        for _ in range(2):
            release_coupon(ref="a", now=now)
        assert Coupon.objects.get(id=coupon.id).state == "held"
        with refused("ref_taken"):
            reserve_coupon(coupon_id=coupon.id, member_id=7, ref="a", now=now)
        with refused("coupon_released"):
            use_coupon(ref="a", order_id=1, saved=1, now=now)
        reserve_coupon(coupon_id=coupon.id, member_id=7, ref="b", now=now)
        assert expire_coupons(now=now + 2 * DAY) == 0, "set aside: its checkout may still become an order"
        release_coupon(ref="b", now=now + 2 * DAY)
        assert Coupon.objects.get(id=coupon.id).state == "expired"
        assert figures(one.id) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("returns", "whole", "back"),
    [("never", True, False), ("whole", False, False), ("whole", True, True), ("always", False, True)],
)
def test_given_back_by_policy(tenant: int, now: datetime, returns: str, whole: bool, back: bool) -> None:
    with tenant_scope(tenant):
        one = made(now, returns=returns, budget=1000)
        coupon = claimed(one, 7, now)
        reserve_coupon(coupon_id=coupon.id, member_id=7, ref="a", now=now)
        use_coupon(ref="a", order_id=1, saved=1000, now=now)
        for _ in range(2):
            assert return_coupon(ref="a", now=now, whole=whole) is back
        assert figures(one.id) == ((1, 0, 1000, 0) if back else (1, 1, 0, 1000))
        if back:
            reserve_coupon(coupon_id=coupon.id, member_id=7, ref="b", now=now)
            use_coupon(ref="b", order_id=2, saved=900, now=now)
            assert return_coupon(ref="a", now=now), "answered as before, whatever came after"
            assert figures(one.id) == (1, 1, 0, 900)


def test_the_budget_is_never_exceeded_not_even_by_giving_back(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, budget=2000, returns="always")
        coupon = claimed(one, 1, now)
        claimed(one, 2, now)
        with refused("none_left"):
            claimed(one, 3, now)
        reserve_coupon(coupon_id=coupon.id, member_id=1, ref="a", now=now)
        with refused("saved_too_much"):
            use_coupon(ref="a", order_id=1, saved=1001, now=now)
        use_coupon(ref="a", order_id=1, saved=0, now=now)
        claimed(one, 3, now)
        assert figures(one.id) == (3, 1, 2000, 0)
        assert not return_coupon(ref="a", now=now), "what it did not save went to somebody else"


def test_sending_reaches_each_once(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, number=3)
        claimed(one, 2, now)
        assert send_coupons(kind_id=one.id, member_ids=[1, 2, 3, 3], ref="spring", by=TESTER, now=now) == 2
        assert send_coupons(kind_id=one.id, member_ids=[1, 2, 3], ref="spring", by=TESTER, now=now) == 0
        with refused("none_left"):
            send_coupons(kind_id=one.id, member_ids=[4], ref="spring", by=TESTER, now=now)
        assert figures(one.id)[0] == 3 and held_by(4) == []


def test_who_may_claim(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        gold = made(now, tiers=("gold",))
        with refused("other_tier"):
            claimed(gold, 1, now)
        plain = made(now)
        claimed(plain, 1, now)
        with refused("per_person"):
            claimed(plain, 1, now)
        hidden = made(now, claimable=False)
        with refused("not_claimable"):
            claimed(hidden, 1, now)
        open_kind(kind_id=plain.id, open=False, by=TESTER, now=now)
        with refused("kind_closed"):
            claimed(plain, 2, now)
        over = made(now, valid_until=now + DAY)
        with refused("kind_over"):
            claimed(over, 2, now + DAY)
        assert [one.id for one in claimable(member_id=1, tier="gold", now=now)] == [over.id, gold.id]
        assert [one.id for one in claimable(member_id=1, tier="", now=now + DAY)] == []


def test_what_holders_were_promised_stays(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now)
        change_kind(kind_id=one.id, terms=terms(now, amount=2000), by=TESTER, now=now)
        claimed(one, 1, now)
        with refused("promised"):
            change_kind(kind_id=one.id, terms=terms(now, amount=1), by=TESTER, now=now)
        changed = change_kind(kind_id=one.id, terms=terms(now, amount=2000, name="新", number=1), by=TESTER, now=now)
        assert (changed.name, changed.given) == ("新", 1)
        with refused("budget_promised"):
            change_kind(kind_id=one.id, terms=terms(now, amount=2000, budget=1999), by=TESTER, now=now)


def test_the_clock_ends_and_reminds(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, days=10, budget=9000, remind_days=3)
        kept = claimed(one, 1, now)
        claimed(one, 2, now)
        assert due_reminders(now=now + 6 * DAY) == []
        assert sorted(due.member_id for due in due_reminders(now=now + 7 * DAY)) == [1, 2]
        assert due_reminders(now=now + 7 * DAY) == []
        assert expire_coupons(now=now + 10 * DAY - timedelta(seconds=1)) == 0
        assert held_by(1, now=now + 10 * DAY) == []
        assert [held.coupon.id for held in held_by(1, states=("expired",), now=now + 10 * DAY)] == [kept.id]
        assert expire_coupons(now=now + 10 * DAY) == 2
        assert figures(one.id) == (2, 0, 0, 0)
        with refused("coupon_expired"):
            reserve_coupon(coupon_id=kept.id, member_id=1, ref="late", now=now + 10 * DAY)


def test_codes_become_coupons_once(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, number=500, claimable=False)
        batch = make_codes(kind_id=one.id, count=300, name="地铁", ref="b1", until_at=now + DAY, by=TESTER, now=now)
        assert make_codes(kind_id=one.id, count=300, name="地铁", ref="b1", by=TESTER, now=now).id == batch.id
        with refused("too_few_left"):
            make_codes(kind_id=one.id, count=201, name="x", ref="b2", by=TESTER, now=now)
        more = make_codes(kind_id=one.id, count=200, name="x", ref="b3", by=TESTER, now=now)
        codes = [code for code, _ in codes_of(batch)]
        assert set(codes) | {code for code, _ in codes_of(more)} == set(
            CouponCode.objects.values_list("code", flat=True)
        )
        assert len(set(codes)) == 300
        typed = f" {codes[0][:4]}-{codes[0][4:8]} {codes[0][8:]} ".upper()
        coupon = redeem_code(code=typed, member_id=1, by=TESTER, now=now)
        assert redeem_code(code=typed, member_id=1, by=TESTER, now=now).id == coupon.id
        with refused("code_redeemed"):
            redeem_code(code=typed, member_id=2, by=TESTER, now=now)
        with refused("per_person"):
            redeem_code(code=codes[1], member_id=1, by=TESTER, now=now)
        with refused("unknown_code"):
            redeem_code(code="2" * 12, member_id=1, by=TESTER, now=now)
        assert [code for code, at in codes_of(batch) if at] == [codes[0]]
        with refused("code_over"):
            redeem_code(code=codes[2], member_id=2, by=TESTER, now=now + DAY)
        assert close_batches(now=now + DAY) == 1
        close_batch(batch_id=batch.id, by=TESTER, now=now)
        assert figures(one.id) == (201, 0, 201_000, 0)


def test_codes_are_a_permutation_of_their_numbers(tenant: int, now: datetime) -> None:
    codes = codes_from(tenant, 0, 20_000).astype(str).tolist()
    assert len(set(codes)) == len(codes) > 19_000
    assert set("".join(codes)) == set(ALPHABET) and {len(code) for code in codes} == {12}
    assert not set(codes) & set(codes_from(tenant, 20_000, 20_000).astype(str).tolist())
    assert not set(codes) & set(codes_from(tenant + 1, 0, 20_000).astype(str).tolist())
    firsts = [sum(code.startswith(letter) for code in codes) for letter in ALPHABET]
    assert min(firsts) > 0.7 * len(codes) / 28, "letters come evenly: the next code tells nothing"


def test_a_link_gives_a_coupon_on_once(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, shareable=True, days=5, number=1)
        coupon = claimed(one, 1, now)
        token = share_token(coupon.id)
        with refused("own_coupon"):
            take_shared(token=token, member_id=1, by=TESTER, now=now)
        with refused("unknown_share"):
            take_shared(token=token[:-1] + ("0" if token[-1] != "0" else "1"), member_id=2, by=TESTER, now=now)
        mine = take_shared(token=token, member_id=2, by=TESTER, now=now + DAY)
        assert take_shared(token=token, member_id=2, by=TESTER, now=now).id == mine.id
        assert mine.until_at == coupon.until_at
        with refused("share_over"):
            take_shared(token=token, member_id=3, by=TESTER, now=now)
        with refused("coupon_sent"):
            reserve_coupon(coupon_id=coupon.id, member_id=1, ref="a", now=now)
        assert figures(one.id) == (1, 0, 1000, 0)
        reserve_coupon(coupon_id=mine.id, member_id=2, ref="b", now=now)
        use_coupons(uses=[UsedOn("b", 3, 1000)], now=now)
        assert figures(one.id) == (1, 1, 0, 1000)


def test_occasions_give_what_is_left(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = made(now, occasion="new_member", number=2)
        other = made(now, occasion="new_member", kind="percent", ppm=MILLION // 10)
        made(now, occasion="new_member", valid_until=now + DAY)
        later = now + DAY
        assert give_on(occasion="new_member", members=[1, 2, 3], refs=["new"] * 3, now=later) == 5
        assert give_on(occasion="new_member", members=[1, 2, 3], refs=["new"] * 3, now=later) == 0
        assert [held.kind.id for held in held_by(3)] == [other.id]
        assert figures(one.id)[0] == 2
        many = made(now, occasion="inviter_joined", per_person=2)
        assert give_on(occasion="inviter_joined", members=[7, 7, 8, 7], refs=["a", "b", "a", "c"], now=later) == 3
        assert give_on(occasion="inviter_joined", members=[7, 8], refs=["b", "a"], now=later) == 0
        assert figures(many.id)[0] == 3
