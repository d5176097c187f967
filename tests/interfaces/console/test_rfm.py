"""The map of buyers: its figures, who stands behind them, and the way to a segment of them."""

from __future__ import annotations

import random
import re
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commerce.purchases.actions import keep_purchases
from rongshu.domain.commerce.purchases.models import Purchases
from rongshu.domain.marketing.segments.queries import meant
from rongshu.domain.members.profiles.models import Member
from rongshu.engine.segments.life import LIVES
from rongshu.interfaces.console.views.rfm import _orders
from rongshu.kernel import copying
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.commerce.test_purchases import buy
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

MAP = "/console/members/rfm"


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    shop, now = open_shop(), utc_now()
    with tenant_scope(shop.house.id):
        Member.objects.bulk_create(
            Member(tenant_id=shop.house.id, id=number, external_id=f"b{number}", created_at=now)
            for number in range(1, 41)
        )
        buy(random.Random(4), buyers=40, orders=160, now=now - timedelta(minutes=1))
        copying.flush()
    for _ in range(20):
        with tenant_scope(shop.house.id):
            keep_purchases(now=now)
    return shop


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.owner)


def test_the_figures_lead_to_those_behind_them(shop: Shop, operator: Client) -> None:
    page = operator.get(MAP).content.decode()
    with tenant_scope(shop.house.id):
        rows = list(Purchases.objects.filter(recency__gt=0))
    assert len(rows) > 30
    lives = Counter(LIVES[row.life] for row in rows)
    for life in LIVES:
        assert re.search(rf'\?life={life}"[^>]*>{lives[life]}<', page)
    scores = Counter((row.recency, row.frequency) for row in rows)
    for (recency, frequency), count in scores.items():
        asked = f"recency={recency}&amp;frequency={frequency}"
        assert re.search(rf'\?{asked}"[^>]*><strong>{count}<', page)
    (recency, frequency), count = scores.most_common(1)[0]
    behind = operator.get(f"{MAP}/members", {"recency": recency, "frequency": frequency}).content.decode()
    assert behind.count('class="row-link') == count and "Build a segment of them" in behind
    built = operator.get("/console/members/segments/new", {"recency": recency, "frequency": frequency}).content.decode()
    assert f"<strong>{count}</strong>" in built and 'name="g0-r1-fact" value="frequency"' in built


def test_pages_of_those_behind_never_overlap(shop: Shop) -> None:
    document = {"fact": "orders", "at_least": 1}
    with tenant_scope(shop.house.id):
        whole = meant(document, limit=1_000, now=utc_now())
        first = meant(document, limit=7, now=utc_now())
        assert whole == sorted(whole, reverse=True) and first == whole[:7]
        assert meant(document, before=first[-1], limit=1_000, now=utc_now()) == whole[7:]


def test_no_cell_is_nowhere(operator: Client) -> None:
    for query in ({}, {"life": "dead"}, {"recency": "6"}, {"frequency": "٣"}, {"recency": "12"}):
        assert operator.get(f"{MAP}/members", query).status_code == 404


def test_scores_are_told_as_numbers_of_orders() -> None:
    assert _orders([1, 1, 3, 6]) == ["1", "–", "2–3", "4–6", "7 and more"]
    assert _orders([]) == [""] * 5
