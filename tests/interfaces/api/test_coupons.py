"""Coupons over HTTP: a shop makes kinds, gives them, and uses them at its own checkout."""

from __future__ import annotations

from typing import Any

import pytest

from rongshu.kernel.access.rules import Scope
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    for member in ("ann", "bo", "buyer"):
        assert shop.post("/members", {"external_id": member}).status_code == 201
    return shop


def made(club: Shop, **more: Any) -> dict[str, Any]:
    body = {"name": "100-10", "kind": "fixed", "amount": "10.00", "min_spend": "100.00", "claimable": True, **more}
    answer = club.post("/coupon-kinds", body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_a_kind_is_made_read_changed_and_closed(club: Shop) -> None:
    one = made(club, days=7, budget="1000.00", tiers=["gold"], stacks=["member_price"])
    path = f"/coupon-kinds/{one['id']}"
    assert club.get(path).json() == one
    assert (one["min_spend"], one["stacks"], one["promised"], one["open"]) == ("100.00", ["member_price"], "0.00", True)
    body = {"name": "new", "kind": "percent", "ppm": 100_000, "max_minus": "5"}
    changed = club.put(path, body).json()
    assert (changed["name"], changed["max_minus"], changed["valid_from"]) == ("new", "5.00", one["valid_from"])
    assert club.post(f"{path}/close").json()["open"] is False
    assert club.post(f"{path}/open").json()["open"] is True
    first = club.get("/coupon-kinds?limit=1").json()
    assert first["data"][0]["id"] == one["id"]
    is_problem(club.get("/coupon-kinds/cpk_nothing"), 404, "unknown_kind")
    is_problem(club.get("/coupon-kinds?cursor=x"), 422, "bad_cursor")
    is_problem(club.post("/coupon-kinds", {"name": "x", "kind": "fixed", "amount": "ten"}), 422, "bad_amount_text")
    is_problem(club.post("/coupon-kinds", {"name": "x", "kind": "fixed"}), 422, "bad_amount")


def test_claimed_reserved_used_and_given_back(club: Shop) -> None:
    one = made(club, number=2, returns="always")
    claimed = club.post(f"/coupon-kinds/{one['id']}/claim", {"member": "ann", "ref": "tap"})
    assert claimed.status_code == 201, claimed.text
    coupon = claimed.json()["id"]
    assert club.post(f"/coupon-kinds/{one['id']}/claim", {"member": "ann", "ref": "tap"}).json()["id"] == coupon
    is_problem(club.post(f"/coupon-kinds/{one['id']}/claim", {"member": "ann"}), 409, "per_person")
    assert [held["id"] for held in club.get("/members/ann/coupons?state=held").json()["data"]] == [coupon]
    body = {"member": "ann", "ref": "cart-1"}
    assert club.post(f"/coupons/{coupon}/reserve", body).json()["state"] == "reserved"
    is_problem(club.post(f"/coupons/{coupon}/reserve", {"member": "bo", "ref": "cart-2"}), 404, "unknown_coupon")
    order = club.order(buyer="buyer")
    assert club.post("/orders", order).status_code in (200, 201, 202)
    use = {"ref": "cart-1", "order": order["id"], "saved": "9.50"}
    answer = club.post("/coupon-uses/use", use)
    assert answer.status_code == 200, answer.text
    assert answer.json() == club.post("/coupon-uses/use", use).json()
    assert (answer.json()["saved"], answer.json()["state"]) == ("9.50", "used")
    is_problem(club.post("/coupon-uses/release", {"ref": "cart-1"}), 409, "coupon_used")
    trace = club.get(f"/coupon-uses?kind={one['id']}").json()["data"]
    assert [use["coupon"] for use in trace] == [coupon]
    assert club.post("/coupon-uses/return", {"ref": "cart-1", "whole": False}).json() == {"done": True}
    assert club.post(f"/coupons/{coupon}/reserve", {"member": "ann", "ref": "cart-3"}).status_code == 201
    assert club.post("/coupon-uses/release", {"ref": "cart-3"}).json()["state"] == "released"
    is_problem(club.post("/coupon-uses/release", {"ref": "nothing"}), 404, "unknown_use")


def test_sent_and_redeemed(club: Shop) -> None:
    one = made(club, claimable=False, number=13)
    send = {"members": ["ann", "bo"], "ref": "spring"}
    assert club.post(f"/coupon-kinds/{one['id']}/send", send).json() == {"sent": 2}
    assert club.post(f"/coupon-kinds/{one['id']}/send", send).json() == {"sent": 0}
    problem = is_problem(
        club.post(f"/coupon-kinds/{one['id']}/send", {"members": ["ann", "nobody"], "ref": "x"}), 422, "unknown_member"
    )
    assert "nobody" in str(problem)
    codes = {"count": 10, "name": "metro", "ref": "m1"}
    batch = club.post(f"/coupon-kinds/{one['id']}/codes", codes).json()
    assert club.post(f"/coupon-kinds/{one['id']}/codes", codes).json() == batch
    is_problem(club.post(f"/coupon-kinds/{one['id']}/codes", {**codes, "ref": "m2"}), 409, "too_few_left")
    lines = club.get(f"/coupon-batches/{batch['id']}/codes.csv").text.lstrip("﻿").splitlines()
    assert lines[0] == "code,redeemed_at" and len(lines) == 11
    code = lines[1].rstrip(",")
    redeemed = club.post("/coupons/redeem", {"code": code, "member": "buyer"})
    assert redeemed.status_code == 201 and redeemed.json()["way"] == "code"
    is_problem(club.post("/coupons/redeem", {"code": code, "member": "ann"}), 409, "code_redeemed")
    assert club.get("/coupon-batches").json()["data"][0]["redeemed"] == 1
    assert club.post(f"/coupon-batches/{batch['id']}/close").json()["closed_at"]
    assert club.get(f"/coupon-kinds/{one['id']}").json()["given"] == 3


def test_a_key_that_only_reads_gets_no_codes(club: Shop) -> None:
    headers = {"Authorization": f"Bearer {club.key_for(Scope.MEMBERSHIP_READ, name='reads')}"}
    assert club.http.get("/coupon-kinds", headers=headers).status_code == 200
    for path in ("/coupon-batches/x/codes.csv",):
        is_problem(club.http.get(path, headers=headers), 403, "scope_missing")
    is_problem(
        club.http.post("/coupon-kinds", json={"name": "x", "kind": "fixed"}, headers=headers), 403, "scope_missing"
    )


def test_a_segment_gets_one_each(club: Shop) -> None:
    one = made(club, claimable=False)
    segment = club.post("/segments", {"name": "everybody", "document": {"fact": "orders", "at_least": 0}}).json()
    path, body = f"/coupon-kinds/{one['id']}/sendings", {"segment": segment["id"], "ref": "autumn"}
    begun = club.post(path, body)
    assert begun.status_code == 202, begun.text
    assert (begun.json()["state"], begun.json()["size"], begun.json()["looked_at"]) == ("running", segment["size"], 0)
    assert club.post(path, body).json() == begun.json()
    is_problem(club.post(path, {"segment": one["id"].replace("cpk", "seg"), "ref": "x"}), 404, "unknown_segment")
    is_problem(club.post(path, {"segment": "everybody", "ref": "x"}), 422, "no_segment")
    address = f"/coupon-sendings/{begun.json()['id']}"
    assert club.get(address).json() == begun.json()
    assert [row["id"] for row in club.get(path).json()["data"]] == [begun.json()["id"]]
    stopped = club.post(f"{address}/stop").json()
    assert (stopped["state"], stopped["why"]) == ("stopped", "by_hand")
    assert club.post(f"{address}/stop").json() == stopped
    is_problem(club.post("/coupon-sendings/snd_nothing/stop"), 404, "not_found")
