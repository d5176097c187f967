"""Members in the console: found, and one with what they bought and have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.points.actions import adjust_points
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def test_members_are_listed_and_found(shop: Shop, operator: Client) -> None:
    page = operator.get("/console/members").content.decode()
    assert "林秀英" in page and "赵敏" in page
    for asked in ("m2", shop.promoter, outside("mem", find(shop))):
        page = operator.get("/console/members", {"q": asked}).content.decode()
        assert "林秀英" in page and "赵敏" not in page
        assert asked == shop.promoter or shop.promoter not in page, "masked"
    assert "No member fits" in operator.get("/console/members?q=nobody-at-all").content.decode()
    assert operator.get("/console/members?cursor=x&tier=none").status_code == 200


def find(shop: Shop) -> int:
    with tenant_scope(shop.house.id):
        return int(find_member("m2").id)


def test_one_member_with_orders_and_points(shop: Shop, operator: Client) -> None:
    with tenant_scope(shop.house.id):
        buyer = find_member("m4").id
        adjust_points(member_id=buyer, points=777, reason="hello", ref="hello", by=TESTER, now=utc_now())
    first = operator.get(f"/console/members/{outside('mem', buyer)}").content.decode()
    assert "777" in first and "/console/orders/" in first and "cursor=" in first
    token = first.partition("cursor=")[2].partition('"')[0].replace("&amp;", "&")
    second = operator.get(f"/console/members/{outside('mem', buyer)}?cursor={token}").content.decode()
    rows = [set(_orders(page)) for page in (first, second)]
    assert len(rows[0]) == 20 and rows[1] and not rows[0] & rows[1]
    assert operator.get("/console/members/mem_none").status_code == 404


def _orders(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('href="/console/orders/')[1:]]
