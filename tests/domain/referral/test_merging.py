"""Two promoters that are one person become one: what moves, what stays, and the books stay right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rongshu.domain.commerce.orders.queries import find_order, stored_order
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.referral.attribution.actions import hold_store
from rongshu.domain.referral.attribution.queries import store_holders
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.bonds.queries import bond_of
from rongshu.domain.referral.care.merging import carry_over, merge_promoters
from rongshu.domain.referral.clicks.actions import Met, record_touches
from rongshu.domain.referral.links.actions import ensure_codes
from rongshu.domain.referral.links.queries import promoters_by_code
from rongshu.domain.referral.promoters.queries import inviter_history, promoter
from rongshu.domain.settlement.statements.queries import statement
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.verify import verify_tenant
from rongshu.kernel.errors import Refusal
from rongshu.ledger.actions import reserve
from rongshu.ledger.queries import standings_of
from tests.domain.referral.shop import Ranked
from tests.factories import TESTER

PLAN = """
name: two
currency: CNY
levels: {1: {rate: 10%}}
release: {after: completed, days: 7}
"""


@pytest.fixture
def shop(tenant: int, now: datetime) -> Ranked:
    return Ranked(tenant, joined=now - timedelta(days=100), ladder="", plan=PLAN)


def order(shop: Ranked, name: str, at: datetime, **more: object) -> int | None:
    """Whom an order is credited to."""
    entry = {
        "id": name,
        "paid_at": at,
        "completed_at": at,
        "buyer": "x",
        "lines": [{"sku": "S", "paid": "100.00"}],
        **more,
    }
    with shop.scope():
        accepted = accept_orders(orders=[entry], tenant=shop.house, by=TESTER, now=at)
        assert accepted.results[0].problem is None, accepted.results[0].problem
    shop.work(at)
    with shop.scope():
        credited: int | None = stored_order(find_order(name)).promoter_id
    return credited


def differences(shop: Ranked) -> list[str]:
    """What verification of the whole tenant finds wrong."""
    return [f"{found.name}: {found.examples}" for found in verify_tenant(shop.tenant).findings if found.differences]


def test_what_is_to_come_goes_to_the_heir_and_the_books_stay_right(shop: Ranked, now: datetime) -> None:
    b, d, x = (shop.ids[name] for name in "bdx")
    order(shop, "old", now - timedelta(days=30), promoter="d")
    order(shop, "new", now - timedelta(days=1), promoter="d")
    with shop.scope():
        release_due(now=now)
        assert standings_of([d])[d].available == 1000
        code = ensure_codes(promoter_ids=[d, b], by=TESTER, now=now)[d]
        give_bond(member_id=x, promoter_id=d, until=None, reason="old customer", by=TESTER, now=now)
        hold_store(store="s1", promoter_id=d, by=TESTER, now=now)
        record_touches(met=[Met(shop.ids["a"], d, "entry", now)])
        done = merge_promoters(promoter_id=d, heir_id=b, reason="the same person", by=TESTER, now=now)
        assert (done.links, done.customers, done.invited, done.stores) == (1, 1, 0, 1)
        gone = promoter(d)
        assert (gone.heir_id, gone.ended_as, gone.active_to) == (b, "merged", now)
        assert promoters_by_code([code], now) == {code: b} and store_holders() == {"s1": b}
        held = bond_of(x)
        assert held is not None and held.promoter_id == b
        assert standings_of([b, d])[b].available == 1000 and standings_of([d])[d].available == 0
    assert differences(shop) == []
    later = now + timedelta(hours=1)
    assert order(shop, "bonded", later) == b
    assert order(shop, "named", later, promoter="d") == b
    assert order(shop, "touched", later, buyer="a") == b, "a touch of before the merge"
    assert order(shop, "coded", later, buyer=None, code=code) == b
    with shop.scope():
        release_due(now=now + timedelta(days=7))
        assert standings_of([d])[d].available == 1000, "what was pending is released to whom it was rated"
        assert carry_over(now=now + timedelta(days=7)) == 1 and carry_over(now=now + timedelta(days=7)) == 0
        assert standings_of([d])[d].available == 0 and standings_of([b])[b].available >= 2000
        kinds = {line.kind for line in statement(d, (now + timedelta(days=7)).date()).lines}
        assert "merged" in kinds
    assert differences(shop) == []


def test_a_refund_after_the_merge_becomes_the_heirs_debt_and_is_settled(shop: Ranked, now: datetime) -> None:
    b, d = shop.ids["b"], shop.ids["d"]
    order(shop, "old", now - timedelta(days=30), promoter="d")
    with shop.scope():
        release_due(now=now)
        merge_promoters(promoter_id=d, heir_id=b, reason="the same person", by=TESTER, now=now)
    shop.refund("old", "100.00", now + timedelta(hours=1))
    with shop.scope():
        assert standings_of([d])[d].debt == -1000
        assert carry_over(now=now + timedelta(hours=2)) == 1
        assert standings_of([b, d]) == {b: type(standings_of([b])[b])(0, 0, 0), d: type(standings_of([d])[d])(0, 0, 0)}
    assert differences(shop) == []


def test_whom_they_invited_moves_along_and_no_circle_arises(shop: Ranked, now: datetime) -> None:
    a, b, c, d = (shop.ids[name] for name in "abcd")
    with shop.scope():
        with pytest.raises(Refusal) as refused:
            merge_promoters(promoter_id=a, heir_id=c, reason="wrong way", by=TESTER, now=now)
        assert refused.value.code == "heir_below"
        merge_promoters(promoter_id=b, heir_id=d, reason="the same person", by=TESTER, now=now)
        assert promoter(c).inviter_id == d
        last = inviter_history(c)[0]
        assert (last.old_inviter_id, last.new_inviter_id, last.reason) == (b, d, "the same person")
        with pytest.raises(Refusal) as refused:
            merge_promoters(promoter_id=c, heir_id=b, reason="again", by=TESTER, now=now)
        assert refused.value.code == "merged_before"
    assert differences(shop) == []


@pytest.mark.parametrize("code", ["same_promoter", "no_reason", "withdrawal_under_way"])
def test_what_cannot_be_merged_is_said(shop: Ranked, now: datetime, code: str) -> None:
    b, d = shop.ids["b"], shop.ids["d"]
    if code == "withdrawal_under_way":
        order(shop, "old", now - timedelta(days=30), promoter="d")
    with shop.scope():
        if code == "withdrawal_under_way":
            release_due(now=now)
            reserve(ref="w1", owner=d, amount=500, now=now)
        with pytest.raises(Refusal) as refused:
            merge_promoters(
                promoter_id=d,
                heir_id=d if code == "same_promoter" else b,
                reason="" if code == "no_reason" else "one person",
                by=TESTER,
                now=now,
            )
        assert refused.value.code == code and promoter(d).heir_id is None
