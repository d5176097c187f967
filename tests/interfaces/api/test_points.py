"""Points over HTTP: rules, what orders bring and refunds take, earning, spending, setting aside."""

from __future__ import annotations

import pytest

from rongshu.domain.members.points.findings import points_findings
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import Opened, Shop, is_problem

RULES = """
currency: CNY
spending: {per: "1.00", points: 1}
first_order: 20
tasks: [{id: profile, name: Profile, points: 30}]
validity: {months: 12}
offset: {worth: "1.00", least: 10, step: 10, share: 50%}
"""


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    club = open_shop()
    is_problem(club.get("/points/rules"), 404, "no_points_rules")
    assert club.post("/members", {"external_id": "mei"}).status_code == 201
    made = club.put("/points/rules", {"text": RULES, "reason": "spring"})
    assert made.status_code == 200 and made.json()["document"]["first_order"] == 20
    assert club.get("/points/rules").json()["number"] == 1
    return club


def usable(club: Shop) -> int:
    return int(club.get("/members/mei/points").json()["usable"])


def test_rules_are_refused_with_paths(club: Shop) -> None:
    wrong = "currency: CNY\nspending: {per: '0.00'}\nvalidity: {days: 3, months: 3}\nproducts: [{id: a, name: A, factor: 2}]\n"
    found = club.put("/points/rules", {"text": wrong})
    assert found.status_code == 422
    assert all(path in found.text for path in ("spending.per", "validity", "products[0]"))


def test_orders_bring_and_refunds_take(club: Shop) -> None:
    order = club.order(buyer="mei", paid_at=utc_now().isoformat())
    assert club.post("/orders", order).status_code == 201
    while work_off(club.house.id, now=utc_now()):
        pass
    deliver_all(now=utc_now())
    lots = club.get("/members/mei/points/lots").json()["data"]
    assert {one["source"] for one in lots} == {"order", "first_order"} and all(one["expires_at"] for one in lots)
    had = usable(club)
    assert had == sum(one["amount"] for one in lots) > 20
    lines = [{"line_no": 1, "amount": "100.00"}]
    refund = {"id": "back-1", "order": order["id"], "lines": lines, "refunded_at": utc_now().isoformat()}
    answered = club.post("/refunds", refund)
    assert answered.status_code in (200, 201, 202), answered.text
    while work_off(club.house.id, now=utc_now()):
        pass
    deliver_all(now=utc_now())
    assert usable(club) == 0
    with tenant_scope(club.house.id):
        assert not sum(found.differences for found in points_findings())


def test_earning_and_spending(club: Shop) -> None:
    before = usable(club)
    task = {"member": "mei", "rule": "task:profile", "ref": "p"}
    assert [club.post("/points/earn", task).json()["granted"] for _ in range(2)] == [30, 0]
    assert club.post("/points/earn", {"member": "mei", "points": 70, "ref": "q", "why": "review"}).json() == {
        "granted": 70
    }
    is_problem(club.post("/points/earn", {"member": "mei", "ref": "r"}), 422, "rule_or_points")
    assert usable(club) == before + 100
    spend = {"member": "mei", "points": 60, "ref": "mug-1", "what": "Mug"}
    assert [club.post("/points/redeem", spend).json()["done"] for _ in range(2)] == [True, False]
    short = {"member": "mei", "points": before + 41, "ref": "mug-2"}
    is_problem(club.post("/points/redeem", short), 409, "points_short")
    back = {"ref": "b", "of": "mug-1", "points": 10}
    assert [club.post("/points/give-back", back).json()["back"] for _ in range(2)] == [10, 0]
    held = {"member": "mei", "points": 20, "ref": "cart", "what": "Cart"}
    assert club.post("/points/reserve", held).json() == {"done": True}
    assert club.get("/members/mei/points").json()["reserved"] == 20
    assert club.post("/points/release", {"ref": "cart"}).json() == {"done": True}
    is_problem(club.post("/points/use", {"ref": "cart"}), 409, "released_before")
    is_problem(club.post("/points/use", {"ref": "none"}), 404, "not_reserved")
    assert usable(club) == before + 50
    page = club.get("/members/mei/points/history?limit=2").json()
    assert [one["kind"] for one in page["data"]] == ["released", "reserved"] and page["data"][0]["what"] == "Cart"
    rest = club.get(f"/members/mei/points/history?below={page['next']}").json()
    assert rest["data"][0]["kind"] == "given_back"
