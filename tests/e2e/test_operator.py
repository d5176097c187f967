"""An operator's day in the console, in a real browser."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.e2e.shop import PASSWORD

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop


def enter(page: Page, address: str, name: str, password: str = PASSWORD) -> None:
    page.goto(f"{address}/console/")
    page.fill("[name=account]", name)
    page.fill("[name=password]", password)
    page.click("form.form button")


def test_a_wrong_password_is_told_without_saying_which_of_the_two(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    for name in (shop.owner, "nobody-of-that-name"):
        enter(page, address, name, "not this one")
        expect(page.get_by_role("alert").first).to_have_text("账号或密码不对。请检查后再试。")
    assert page.url.startswith(f"{address}/console/sign-in")


def test_from_a_figure_to_its_rows_to_why(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    expect(page.locator("h1")).to_have_text("今日")
    expect(page.locator(".figure").first).to_contain_text("45")
    expect(page.locator(".chart-canvas canvas")).to_be_visible()

    page.locator(".figure a").first.click()
    expect(page.locator("tbody tr")).to_have_count(45)
    page.keyboard.press("/")
    page.keyboard.type(shop.ref)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("T-0")

    links = page.locator(".chain > .link")
    expect(links.first).to_contain_text("王磊")  # the plan looks two levels up: the inviter at the top, who had stopped
    expect(links.first).to_have_attribute("data-earned", "no")
    expect(links.nth(1)).to_contain_text("林秀英")
    expect(links.last).to_contain_text("赵敏")
    expect(links.nth(1).locator(".earned")).to_have_count(2)
    expect(links.nth(1)).to_contain_text("15%")
    expect(links.nth(1)).to_contain_text("¥58.35")  # 389.00 at 15%
    expect(page.locator("#refunds")).to_be_visible()

    words = links.nth(1).locator(".words").first
    expect(words).to_contain_text("例外")
    words.get_by_role("button").click()
    expect(words.locator("p:visible")).to_contain_text("Override beauty")


def test_what_needs_a_decision_is_settled(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    decision = page.locator(".decisions > li")
    expect(decision).to_contain_text("order api:T-1 has no line 9")
    expect(page.locator(".side .waiting")).to_contain_text("1")
    decision.get_by_role("button", name="再试一次").click()
    expect(page.get_by_role("status").first).to_have_text("已重新排队。")
    expect(page.locator(".decisions")).to_have_count(0)


def test_the_books_are_checked_now(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    page.get_by_role("link", name="账本核对").click()
    page.get_by_role("button", name="立即核对").click()
    expect(page.locator(".verdict")).to_have_attribute("data-state", "holds")
    expect(page.locator(".invariants .state[data-tone=good]")).to_have_count(page.locator(".invariants > li").count())
    assert page.locator(".invariants > li").count() > 20
    expect(page.locator(".accounts")).to_contain_text("佣金支出")


def test_a_plan_is_written_and_checked(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    page.get_by_role("link", name="分佣方案").click()
    expect(page.locator(".clauses")).to_contain_text("类目属于 beauty")
    page.get_by_role("link", name="编写下一版本").click()
    document = page.input_value("[name=document]")
    page.fill("[name=document]", document.replace("order: 25%", "ordr: 25%"))
    page.get_by_role("button", name="检查").click()
    expect(page.locator(".problems")).to_contain_text("caps.ordr")
    page.locator(".problems .line").click()
    assert page.evaluate("getSelection().toString()").strip() == "ordr: 25%"

    page.fill("[name=document]", document.replace("2: {rate: 3%}", "2: {rate: 4%}"))
    page.get_by_role("button", name="检查").click()
    expect(page.locator(".differences")).to_contain_text("第 2 层比例由 3% 改为 4%")
    expect(page.locator("#findings")).to_contain_text("STR-02")  # two levels: a lawyer's opinion is to be declared


def test_promoters_their_teams_and_their_commissions(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    page.get_by_role("link", name="推广员").click()
    expect(page.locator("tbody tr")).to_have_count(4)
    page.fill("main [name=q]", shop.promoter)
    page.get_by_role("button", name="查找").click()
    row = page.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(f"{shop.promoter[:3]}****{shop.promoter[-4:]}")
    page.get_by_role("link", name="林秀英").click()
    expect(page.locator(".earnings > li")).to_have_count(45)
    page.locator(".ask summary").first.click()
    expect(page.locator(".ask-answer .words")).to_have_count(2)
    page.get_by_role("navigation", name="推广员详情").get_by_role("link", name="团队").click()
    expect(page.locator("tbody")).to_contain_text("陈晓雯")
    page.get_by_role("link", name="邀请人变更").click()
    expect(page.locator("tbody")).to_contain_text("王磊")


def test_the_language_stays_with_the_login(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.reader)
    page.locator(".drop summary").click()
    page.get_by_role("button", name="English").click()
    expect(page.locator("h1")).to_have_text("Today")
    elsewhere = visit()
    enter(elsewhere, address, shop.reader)
    expect(elsewhere.locator("h1")).to_have_text("Today")
    elsewhere.locator(".drop summary").click()
    elsewhere.get_by_role("button", name="中文").click()
    expect(elsewhere.locator("h1")).to_have_text("今日")
    elsewhere.locator(".drop summary").click()
    elsewhere.get_by_role("button", name="退出登录").click()
    expect(elsewhere).to_have_url(re.compile("/console/sign-in"))


def test_a_role_sees_only_its_own_work(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    page.goto(f"{address}/console/orders")
    page.fill("[name=account]", shop.support)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    expect(page).to_have_url(f"{address}/console/orders")
    expect(page.locator(".side a")).to_have_text(["订单", "会员", "优惠", "推广员", "推广", "推广等级"])
    for path, status in (
        ("/console/ledger", 403),
        ("/console/plans/draft", 403),
        ("/console/orders/ord_0000000000000", 404),
    ):
        response = page.goto(address + path)
        assert response is not None and response.status == status
        expect(page.locator(".trouble").first).to_contain_text("没有任何数据被改动。")
