"""Ranks over HTTP: the ladder published, a promoter's rank asked for and set."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.interfaces.api.shop import Shop

LADDER = """currency: CNY
window: {days: 90}
ranks:
  - {name: bronze, needs: {own_sales: "1000.00", own_orders: 3}}
  - {name: silver, needs: {own_sales: "5000.00"}}
"""


def test_the_ladder(shop: Shop) -> None:
    client = shop.http
    assert client.get("/ladder").status_code == 404
    put = client.put("/ladder", json={"text": LADDER, "instead_of": 0})
    assert put.status_code == 200, put.text
    assert put.json() == client.get("/ladder").json()
    assert put.json()["number"] == 1
    assert put.json()["document"]["ranks"][0] == {"name": "bronze", "needs": {"own_sales": "1000.00", "own_orders": 3}}
    assert client.put("/ladder", json={"text": LADDER}).json()["number"] == 1
    late = client.put("/ladder", json={"text": LADDER.replace("5000", "6000"), "instead_of": 0})
    assert (late.status_code, late.json()["code"]) == (409, "ladder_moved")
    wrong = client.put("/ladder", json={"text": LADDER.replace("5000", "500")})
    assert wrong.status_code == 422
    assert [(one["at"], one["code"]) for one in wrong.json()["errors"]] == [("ranks[1].needs.own_sales", "needs_fall")]


def test_a_promoters_rank(shop: Shop) -> None:
    client = shop.http
    client.put("/ladder", json={"text": LADDER})
    client.post("/members", json={"external_id": "ann"})
    client.post("/promoters", json={"member": "ann"})
    before = client.get("/promoters/ann/rank").json()
    assert (before["rank"], before["next_rank"], before["history"], before["next"]) == ("", "bronze", [], None)
    assert before["progress"] == [
        {"need": "own_sales", "wanted": "1000.00", "have": "0.00", "missing": "1000.00", "percent": 0},
        {"need": "own_orders", "wanted": 3, "have": 0, "missing": 3, "percent": 0},
    ]
    key = {"Idempotency-Key": "by-hand-1"}
    body = {"rank": "silver", "reason": "won the fair", "held_until": "2199-01-01"}
    after = client.post("/promoters/ann/rank", json=body, headers=key)
    assert after.status_code == 200, after.text
    assert client.post("/promoters/ann/rank", json=body, headers=key).json() == after.json()
    found = client.get("/promoters/ann/rank").json()
    assert (found["rank"], found["next_rank"], found["progress"]) == ("silver", "", [])
    (change,) = found["history"]
    assert (change["old"], change["new"], change["cause"], change["reason"]) == ("", "silver", "hand", "won the fair")
    assert found["since"] == change["at"] and found["held_until"].startswith("2198-12-31")
    assert client.get("/promoters/ann").json()["rank"] == "silver"


def test_what_is_refused(shop: Shop) -> None:
    client = shop.http
    client.put("/ladder", json={"text": LADDER})
    client.post("/members", json={"external_id": "ann"})
    assert client.get("/promoters/nobody/rank").status_code == 404
    assert client.get("/promoters/ann/rank").json()["code"] == "unknown_promoter"
    client.post("/promoters", json={"member": "ann"})
    for body, code in (
        ({"rank": "gold", "reason": "why"}, "unknown_rank"),
        ({"rank": "silver", "reason": " "}, "reason_needed"),
        ({"rank": "silver", "reason": "why", "held_until": "2020-01-01"}, "held_until_past"),
    ):
        refused = client.post("/promoters/ann/rank", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert client.get("/promoters/ann/rank?cursor=nonsense").json()["code"] == "bad_cursor"
    assert client.get("/promoters/ann/rank").json()["history"] == []
