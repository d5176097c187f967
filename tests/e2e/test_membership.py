"""A member on a phone claims a coupon, buys at a foreign shop that asks the API, rises, sends one thing back; every figure by hand."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import expect

from rongshu.domain.commerce.coupons.actions import Terms, make_kind
from rongshu.domain.members.growth.actions import publish_growth_rules
from rongshu.domain.members.points.actions import publish_rules
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.members.tags.actions import add_tag
from rongshu.domain.members.tags.models import Tagging
from rongshu.domain.members.tiers.actions import assess_due, publish_ladder
from rongshu.domain.members.tiers.queries import standing_of
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.flows.verify import verify_now
from rongshu.kernel.access.actions import add_api_key, add_login
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.shop import PASSWORD, open_shop
from tests.e2e.test_operator import enter as operator
from tests.factories import TESTER, new_phone

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop

LADDER = """
ladder: 1
currency: CNY
window: year
months: 12
tiers:
  - {code: silver, title: {zh: 银卡, en: Silver}, colour: silver, picture: leaf, growth: 100, benefits: {discount: 5%, points: "1.2"}}
  - {code: gold, title: {zh: 金卡, en: Gold}, colour: gold, picture: crown, growth: 500, benefits: {discount: 10%, points: 2, free_shipping: true}}
"""
GROWTH = """
growth: 1
currency: CNY
spending: {per: "1.00", growth: 1}
"""
POINTS = """
points: 1
currency: CNY
spending: {per: "1.00", points: 1}
offset: {worth: "1.00", least: 100, step: 10, share: 50%}
"""


def test_a_member_buys_at_their_price_rises_and_sends_one_thing_back(visit: Open, address: str) -> None:
    shop, now = open_shop(), utc_now()
    phone = new_phone()
    with tenant_scope(shop.house.id):
        publish_ladder(source=LADDER, by=TESTER, now=now)
        publish_growth_rules(source=GROWTH, by=TESTER, now=now)
        publish_rules(source=POINTS, reason="", by=TESTER, now=now)
        make_kind(terms=Terms(name="二十元券", kind="fixed", amount=2_000, valid_from=now, days=9, claimable=True), by=TESTER, now=now)  # fmt: skip
        buyer = find_member("m3").id
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=buyer, by=TESTER, now=now)
        _, key = add_api_key(name="shop", scopes=list(Scope), by=TESTER, now=now)
    http = httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def told(path: str, document: dict[str, Any]) -> dict[str, Any]:
        """What the shop sends, and what we answer; the worker then does its part."""
        answer = http.post(path, json=document)
        assert answer.status_code < 300, answer.text
        settle(shop)
        return dict(answer.json())

    def points() -> tuple[int, int]:
        """What may be used, and what there is to be taken back."""
        found = http.get("/members/m3/points").json()
        return found["usable"], found["owed"]

    def growth() -> tuple[str, int]:
        with tenant_scope(shop.house.id):
            found = standing_of(buyer, now=utc_now())
        return found.code, found.window

    first = {
        "id": "F-1",
        "paid_at": utc_now().isoformat(),
        "buyer": "m3",
        "lines": [{"sku": "CL-120", "paid": "200.00"}],
    }
    told("/orders", first)
    assert growth() == ("silver", 200) and points() == (200, 0)

    page = visit(width=390)
    page.goto(f"{address}/portal/")
    page.fill("[name=phone]", phone)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    page.goto(f"{address}/portal/card")
    expect(page.locator(".member-card")).to_contain_text("再得 300 升到金卡")
    page.get_by_role("link", name="优惠券").click()
    page.get_by_role("button", name="领取").click()
    expect(page.locator("#mine")).to_be_visible()

    cart: dict[str, Any] = {
        "member": "m3", "coupons": "best", "points": 100,
        "lines": [
            {"line_no": 1, "sku": "CM-050", "category": "beauty/cream", "qty": 1, "price": "389.00"},
            {"line_no": 2, "sku": "CL-120", "category": "home", "qty": 1, "price": "129.00"},
        ],
    }  # fmt: skip
    quoted = http.post("/prices/quote", json=cart).json()
    # 5% off each; 20.00 shared as 36955 : 12255; 1.00 for a hundred points shared as 35453 : 11757.
    assert [line["paid"] for line in quoted["lines"]] == ["353.78", "117.32"]
    assert (quoted["payable"], quoted["points"], quoted["points_worth"]) == ("471.10", 100, "1.00")
    assert [[(step["kind"], step["minus"]) for step in line["steps"]] for line in quoted["lines"]] == [
        [("member_price", "19.45"), ("coupon", "15.02"), ("points", "0.75")],
        [("member_price", "6.45"), ("coupon", "4.98"), ("points", "0.25")],
    ]
    held = told("/checkouts", {**cart, "expected": "471.10"})
    assert points() == (100, 0)
    lines = [{name: line[name] for name in ("line_no", "sku", "category", "qty", "paid")} for line in held["lines"]]
    order = {"id": "F-2", "paid_at": utc_now().isoformat(), "buyer": "m3", "promoter": "m2", "checkout": held["id"], "lines": lines}  # fmt: skip
    ours = told("/orders", order)["id"]
    # Growth value 200 + 471; points 100 left + floor(471.10 × 1.2).
    assert growth() == ("gold", 671) and points() == (665, 0)
    page.goto(f"{address}/portal/card")
    card = page.locator(".member-card")
    expect(card).to_contain_text("金卡")
    expect(card).to_contain_text("671")
    expect(page.locator(".gives").first).to_contain_text("免运费")
    page.goto(f"{address}/portal/points")
    expect(page.locator(".room-sum")).to_have_text("665")
    page.goto(f"{address}/portal/coupons?tab=used")
    expect(page.locator(".coupons")).to_contain_text("¥20.00")

    assert _earned(http, "m2", ours) == "64.80"  # 15% of 353.78, 10% of 117.32

    told("/refunds", {"id": "B-1", "order": "F-2", "refunded_at": utc_now().isoformat(), "lines": [{"line_no": 2, "amount": "117.32"}]})  # fmt: skip
    # Back: growth value and points of the line's share of 471.10, a quarter of the points it was paid with; the coupon stays used.
    assert growth() == ("gold", 671 - 117) and points() == (665 - 141 + 25, 0)
    assert _earned(http, "m2", ours) == "53.07"
    page.goto(f"{address}/portal/points")
    expect(page.locator(".room-sum")).to_have_text("549")
    lots = http.get("/members/m3/points/lots").json()["data"]
    # 25 of the 100 spent are back in the lot of the first order; 141 of 565 are gone from that of the second.
    assert sorted((lot["amount"], lot["left"]) for lot in lots) == [(200, 125), (565, 424)]
    expect(page.locator("main")).to_contain_text("424")
    page.goto(f"{address}/portal/card")
    expect(page.locator(".member-card")).to_contain_text("554")
    page.goto(f"{address}/portal/purchases")
    page.locator("main a.earning").first.click()
    told_so = page.locator("main")
    for said in ("−¥19.45", "−¥15.02", "−¥0.75", "¥353.78", "¥117.32", "+471", "−117", "+565", "−141"):
        expect(told_so).to_contain_text(said)
    with tenant_scope(shop.house.id):
        assert verify_now().differences == 0

    desk = visit(width=1280)
    operator(desk, address, shop.reader)
    desk.goto(f"{address}/console/orders/{ours}")
    price = desk.locator("section", has=desk.locator("#price"))
    for said in ("−¥19.45 银卡", "−¥15.02 二十元券", "−¥0.75", "¥353.78", "−¥6.45", "−¥4.98", "¥117.32", "¥471.10"):
        expect(price).to_contain_text(said)
    expect(desk.locator(".chain")).to_contain_text("15%")

    seller = visit(width=390)
    seller.goto(f"{address}/portal/")
    seller.fill("[name=phone]", shop.promoter)
    seller.fill("[name=password]", PASSWORD)
    seller.click("form.form button")
    seller.goto(f"{address}/portal/earnings/{ours}")
    expect(seller.locator("main")).to_contain_text("¥53.07")
    expect(seller.locator("main")).to_contain_text("15%")


def _earned(http: httpx.Client, member: str, order: str) -> str:
    """What a promoter has of an order, less what went back."""
    rows = [one for one in http.get(f"/promoters/{member}/commissions").json()["data"] if one["order"] == order]
    return str(sum(Decimal(one["amount"]) - Decimal(one["reversed"]) for one in rows))


def test_an_operator_sees_what_a_ladder_would_do_and_publishes_it(visit: Open, address: str) -> None:
    shop = open_shop()
    with tenant_scope(shop.house.id):
        publish_growth_rules(source=GROWTH, by=TESTER, now=utc_now())
        member = find_member("m3").id
        _, key = add_api_key(name="shop", scopes=list(Scope), by=TESTER, now=utc_now())
    order = {
        "id": "L-1",
        "paid_at": utc_now().isoformat(),
        "buyer": "m3",
        "lines": [{"sku": "CL-120", "paid": "650.00"}],
    }
    assert httpx.post(f"{address}/api/v1/orders", json=order, headers={"Authorization": f"Bearer {key}"}).status_code == 201  # fmt: skip
    settle(shop)
    page = visit(width=1280)
    operator(page, address, shop.reader)
    page.goto(f"{address}/console/members/tiers")
    page.get_by_role("link", name="设计等级阶梯").click()
    page.fill("[name=tier-0-zh]", "银卡")
    page.fill("[name=tier-0-code]", "silver")
    page.fill("[name=tier-0-growth]", "0")
    page.get_by_role("button", name="看看会怎样").click()
    expect(page.locator("#problems")).to_contain_text("tiers[0].growth")
    expect(page.locator("[name=tier-0-growth]")).to_have_attribute("aria-invalid", "true")
    page.fill("[name=tier-0-growth]", "100")
    page.fill("[name=tier-0-discount]", "5")
    page.get_by_role("button", name="再加一级").click()
    page.fill("[name=tier-1-zh]", "金卡")
    page.fill("[name=tier-1-code]", "gold")
    page.fill("[name=tier-1-growth]", "600")
    page.fill("[name=tier-1-discount]", "10%")
    page.get_by_role("button", name="看看会怎样").click()
    look = page.locator("#look")
    expect(look).to_contain_text("¥65.00")  # 10% of what the one member who would be gold paid
    expect(look.locator("tbody").first.locator("td").nth(3)).to_have_text("↑ 1")
    with tenant_scope(shop.house.id):
        assert standing_of(member, now=utc_now()).tier is None
    page.get_by_role("button", name="发布等级阶梯").click()
    expect(page.locator(".tier-rows")).to_contain_text("金卡")
    with tenant_scope(shop.house.id):
        while assess_due(now=utc_now()):
            pass
        assert standing_of(member, now=utc_now()).code == "gold"
    page.reload()
    expect(page.locator(".tier-rows > li").nth(1).locator(".tier-held")).to_contain_text("1")


def settle(shop: Shop) -> None:
    """The worker's part."""
    while work_off(shop.house.id, now=utc_now()):
        pass
    deliver_all(now=utc_now())


def test_an_operator_builds_a_segment_whose_members_wear_a_tag(visit: Open, address: str) -> None:
    shop = open_shop()
    with tenant_scope(shop.house.id):
        tag = add_tag(name="常客", by=TESTER, now=utc_now())
        _, key = add_api_key(name="shop", scopes=list(Scope), by=TESTER, now=utc_now())
    paid = {"a": ("80.00", "90.00"), "b": ("500.00", "120.00"), "c": ("900.00",), "d": ("300.00", "300.00", "19.99")}
    http = httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    for buyer, amounts in paid.items():
        for at, amount in enumerate(amounts):
            order = {"id": f"S-{buyer}{at}", "paid_at": utc_now().isoformat(), "buyer": f"s-{buyer}", "lines": [{"sku": "CL-120", "paid": amount}]}  # fmt: skip
            assert http.post("/orders", json=order).status_code == 201
    settle(shop)
    with tenant_scope(shop.house.id):
        rich = {find_member(name).id for name in ("m4", "s-b", "s-d")}  # m4 has bought often for long
    page = visit(width=1280)
    operator(page, address, shop.reader)
    page.goto(f"{address}/console/members/segments")
    page.get_by_role("link", name="新建分群").click()
    page.get_by_label("分群名称").fill("常来又花得多")
    page.get_by_label("成员的标签").select_option("常客")
    look = page.locator("#look")
    page.locator("[name=g0-add]").select_option("orders")
    page.get_by_role("button", name="添加条件", exact=True).click()
    page.locator("[name=g0-r0-least]").press_sequentially("2")
    expect(look.locator(".segment-count strong")).to_have_text("4")
    page.locator("[name=g0-add]").select_option("paid")
    page.get_by_role("button", name="添加条件", exact=True).click()
    expect(page.locator("[name=g0-r0-least]")).to_have_value("2")
    page.locator("[name=g0-r1-least]").press_sequentially("12.345")
    expect(look.locator(".problem")).to_contain_text("12.345")
    page.locator("[name=g0-r1-least]").fill("")
    page.locator("[name=g0-r1-least]").press_sequentially("619.99")
    expect(look.locator(".segment-count strong")).to_have_text(str(len(rich)))
    expect(page.get_by_label("分群名称")).to_have_value("常来又花得多")
    page.get_by_role("button", name="保存分群").click()
    expect(page.locator("h1")).to_have_text("常来又花得多")
    rows = page.locator("td[data-at=lead] a[href*='/members/mem_']")
    expect(rows).to_have_count(len(rich))
    with tenant_scope(shop.house.id):
        assert {row.member_id for row in Tagging.objects.filter(tag_id=tag.id)} == rich
    rows.first.click()
    expect(page.locator("dd", has=page.locator(".tag"))).to_contain_text("常来又花得多")
