"""The mall and the card over HTTP: items, exchanges with their steps, whose card it is, requests decided."""

from __future__ import annotations

from typing import Any

import pytest

from rongshu.domain.members.cards.actions import publish_doors
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.points.actions import adjust_points
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.carding import apply_for_card
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import Opened, Shop, is_problem

HOME = {"name": "Lin", "phone": "13900002222", "place": "浙江省杭州市西湖区文三路 1 号"}


@pytest.fixture(scope="module")
def shop(open_shop: Opened) -> Shop:
    shop = open_shop()
    assert shop.post("/members", {"external_id": "lin"}).status_code == 201
    with tenant_scope(shop.house.id):
        adjust_points(
            member_id=find_member("lin").id, points=1_000, reason="hello", ref="hello", by=TESTER, now=utc_now()
        )
    return shop


def item(shop: Shop, **more: Any) -> dict[str, Any]:
    made = shop.post("/mall/items", {"name": "Cup", "kind": "goods", "points": 300, "stock": 2, **more})
    assert made.status_code == 201, made.text
    return dict(made.json())


def usable(shop: Shop) -> int:
    return int(shop.get("/members/lin/points").json()["usable"])


def test_goods_are_had_sent_and_done(shop: Shop) -> None:
    cup, before = item(shop), usable(shop)
    asked = {"member": "lin", "item": cup["id"], "key": "k1", "points": 300, "address": HOME}
    made = shop.post("/mall/exchanges", asked)
    assert made.status_code == 201 and made.json()["state"] == "asked" and made.json()["address"] == HOME
    assert shop.post("/mall/exchanges", asked).json()["id"] == made.json()["id"]
    assert usable(shop) == before - 300
    assert shop.get(f"/mall/items/{cup['id']}").json()["left"] == 1
    name = made.json()["id"]
    assert [one["id"] for one in shop.get("/mall/exchanges?state=asked&member=lin").json()["data"]] == [name]
    sent = shop.post(f"/mall/exchanges/{name}/send", {"carrier": "SF", "tracking": "SF1"}).json()
    assert (sent["state"], sent["tracking"], sent["address"]) == ("sent", "SF1", None)
    for _ in range(2):
        assert shop.post(f"/mall/exchanges/{name}/finish").json()["state"] == "done"
    assert shop.get(f"/mall/exchanges/{name}").json()["address"] is None
    is_problem(shop.post(f"/mall/exchanges/{name}/cancel", {"reason": "too late"}), 409, "exchange_over")


def test_cancelled_points_and_stock_are_back(shop: Shop) -> None:
    cup, before = item(shop, stock=1), usable(shop)
    made = shop.post("/mall/exchanges", {"member": "lin", "item": cup["id"], "key": "k2", "address": HOME}).json()
    is_problem(shop.post("/mall/exchanges", {"member": "lin", "item": cup["id"], "key": "k3", "address": HOME}), 409, "none_left")  # fmt: skip
    gone = shop.post(f"/mall/exchanges/{made['id']}/cancel", {"reason": "broken"}).json()
    assert (gone["state"], gone["back"], usable(shop)) == ("cancelled", 300, before)
    assert shop.get(f"/mall/items/{cup['id']}").json()["left"] == 1


def test_what_is_wrong_is_named_with_its_place(shop: Shop) -> None:
    cup = item(shop)
    for more, status, code in (
        ({"points": 200, "address": HOME}, 409, "price_changed_points"), ({}, 422, "no_address"),
        ({"address": {**HOME, "phone": "12"}}, 422, "bad_phone"), ({"item": "itm_none", "address": HOME}, 404, "not_found"),
    ):  # fmt: skip
        is_problem(shop.post("/mall/exchanges", {"member": "lin", "item": cup["id"], "key": "w", **more}), status, code)
    is_problem(shop.post("/mall/items", {"name": "Ten", "kind": "coupon", "points": 5}), 422, "which_coupon")
    is_problem(shop.get("/mall/items?cursor=none"), 422, "bad_cursor")


def test_items_are_changed_and_paged(shop: Shop) -> None:
    cup = item(shop, name="Old", stock=None)
    changed = shop.put(f"/mall/items/{cup['id']}", {"name": "New", "kind": "goods", "points": 7, "open": False}).json()
    assert (changed["name"], changed["points"], changed["sale_from"]) == ("New", 7, cup["sale_from"])
    is_problem(shop.put(f"/mall/items/{cup['id']}", {"name": "New", "kind": "privilege", "points": 7}), 422, "kind_stays")  # fmt: skip
    seen: list[str] = []
    cursor = ""
    while True:
        page = shop.get(f"/mall/items?all=true&limit=2{cursor}").json()
        seen += [one["id"] for one in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) and cup["id"] in seen
    on_sale = [one["id"] for one in shop.get("/mall/items").json()["data"]]
    assert cup["id"] not in on_sale and on_sale


def test_the_card_is_read_given_and_decided(shop: Shop) -> None:
    for name in ("mei", "wang"):
        assert shop.post("/members", {"external_id": name}).status_code == 201
    is_problem(shop.get("/members/mei/card"), 404, "unknown_card")
    made = shop.put("/members/mei/card", {"invited_by": "lin"}).json()
    assert made["way"] == "hand" and made["invited_by"] is not None and len(made["number"]) == 16
    assert shop.put("/members/mei/card", {}).json() == made == shop.get(f"/cards/{made['number']}").json()
    is_problem(shop.get("/cards/1234"), 404, "unknown_card")
    with tenant_scope(shop.house.id):
        publish_doors(doors=Doors(approve=True, present=False), by=TESTER, now=utc_now())
        apply_for_card(member_id=find_member("wang").id, said="please", by=TESTER, now=utc_now())
    (asked,) = shop.get("/card-requests").json()["data"]
    assert asked["said"] == "please"
    decision = {"requests": [asked["id"]], "approve": False}
    is_problem(shop.post("/card-requests/decide", decision), 422, "no_reason")
    is_problem(shop.post("/card-requests/decide", {"requests": ["crq_x"], "approve": True}), 422, "unknown_request")
    assert shop.post("/card-requests/decide", {**decision, "approve": True}).json() == {"decided": 1}
    assert shop.post("/card-requests/decide", {**decision, "approve": True}).json() == {"decided": 0}
    assert shop.get("/members/wang/card").json()["way"] == "approve"
    assert shop.get("/card-requests?state=approved").json()["data"][0]["id"] == asked["id"]


def test_who_only_reads_changes_nothing_and_sees_no_address(shop: Shop) -> None:
    reads = {"Authorization": f"Bearer {shop.key_for(Scope.MEMBERSHIP_READ, name='mall-reader')}"}
    assert shop.get("/mall/items", headers=reads).status_code == 200
    made = shop.get("/mall/exchanges", headers=reads).json()["data"]
    assert made and all(one["address"] is None for one in made)
    for refused in (
        shop.get(f"/mall/exchanges/{made[0]['id']}", headers=reads),
        shop.post("/mall/items", {"name": "A", "kind": "goods", "points": 1}, headers=reads),
        shop.put("/members/lin/card", {}, headers=reads),
    ):
        is_problem(refused, 403, "scope_missing")
