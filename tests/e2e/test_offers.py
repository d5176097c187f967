"""Price rules and coupons as an operator makes them and a member gets them, in the browser and over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import httpx
from playwright.sync_api import expect

from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.access.actions import add_api_key, add_login
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.shop import PASSWORD, open_shop
from tests.e2e.test_membership import settle
from tests.e2e.test_operator import enter as operator
from tests.factories import TESTER, new_phone

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.e2e.conftest import Open


def rule(page: Page, address: str, group: str, fields: dict[str, str], ticked: tuple[str, ...] = ()) -> None:
    """Adds a rule by its form."""
    page.goto(f"{address}/console/offers/prices")
    page.locator(f"a[href$='/{group}/new']").click()
    for name, value in fields.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    for name in ticked:
        page.locator(f"[name={name}]").check()
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.locator(".price-rules").first).to_be_visible()


def test_every_kind_of_price_rule_from_form_to_quote(visit: Open, address: str) -> None:
    shop = open_shop()
    with tenant_scope(shop.house.id):
        _, key = add_api_key(name="shop", scopes=list(Scope), by=TESTER, now=utc_now())
    http = httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)
    page = visit(width=1280)
    operator(page, address, shop.reader)
    tomorrow = (utc_now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    rule(
        page,
        address,
        "sales",
        {"name": "面霜八折", "how": "discount", "amount": "20", "skus": "CM-050", "to": tomorrow},
    )
    rule(
        page,
        address,
        "bundles",
        {"name": "洁面三件", "how": "price", "amount": "300", "pieces0": "3", "skus0": "CL-120"},
    )
    rule(
        page,
        address,
        "reductions",
        {"name": "满减", "counted": "spend", "least0": "500", "off0": "50", "least1": "900", "off1": "100"},
    )
    page.goto(f"{address}/console/offers/prices/reductions/new")
    rule(page, address, "shipping", {"name": "满 99 包邮", "spend": "99"})
    cart: dict[str, Any] = {
        "shipping": "12.00",
        "lines": [
            {"line_no": 1, "sku": "CM-050", "category": "beauty/cream", "qty": 2, "price": "389.00"},
            {"line_no": 2, "sku": "CL-120", "category": "home", "qty": 3, "price": "129.00"},
        ],
    }
    assert http.post("/prices/quote", json=cart).json()["payable"] == "1177.00"  # a draft holds for nobody
    page.get_by_role("link", name="价格试算").click()
    for at, line in enumerate(cart["lines"]):
        for name in ("sku", "qty", "price"):
            page.fill(f"[name={name}{at}]", str(line[name]))
    page.fill("[name=shipping]", "12")
    page.get_by_role("button", name="试算").click()
    expect(page.locator("#sum")).to_contain_text("¥822.40")
    page.goto(f"{address}/console/offers/prices")
    page.get_by_role("button", name="发布", exact=True).click()
    told = http.post("/prices/quote", json=cart, headers={"Accept-Language": "zh-hans"}).json()
    assert (told["payable"], told["shipping"]) == ("822.40", "0.00")
    assert [[(step["name"], step["minus"]) for step in line["steps"]] for line in told["lines"]] == [
        [("面霜八折", "155.60"), ("满减", "67.48")],
        [("洁面三件", "87.00"), ("满减", "32.52")],
    ]
    # After its end the sale is gone and says so; a small cart is told what is missing.
    later = (utc_now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    page.goto(
        f"{address}/console/offers/prices/test?sku0=CM-050&qty0=1&price0=389&sku1=CL-120&qty1=1&price1=129&shipping=12&at={later}"
    )
    expect(page.locator("#sum")).to_contain_text("¥468.00")
    expect(page.locator("#found")).to_contain_text("面霜八折")
    expect(page.locator("#found")).to_contain_text("洁面三件")


def test_coupons_by_every_way_from_the_form_to_the_order_and_back(visit: Open, address: str) -> None:
    shop = open_shop()
    phone = new_phone()
    with tenant_scope(shop.house.id):
        _, key = add_api_key(name="shop", scopes=list(Scope), by=TESTER, now=utc_now())
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=find_member("m3").id, by=TESTER, now=utc_now())  # fmt: skip
    http = httpx.Client(base_url=f"{address}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)

    def told(path: str, document: dict[str, Any]) -> dict[str, Any]:
        answer = http.post(path, json=document)
        assert answer.status_code < 300, answer.text
        settle(shop)
        return dict(answer.json())

    def held(member: str, state: str = "held") -> list[str]:
        found = http.get(f"/members/{member}/coupons?state={state}").json()["data"]
        return sorted(one["name"] for one in found)

    desk = visit(width=1280)
    operator(desk, address, shop.reader)
    desk.goto(f"{address}/console/offers/coupons/new")
    desk.fill("[name=name]", "满五十减十")
    desk.fill("[name=amount]", "10")
    desk.fill("[name=min_spend]", "50")
    desk.fill("[name=number]", "20")
    desk.check("[name=shareable]")
    desk.get_by_role("button", name="保存优惠券").click()
    expect(desk.locator("h1")).to_contain_text("满五十减十")
    desk.get_by_role("link", name="券码").click()
    desk.locator("form [name=name]").last.fill("传单")
    desk.fill("[name=count]", "5")
    desk.get_by_role("button", name="生成券码").click()
    with desk.expect_download() as download:
        desk.locator("a[href$='.csv']").first.click()
    rows = download.value.path().read_text("utf-8-sig").splitlines()
    codes = [row.split(",")[0] for row in rows[1:]]
    assert len(set(codes)) == 5

    mine = visit(width=390)
    sign_in(mine, address, phone)
    mine.goto(f"{address}/portal/coupons")
    mine.fill("[name=code]", "AAAA-BBBB-CCCC")
    mine.get_by_role("button", name="兑换").click()
    expect(mine.locator("[name=code]")).to_have_attribute("aria-invalid", "true")
    mine.fill("[name=code]", codes[0].lower())
    mine.get_by_role("button", name="兑换").click()
    expect(mine.locator(".coupons")).to_contain_text("满五十减十")
    mine.get_by_role("link", name="转赠").click()
    given = mine.locator("[data-copy]").get_attribute("data-copy") or ""
    other = visit(width=390)
    sign_in(other, address, shop.promoter)
    other.goto(given)
    other.get_by_role("button", name="收下").click()
    expect(other.locator(".coupons")).to_contain_text("满五十减十")
    assert (held("m3"), held("m2")) == ([], ["满五十减十"])
    mine.goto(given)
    mine.goto(f"{address}/portal/coupons?tab=over")
    expect(mine.locator(".coupons")).to_contain_text("满五十减十")

    cart: dict[str, Any] = {"member": "m2", "coupons": "best", "lines": [{"line_no": 1, "sku": "CL-120", "qty": 1, "price": "129.00"}]}  # fmt: skip
    kept = told("/checkouts", cart)
    assert kept["payable"] == "119.00" and held("m2") == [] and held("m2", "reserved") == ["满五十减十"]
    lines = [{name: line[name] for name in ("line_no", "sku", "category", "qty", "paid")} for line in kept["lines"]]
    told(
        "/orders",
        {"id": "C-1", "paid_at": utc_now().isoformat(), "buyer": "m2", "checkout": kept["id"], "lines": lines},
    )
    assert held("m2", "used") == ["满五十减十"]
    told("/refunds", {"id": "CB-1", "order": "C-1", "refunded_at": utc_now().isoformat(), "lines": [{"line_no": 1, "amount": "119.00"}]})  # fmt: skip
    assert held("m2") == ["满五十减十"]

    for occasion in ("new_member", "invited_joined", "inviter_joined", "invited_bought", "inviter_bought"):
        told("/coupon-kinds", {"name": occasion, "kind": "fixed", "amount": "5.00", "days": 30, "per_person": 0, "occasion": occasion})  # fmt: skip
    told("/members", {"external_id": "guest"})
    assert held("guest") == ["new_member"]
    told("/promoters", {"member": "guest", "inviter": "m2"})
    assert held("guest") == ["invited_joined", "new_member"] and held("m2") == ["inviter_joined", "满五十减十"]
    told(
        "/orders",
        {
            "id": "C-2",
            "paid_at": utc_now().isoformat(),
            "buyer": "guest",
            "lines": [{"sku": "CL-120", "paid": "99.00"}],
        },
    )
    assert held("guest") == ["invited_bought", "invited_joined", "new_member"]
    assert held("m2") == ["inviter_bought", "inviter_joined", "满五十减十"]


def sign_in(page: Page, address: str, phone: str) -> None:
    page.goto(f"{address}/portal/")
    page.fill("[name=phone]", phone)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    expect(page.locator("nav").first).to_be_visible()
