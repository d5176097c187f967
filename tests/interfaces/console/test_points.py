"""Points in the console: rules tried on real orders and published, what is owed, one member's points by hand."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commerce.orders.models import OrderLine
from rongshu.domain.members.points.queries import standing, versions
from rongshu.domain.members.points.report import count_report
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

RULES = {
    "per": "1.00", "points": "1", "products": "Most | c0 | 2", "sign_in": "1, 2", "tasks": "profile | Profile | 30 | 1",
    "validity": "years", "lasts": "1", "worth": "1.00", "least": "100", "step": "100", "share": "50", "remind": "7, 30", "number": "0",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def test_rules_are_refused_tried_and_published_once(shop: Shop, operator: Client) -> None:
    assert "Not counted yet" in operator.get("/console/offers/points").content.decode()
    wrong = operator.post("/console/offers/points/rules", {**RULES, "per": "0", "do": "try"}).content.decode()
    assert "spending.per" in wrong and 'aria-invalid="true"' in wrong and "profile | Profile | 30 | 1" in wrong
    tried = operator.post("/console/offers/points/rules", {**RULES, "do": "try"}).content.decode()
    with tenant_scope(shop.house.id):
        assert not versions(limit=1), "trying publishes nothing"
        since = utc_now() - timedelta(days=30)
        lines = OrderLine.objects.filter(order_id__in=_orders(since)).values_list("order_id", "category", "paid")
        by_order: dict[int, int] = {}
        for order, category, paid in lines:
            twice = category == "c0" or category.startswith("c0/")
            by_order[order] = by_order.get(order, 0) + paid * (2 if twice else 1)
        points = sum(whole // 100 for whole in by_order.values())
    assert by_order and points and f"<strong>{points:,}</strong>" in tried
    done = operator.post("/console/offers/points/rules", {**RULES, "do": "publish", "reason": "a start"}, follow=True)
    assert "Version 1 of the rules of points is in force." in done.content.decode()
    again = operator.post("/console/offers/points/rules", {**RULES, "points": "3", "do": "publish"}).content.decode()
    assert "was published meanwhile" in again
    by_text = operator.post(
        "/console/offers/points/rules",
        {"by": "text", "text": "currency: CNY\nspending: {per: '1.00', points: 3}\n", "number": "1", "do": "publish"},
        follow=True,
    )
    assert "Version 2" in by_text.content.decode() and "a start" in by_text.content.decode()


def _orders(since: object) -> list[int]:
    from rongshu.domain.commerce.orders.models import Order

    return list(Order.objects.filter(paid_at__gte=since, buyer_id__gt=0).values_list("id", flat=True))


def test_points_of_one_member_by_hand_once(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        member = find_member("m4").id
    address = f"/console/members/{outside('mem', member)}/points"
    assert operator.get("/console/offers/points/find?q=m4").headers["Location"] == address
    page = operator.get(address).content.decode()
    ref = re.search(r'name="ref" value="([0-9a-f]+)"', page)
    assert ref is not None
    no_reason = operator.post(address, {"points": "50", "reason": "", "ref": ref[1]}).content.decode()
    assert "Say why" in no_reason and ref[1] in no_reason
    for _twice in range(2):
        operator.post(address, {"points": "50", "reason": "a present", "ref": ref[1]})
    more = operator.post(address, {"points": "-90", "reason": "x", "ref": "other"}).content.decode()
    assert 'role="alert"' in more
    with tenant_scope(shop.house.id):
        assert standing(member, now=utc_now()).usable == 50
        assert count_report(now=utc_now())
    page = operator.get("/console/offers/points").content.decode()
    assert "Owed in points" in page and "<strong>50</strong>" in page
    rows = operator.get("/console/offers/points?format=csv").content.decode()
    assert rows.splitlines()[1].split(",")[1:] == ["50", "0", "0", "0", "50"]
    assert operator.get("/console/members/mem_none/points").status_code == 404


def test_who_only_reads_changes_nothing(shop: Shop) -> None:
    reader = enter(shop.support)
    assert reader.get("/console/offers/points").status_code == 200
    assert reader.get("/console/offers/points/rules").status_code == 403
    with tenant_scope(shop.house.id):
        member = outside("mem", find_member("m4").id)
    assert (
        reader.post(f"/console/members/{member}/points", {"points": "5", "reason": "x", "ref": "r"}).status_code == 403
    )
