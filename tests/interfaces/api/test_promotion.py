"""Links, codes, touches, bonds and the attribution policy over HTTP, and why an order was credited so."""

from __future__ import annotations

import pytest

from rongshu.flows.intake.work import work_off
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    for name in ("ann", "ben"):
        shop.enrol(name)
    for name in ("x", "y", "z"):
        assert shop.post("/members", {"external_id": name}).status_code == 201
    return shop


def code_of(club: Shop, name: str) -> str:
    answer = club.post("/codes", {"promoter": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["code"])


def bought(club: Shop, **more: object) -> str:
    order = club.order(promoter=None, paid_at=utc_now().isoformat(), **more)
    order.pop("promoter")
    assert club.post("/orders", order).status_code == 201
    work_off(club.house.id, now=utc_now())
    return str(order["id"])


def test_a_code_is_checked_and_names_nobody(club: Shop) -> None:
    code = code_of(club, "ann")
    found = club.get(f"/codes/{code.upper()}").json()
    assert (found["code"], found["valid"], found["state"], found["until"]) == (code, True, "open", None)
    assert found["promoter"].endswith("**") and len(found["promoter"]) == 3
    is_problem(club.get("/codes/zzzzzzz"), 404, "unknown_code")


def test_a_link_is_made_listed_and_turned_off(club: Shop) -> None:
    made = club.post("/links", {"promoter": "ann", "channel": "group", "label": "spring"})
    assert made.status_code == 201, made.text
    one = made.json()
    assert one["id"] in [row["id"] for row in club.get("/links?promoter=ann").json()["data"]]
    off = club.http.put(f"/links/{one['id']}/state", json={"on": False, "reason": "misused"}).json()
    assert off["state"] == "disabled" and club.get(f"/codes/{one['slug']}").json()["valid"] is False
    first = club.get("/links?limit=1").json()
    assert first["next"] and club.get(f"/links?limit=1&cursor={first['next']}").json()["data"] != first["data"]
    is_problem(club.post("/links", {"promoter": "x"}), 404, "unknown_promoter")
    is_problem(club.post("/links", {"promoter": "ann", "target": "https://elsewhere.example"}), 422, "foreign_target")


def test_a_touch_credits_the_next_order_and_the_order_says_why(club: Shop) -> None:
    code = code_of(club, "ben")
    assert club.post("/touches", {"member": "y", "kind": "entry", "code": code}).status_code == 201
    order = bought(club, buyer="y")
    found = {one["method"]: one for one in club.get(f"/orders/{order}/attribution").json()["considered"]}
    assert list(found) == ["code", "bond", "touch", "store"]
    assert (found["touch"]["fate"], found["touch"]["kind"], found["touch"]["link"]) == ("won", "entry", code)
    assert found["touch"]["promoter"] == club.get("/promoters/ben").json()["id"]
    assert "entered a code" in found["touch"]["text"] and found["code"]["fate"] == "absent"
    bond = club.get("/members/y/bond").json()
    assert bond["promoter"] == found["touch"]["promoter"] and bond["history"][0]["method"] == "touch"


def test_touches_that_are_refused(club: Shop) -> None:
    is_problem(club.post("/touches", {"member": "x", "kind": "store"}), 422, "whose_touch")
    is_problem(club.post("/touches", {"member": "x", "kind": "scan", "promoter": "ann"}), 422, "touch_needs_code")
    is_problem(club.post("/touches", {"member": "x", "kind": "scan", "code": "zzzzzzz"}), 422, "dead_code")
    is_problem(club.http.put("/members/x/visitor", json={"click": "clk_nothing"}), 404, "unknown_click")


def test_a_customer_given_by_hand_and_taken_back(club: Shop) -> None:
    is_problem(club.post("/members/x/bond/given", {"promoter": "ann", "reason": "x"}), 422, "invalid_request")
    given = club.post("/members/x/bond/given", {"promoter": "ann", "reason": "came by phone"}).json()
    assert given["in_force"] and [one["what"] for one in given["history"]] == ["given"]
    ended = club.post("/members/x/bond/given", {"promoter": None, "reason": "asked to leave"}).json()
    assert not ended["in_force"] and [one["reason"] for one in ended["history"]] == ["came by phone", "asked to leave"]


def test_a_policy_tried_and_published(open_shop: Opened) -> None:
    shop = open_shop()
    shop.enrol("ann")
    assert shop.post("/members", {"external_id": "z"}).status_code == 201
    bought(shop, buyer="z", code=code_of(shop, "ann"))
    rules = {"methods": ["bond", "touch"], "bond_by": ["touch"]}
    window = {"since": "2026-01-01T00:00:00Z", "until": "2026-12-31T00:00:00Z"}
    tried = shop.post("/attribution/what-if", {"rules": rules, **window}).json()
    assert (tried["orders"], tried["changed"], tried["by_method_before"]) == (1, 1, {"code": 1})
    assert tried["examples"][0]["then"] is None and tried["promoters"][0]["orders"] == 0
    assert shop.get("/attribution").json()["id"] is None
    published = shop.http.put("/attribution", json={"rules": rules, "reason": "no codes"}).json()
    assert published["rules"]["methods"] == ["bond", "touch"] and shop.get("/attribution").json() == published
    assert shop.get("/attribution/versions").json()["data"] == [published]
    is_problem(shop.http.put("/attribution", json={"rules": {"methods": ["code"]}}), 422, "method_not_asked")
    backwards = {"since": window["until"], "until": window["since"]}
    is_problem(shop.post("/attribution/what-if", {"rules": rules, **backwards}), 422, "bad_window")


def test_scopes(club: Shop) -> None:
    other = {"Authorization": f"Bearer {club.key_for(Scope.PROMOTION_READ)}"}
    assert club.get("/attribution", headers=other).status_code == 200
    is_problem(club.post("/links", {"promoter": "ann"}, headers=other), 403, "scope_missing")
