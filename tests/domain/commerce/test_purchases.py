"""Figures of buyers: always what their orders say, whenever those came; life by the buyer's own rhythm."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import pytest
from django.db import connection

from rongshu.domain.commerce.orders.models import Order, OrderLine
from rongshu.domain.commerce.purchases.actions import count_purchases, keep_purchases, refresh_purchases, set_rhythm
from rongshu.domain.commerce.purchases.findings import purchase_findings
from rongshu.domain.commerce.purchases.models import Purchases, PurchasesHead
from rongshu.domain.commerce.purchases.queries import heat, history, lives
from rongshu.engine.segments.life import LIVES, Rhythm, life_of
from rongshu.kernel import copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope
from tests.factories import TESTER


def buy(rng: random.Random, *, buyers: int, orders: int, now: datetime) -> list[int]:
    """Random orders of random buyers of the last two years, some lines refunded, some twice over."""
    tenant, made, lines = current_tenant(), [], []
    for _ in range(orders):
        paid = [rng.randrange(0, 9_000) for _ in range(rng.randrange(1, 4))]
        order = Order(
            tenant_id=tenant, source="t", external_id=str(rng.random()), credited_by="", paid=sum(paid),
            buyer_id=rng.choice([None, *range(1, buyers + 1)]),
            paid_at=now - timedelta(seconds=int(86_400 * 730 * rng.random() ** 3)),
        )  # fmt: skip
        made.append(order)
        for number, amount in enumerate(paid):
            lines.append(
                OrderLine(
                    tenant_id=tenant, order_id=order.id, line_no=number, sku=f"s{rng.randrange(5)}", category="a/b",
                    qty=1, paid=amount, cost=0, refunded=rng.choice([0, 0, amount // 2, amount, amount + 7]),
                )
            )  # fmt: skip
    Order.objects.bulk_create(made)
    OrderLine.objects.bulk_create(lines)
    copying.flush()
    return [order.id for order in made]


def differences() -> int:
    return sum(found.differences for found in purchase_findings())


def check_lives(now: datetime, rhythm: Rhythm) -> None:
    for row in Purchases.objects.all():
        place, until = life_of(
            orders=row.orders,
            first=to_micros(row.first_at),
            last=to_micros(row.last_at),
            now=to_micros(now),
            rhythm=rhythm,
        )
        assert (row.life, row.life_until and to_micros(row.life_until)) == (place, until)


@pytest.mark.parametrize("seed", range(3))
def test_figures_are_what_orders_say(tenant: int, now: datetime, seed: int) -> None:
    rng = random.Random(seed)
    with tenant_scope(tenant):
        buy(rng, buyers=40, orders=150, now=now)  # came before there were figures
        news = buy(rng, buyers=60, orders=80, now=now)
        count_purchases(orders=news, now=now)
        assert Purchases.objects.exists() and differences() == 0  # not filled yet: nothing is claimed
        keep_purchases(now=now)
        assert differences() == 0 and PurchasesHead.objects.get().filled_at == now
        check_lives(now, Rhythm())
        assert sum(lives().values()) == Purchases.objects.count() == sum(cell.members for cell in heat())
        assert {cell.recency for cell in heat()} == {1, 2, 3, 4, 5}
        # a refund later
        line = OrderLine.objects.filter(refunded=0, paid__gt=0, order_id__in=news).first()
        OrderLine.objects.filter(order_id=line.order_id, line_no=line.line_no).update(refunded=line.paid)
        known = Order.objects.get(id=line.order_id).buyer_id is not None
        assert differences() == known  # the check sees what was not counted
        count_purchases(orders=[line.order_id], now=now)
        assert differences() == 0
        # life moves by itself, and by other thresholds
        later = now + timedelta(days=45)
        keep_purchases(now=later)
        check_lives(later, Rhythm())
        set_rhythm(rhythm=Rhythm(new_days=90, usual_days=20, lost_ppm=4_000_000), by=TESTER, now=later)
        check_lives(later, Rhythm(new_days=90, usual_days=20, lost_ppm=4_000_000))
        with pytest.raises(Refusal, match="cooling_ppm"):
            set_rhythm(rhythm=Rhythm(cooling_ppm=1), by=TESTER, now=later)


def test_a_wrong_figure_is_found(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        buy(random.Random(9), buyers=5, orders=20, now=now)
        keep_purchases(now=now)
        for column in ("orders", "paid", "refunded"):
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE commerce_purchases SET {column} = {column} + 1 WHERE tenant_id = %s AND member_id = 3",
                    [tenant],
                )
            assert differences() == 1
            refresh_purchases(members=[3], now=now)
            assert differences() == 0


def test_history_page_by_page(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        buy(random.Random(4), buyers=1, orders=30, now=now)
        whole = history(member_id=1, limit=100)
        paged, before = [], None
        while page := history(member_id=1, before=before, limit=4):
            paged += page
            before = (page[-1].paid_at, page[-1].id)
        assert paged == whole and len(whole) == Order.objects.filter(buyer_id=1).count()
        assert whole == sorted(whole, key=lambda one: (one.paid_at, one.id), reverse=True)
        figures = Purchases.objects.filter(member_id=1).first()
        assert figures is None
        keep_purchases(now=now)
        figures = Purchases.objects.get(member_id=1)
        assert (sum(one.paid for one in whole), sum(one.refunded for one in whole)) == (figures.paid, figures.refunded)
        assert len(LIVES) == 5
