"""Tiers and growth value over HTTP: earned once, with limits; the ladder tried, published, refused."""

from __future__ import annotations

from typing import Any

import pytest

from rongshu.domain.members.tiers.actions import assess_due
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import Opened, Shop, is_problem

LADDER = """
ladder: 1
currency: CNY
window: year
tiers:
  - {code: silver, title: {zh: 银卡, en: Silver}, growth: 100, benefits: {discount: 5%}}
  - {code: gold, title: {zh: 金卡, en: Gold}, growth: 1000, benefits: {discount: 10%}}
"""
GROWTH = """
growth: 1
currency: CNY
spending: {per: "1.00", growth: 1}
activities: [{id: profile, name: 完善资料, growth: 60, ever: 1}, {id: visit, name: 到店, growth: 20, per_day: 2}]
"""


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    return open_shop()


def work(club: Shop) -> None:
    while work_off(club.house.id, now=utc_now()):
        pass
    deliver_all(now=utc_now())
    with tenant_scope(club.house.id):
        while assess_due(now=utc_now()):
            pass


def earn(club: Shop, ref: str, **more: Any) -> dict[str, Any]:
    answer = club.post("/growth/earn", {"member": "lin", "ref": ref, **more})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_from_no_rules_to_a_tier(club: Shop) -> None:
    is_problem(club.get("/tiers"), 404, "no_tiers")
    is_problem(club.get("/growth/rules"), 404, "no_growth_rules")
    assert club.post("/members", {"external_id": "lin"}).status_code == 201
    standing = club.get("/members/lin/tier").json()
    assert (standing["tier"], standing["next"], standing["growth"], standing["missing"]) == (None, None, 0, 0)

    wrong = club.put("/tiers", {"text": LADDER.replace("growth: 1000", "growth: 50")})
    is_problem(wrong, 422, "plan_refused")
    assert "tiers[1].growth" in wrong.text
    made = club.put("/tiers", {"text": LADDER, "instead_of": 0})
    assert made.status_code == 200 and made.json()["number"] == 1
    is_problem(club.put("/tiers", {"text": LADDER.replace("5%", "6%"), "instead_of": 0}), 409, "ladder_moved")
    assert club.get("/tiers").json()["document"]["tiers"][0]["code"] == "silver"
    assert club.put("/growth/rules", {"text": GROWTH}).json()["number"] == 1
    assert club.get("/growth/rules").json()["document"]["activities"][0]["id"] == "profile"

    assert earn(club, "1", activity="profile")["granted"] == 60
    assert earn(club, "1", activity="profile")["granted"] == earn(club, "2", activity="profile")["granted"] == 0
    assert [earn(club, str(n), activity="visit")["granted"] for n in range(3)] == [20, 20, 0]
    assert earn(club, "thanks", growth=30, why="a letter")["growth"] == 130
    is_problem(club.post("/growth/earn", {"member": "lin", "ref": "x", "activity": "none"}), 404, "activity_unknown")
    is_problem(club.post("/growth/earn", {"member": "lin", "ref": "x"}), 422, "activity_or_growth")
    is_problem(club.post("/growth/earn", {"member": "lin", "ref": "x", "growth": 1}), 422, "reason_needed")
    is_problem(club.get("/members/nobody/tier"), 404, "unknown_member")

    work(club)
    standing = club.get("/members/lin/tier").json()
    assert (standing["tier"]["code"], standing["growth"], standing["missing"]) == ("silver", 130, 870)
    assert standing["next"]["benefits"] == {"discount": "10%"} and standing["kept_until"]
    page = club.get("/members/lin/growth?limit=3").json()
    assert [one["amount"] for one in page["data"]] == [30, 20, 20] and page["data"][0]["why"] == "a letter"
    rest = club.get(f"/members/lin/growth?limit=3&below={page['next']}").json()
    assert ([one["source"] for one in rest["data"]], rest["next"]) == (["activity:profile"], None)


def test_a_ladder_is_tried_without_a_trace(club: Shop) -> None:
    order = club.order(buyer="lin", lines=[{"sku": "A100", "paid": "200.00"}], paid_at=utc_now().isoformat())
    assert club.post("/orders", order).status_code == 201
    work(club)
    tried = club.post("/tiers/preview", {"text": LADDER.replace("growth: 1000", "growth: 300")}).json()
    assert (tried["rising"], tried["falling"]) == (1, 0)
    assert {"tier": "silver", "then": "gold", "members": 1} in tried["moves"]
    gold = tried["tiers"][1]
    assert (gold["members"], gold["before"], gold["paid"], gold["cost"]["discount"]) == (1, 0, "200.00", "20.00")
    assert tried["cost_now"]["discount"] == "10.00"
    assert club.get("/members/lin/tier").json()["tier"]["code"] == "silver"
    is_problem(club.post("/tiers/preview", {"text": "tiers: ["}), 422, "plan_refused")
