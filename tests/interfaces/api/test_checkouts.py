"""A foreign shop's checkout over HTTP: held, paid, refunded line by line, given up, over; every race ends in one winner."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.coupons.actions import Terms, claim_coupon, make_kind
from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.members.points.actions import adjust_points, publish_rules
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.queries import find_member
from rongshu.flows.checkout.reserving import release_due
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import Opened, Shop, is_problem

RULES = """
points: 1
currency: CNY
offset: {worth: "1.00", least: 100, step: 10, share: 50%}
"""
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    club = open_shop()
    with tenant_scope(club.house.id):
        publish_rules(source=RULES, reason="", by=TESTER, now=utc_now() - timedelta(days=9))
    return club


def member(club: Shop, *, points: int = 5_000) -> str:
    name = f"m{next(_numbers)}"
    assert club.post("/members", {"external_id": name}).status_code == 201
    with tenant_scope(club.house.id):
        adjust_points(member_id=find_member(name).id, points=points, reason="hello", ref=name, by=TESTER, now=utc_now())
    return name


def coupon(club: Shop, who: str, *, returns: str = "always", **terms: Any) -> str:
    now = utc_now()
    with tenant_scope(club.house.id):
        fixed = {"kind": "fixed", "amount": 1_000, **terms}
        kind = make_kind(
            terms=Terms(name="ten", valid_from=now - timedelta(1), days=9, claimable=True, returns=returns, **fixed),
            by=TESTER, now=now,
        )  # fmt: skip
        return outside("cpn", claim_coupon(kind_id=kind.id, member_id=find_member(who).id, tier="", by=TESTER, now=now).id)  # fmt: skip


def cart(who: str, **more: Any) -> dict[str, Any]:
    lines = [
        {"line_no": 1, "sku": "A", "qty": 2, "price": "60.00"},
        {"line_no": 2, "sku": "B", "qty": 1, "price": "80.00"},
    ]
    return {"member": who, "lines": lines, **more}


def points(club: Shop, who: str) -> tuple[int, int]:
    """Usable, and set aside."""
    with tenant_scope(club.house.id):
        found = standing(find_member(who).id, now=utc_now())
    return found.usable, found.reserved


def state(club: Shop, one: str) -> str:
    with tenant_scope(club.house.id):
        return str(Coupon.objects.get(id=inside("cpn", one)).state)


def ordered(club: Shop, held: dict[str, Any], who: str, **more: Any) -> dict[str, Any]:
    return {
        "id": f"c{next(_numbers)}", "paid_at": utc_now().isoformat(), "buyer": who, "checkout": held["id"],
        "lines": [{key: line[key] for key in ("line_no", "sku", "qty", "paid")} for line in held["lines"]], **more,
    }  # fmt: skip


def work(club: Shop) -> None:
    while work_off(club.house.id, now=utc_now()):
        pass
    deliver_all(now=utc_now())


def test_held_paid_and_refunded_line_by_line(club: Shop) -> None:
    who = member(club)
    mine = coupon(club, who)
    quoted = club.post("/prices/quote", cart(who, coupons=[mine], points=3_000)).json()
    assert (quoted["payable"], quoted["points"], quoted["points_available"]) == ("160.00", 3_000, 5_000)
    answer = club.post("/checkouts", cart(who, coupons=[mine], points=3_000, expected="160.00"))
    assert answer.status_code == 201, answer.text
    held = answer.json()
    assert held["payable"] == "160.00" and held["quote"]["lines"] == quoted["lines"]
    assert points(club, who) == (2_000, 3_000) and state(club, mine) == "reserved"
    is_problem(club.post("/checkouts", cart(who, coupons=[mine])), 409, "coupon_refused")

    order = ordered(club, held, who)
    wrong = {**order, "lines": [{**order["lines"][0], "paid": "1.00"}, order["lines"][1]]}
    is_problem(club.post("/orders", wrong), 409, "other_price")
    is_problem(club.post("/orders", {**order, "buyer": member(club)}), 409, "not_the_buyer")
    is_problem(club.post("/orders", {**order, "lines": order["lines"][:1]}), 409, "other_lines")
    is_problem(club.post("/orders", {**order, "checkout": "chk_none"}), 422, "unknown_checkout")
    assert points(club, who) == (2_000, 3_000), "nothing was used"

    assert club.post("/orders", order).status_code == 201
    assert club.post("/orders", order).json()["outcome"] == "duplicate"
    is_problem(club.post("/orders", {**order, "id": "another"}), 409, "checkout_used")
    assert points(club, who) == (2_000, 0) and state(club, mine) == "used"
    is_problem(club.post(f"/checkouts/{held['id']}/release", {}), 409, "checkout_used")
    work(club)

    first = held["lines"][0]["paid"]
    by_line = {line["line_no"]: sum(float(step["minus"]) for step in line["steps"] if step["kind"] == "points") for line in held["quote"]["lines"]}  # fmt: skip
    shares = {line: round(worth * 100) for line, worth in by_line.items()}
    assert sum(shares.values()) == 3_000
    refund = {"id": "r1", "order": order["id"], "refunded_at": utc_now().isoformat(), "lines": [{"line_no": 1, "amount": "1.00"}]}  # fmt: skip
    assert club.post("/refunds", refund).status_code == 201
    work(club)
    some = shares[1] * 100 // round(float(first) * 100)
    assert points(club, who) == (2_000 + some, 0) and some
    assert state(club, mine) in ("held", "used")
    rest = f"{float(first) - 1:.2f}"
    assert club.post("/refunds", {**refund, "id": "r2", "lines": [{"line_no": 1, "amount": rest}]}).status_code == 201
    work(club)
    assert points(club, who) == (2_000 + shares[1], 0)
    last = {"line_no": 2, "amount": held["lines"][1]["paid"]}
    assert club.post("/refunds", {**refund, "id": "r3", "lines": [last]}).status_code == 201
    work(club)
    assert points(club, who) == (5_000, 0) and state(club, mine) == "held"
    shown = club.get(f"/checkouts/{held['id']}").json()
    assert (shown["state"], shown["points_back"], bool(shown["order"])) == ("used", 3_000, True)


def test_an_order_paid_with_nothing_but_a_coupon_comes_back_when_it_is_cancelled(club: Shop) -> None:
    who = member(club)
    mine = coupon(club, who, amount=100_000, returns="whole")
    held = club.post("/checkouts", cart(who, coupons=[mine])).json()
    assert held["payable"] == "0.00"
    order = ordered(club, held, who)
    assert club.post("/orders", order).status_code == 201
    work(club)
    status = {"order": order["id"], "status": "cancelled", "at": utc_now().isoformat()}
    assert club.post("/statuses", status).status_code in (200, 201, 202)
    work(club)
    assert state(club, mine) == "held"


def test_the_gift_of_a_coupon_is_a_line_of_the_order(club: Shop) -> None:
    who = member(club)
    mine = coupon(club, who, kind="gift", amount=500, gift_sku="MINI")
    held = club.post("/checkouts", cart(who, coupons=[mine])).json()
    assert [one["gift_sku"] for one in held["quote"]["coupons"]] == ["MINI"]
    order = ordered(club, held, who)
    gift = {"line_no": 3, "sku": "MINI", "qty": 1, "paid": "0.00"}
    for wrong in ({**gift, "qty": 2}, {**gift, "paid": "0.01"}, {**gift, "sku": "MAXI"}):
        is_problem(club.post("/orders", {**order, "lines": [*order["lines"], wrong]}), 409, "other_lines")
    is_problem(
        club.post("/orders", {**order, "lines": [*order["lines"], gift, {**gift, "line_no": 4}]}), 409, "other_lines"
    )
    answer = club.post("/orders", {**order, "lines": [*order["lines"], gift]})
    assert answer.status_code == 201, answer.text
    assert state(club, mine) == "used"


def test_a_changed_price_and_missing_points_are_said_and_nothing_is_set_aside(club: Shop) -> None:
    who = member(club, points=500)
    problem = club.post("/checkouts", cart(who, expected="1.00"))
    is_problem(problem, 409, "price_changed")
    assert "200.00" in problem.json()["detail"]
    is_problem(club.post("/checkouts", cart(who, points=900)), 409, "points_refused")
    is_problem(club.post("/checkouts", cart("nobody")), 404, "unknown_member")
    assert points(club, who) == (500, 0)
    with tenant_scope(club.house.id):
        assert not Checkout.objects.filter(member_id=find_member(who).id).exists()


def test_given_up_and_over(club: Shop) -> None:
    who = member(club)
    mine = coupon(club, who)
    held = club.post("/checkouts", cart(who, coupons=[mine], points=1_000)).json()
    assert club.post(f"/checkouts/{held['id']}/release", {}).json()["state"] == "released"
    assert club.post(f"/checkouts/{held['id']}/release", {}).json()["state"] == "released"
    assert points(club, who) == (5_000, 0) and state(club, mine) == "held"
    is_problem(club.post("/orders", ordered(club, held, who)), 409, "checkout_ended")
    held = club.post("/checkouts", cart(who, coupons=[mine], points=1_000, minutes=5)).json()
    with tenant_scope(club.house.id):
        assert release_due(now=utc_now() + timedelta(minutes=4)) == 0
        assert release_due(now=utc_now() + timedelta(minutes=6)) == 1
    assert points(club, who) == (5_000, 0) and state(club, mine) == "held"
    assert club.get(f"/checkouts/{held['id']}").json()["state"] == "expired"
    is_problem(club.get("/checkouts/chk_none"), 404, "unknown_checkout")


def test_many_at_once_use_one_checkout_once_and_never_more_points_than_there_are(club: Shop) -> None:
    who = member(club, points=1_000)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: club.post("/checkouts", cart(who, points=500)), range(8)))
    held = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(held) == 2 and {answer.status_code for answer in answers} == {201, 409}
    assert points(club, who) == (0, 1_000)
    orders = [ordered(club, held[0], who) for _n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(lambda order: club.post("/orders", order).status_code, orders))
    assert codes == [201, 409, 409, 409, 409, 409]
    assert points(club, who) == (0, 500)
    identifier = inside("chk", held[0]["id"])
    with tenant_scope(club.house.id):
        assert Checkout.objects.get(id=identifier).state == "used"
