"""Live rating by rank: what is stored of differential and peer, for chains of any depth, and how it flows back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.conftest import NOW
from tests.domain.commission.test_explanations import PAID
from tests.domain.commission.test_rank_explanations import Ladder
from tests.factories import TESTER

PLAN = """
name: ranks
currency: CNY
levels: {1: {rate: 10%}, 2: {rate: 3%}}
differential:
  ranks: {silver: 4%, gold: 7%, diamond: 9%}
  peer: {rate: 10%, generations: 2}
caps: {order: 50%, promoter_day: "9.50"}
release: {after: paid, days: 0}
"""
DEEP = 60


def shop_with(tenant: int, **ranks: str) -> Ladder:
    """A chain of sixty, of whom those named hold a rank: p2="silver", …"""
    return Ladder(tenant, PLAN, *(ranks.get(f"p{place}", "") for place in range(1, DEEP + 1)))


def rows_of(shop: Ladder, order: int) -> list[tuple[Any, ...]]:
    from rongshu.domain.commission.rating.models import Commission

    names = {identifier: name for name, identifier in shop.ids.items()}
    fields = ("line_no", "kind", "level", "beneficiary_id", "rule", "base", "ppm", "before_caps", "amount", "reversed")
    with shop.scope():
        rows = Commission.objects.filter(order_id=order).order_by("row").values_list(*fields)
        return [(*row[:3], names[row[3]], *row[4:]) for row in rows]


def check(shop: Ladder) -> None:
    from rongshu.flows.verify import verify_tenant

    assert [finding for finding in verify_tenant(shop.tenant).findings if finding.differences] == []


def test_a_deep_chain_earns_by_rank_and_is_stored_whole(tenant: int) -> None:
    from rongshu.domain.commission.rating.models import Rating
    from rongshu.domain.referral.promoters.actions import end_promoter
    from rongshu.engine.rating.frames import BEYOND, ELIGIBLE, INACTIVE, IS_BUYER

    shop = shop_with(tenant, p2="silver", p30="gold", p31="diamond", p40="gold", p50="diamond", p60="diamond")
    with shop.scope():
        end_promoter(promoter_id=shop.ids["p31"], by=TESTER, now=PAID - timedelta(days=1))
    order = shop.order(
        promoter="p1", buyer="p50", lines=[{"sku": "A", "paid": "100.00"}, {"sku": "B", "paid": "10.00"}]
    )
    level, differential, peer = 0, 1, 2
    assert rows_of(shop, order) == [
        (1, level, 1, "p1", "level-1", 10000, 100000, 1000, 950, 0),
        (1, level, 2, "p2", "level-2", 10000, 30000, 300, 300, 0),
        (1, differential, 2, "p2", "rank:silver", 10000, 40000, 400, 400, 0),
        (1, differential, 30, "p30", "rank:gold", 10000, 30000, 300, 300, 0),
        (1, differential, 60, "p60", "rank:diamond", 10000, 20000, 200, 200, 0),
        (1, peer, 40, "p40", "rank:gold", 300, 100000, 30, 30, 0),
        (2, level, 1, "p1", "level-1", 1000, 100000, 100, 0, 0),
        (2, level, 2, "p2", "level-2", 1000, 30000, 30, 30, 0),
        (2, differential, 2, "p2", "rank:silver", 1000, 40000, 40, 40, 0),
        (2, differential, 30, "p30", "rank:gold", 1000, 30000, 30, 30, 0),
        (2, differential, 60, "p60", "rank:diamond", 1000, 20000, 20, 20, 0),
        (2, peer, 40, "p40", "rank:gold", 30, 100000, 3, 3, 0),
    ]
    with shop.scope():
        rating = Rating.objects.get(order_id=order)
    assert rating.chain == [shop.ids[f"p{place}"] for place in range(1, DEEP + 1)]
    states = dict(enumerate(rating.states, 1))
    assert {place: state for place, state in states.items() if state != BEYOND} == {
        1: ELIGIBLE, 2: ELIGIBLE, 31: INACTIVE, 50: IS_BUYER,
    }  # fmt: skip
    check(shop)


def test_refunds_take_back_what_ranks_earned_to_nothing(tenant: int) -> None:
    shop = shop_with(tenant, p1="silver", p3="silver", p4="gold")
    order = shop.order("1", promoter="p1", lines=[{"sku": "A", "paid": "0.99"}])
    earned = [(1, 0, "p1", 10), (2, 0, "p2", 3), (1, 1, "p1", 4), (4, 1, "p4", 3)]
    assert [(row[2], row[1], row[3], row[8]) for row in rows_of(shop, order)] == earned
    shop.refund("R1", "1", line1="0.50")
    assert [row[9] for row in rows_of(shop, order)] == [5, 2, 2, 2]
    shop.status("1", "completed", PAID + timedelta(days=1))
    shop.release(NOW)
    shop.refund("R2", "1", line1="0.49")
    assert [row[9] for row in rows_of(shop, order)] == [10, 3, 4, 3]
    from rongshu.ledger.queries import standings_of

    with shop.scope():
        found = standings_of([shop.ids[name] for name in ("p1", "p2", "p3", "p4")])
    assert all(one.available == one.debt == 0 for one in found.values())
    check(shop)


def test_a_rank_counts_from_the_instant_it_was_given(tenant: int) -> None:
    """An order paid before a promotion and arriving after it earns by the rank held then."""
    from rongshu.domain.referral.ranks.actions import set_rank

    shop = shop_with(tenant, p1="silver")
    with shop.scope():
        set_rank(promoter_id=shop.ids["p1"], rank="gold", reason="promoted", by=TESTER, now=PAID)
    before = shop.order("1", promoter="p1", paid_at=PAID - timedelta(microseconds=1))
    after = shop.order("2", promoter="p1", paid_at=PAID)
    assert [row[4] for order in (before, after) for row in rows_of(shop, order) if row[1]] == [
        "rank:silver",
        "rank:gold",
    ]
