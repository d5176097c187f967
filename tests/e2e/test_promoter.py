"""A promoter on a phone, in a real browser."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from tests.e2e.shop import PASSWORD

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop


def enter(page: Page, address: str, shop: Shop) -> None:
    page.goto(f"{address}/portal/")
    page.fill("[name=phone]", shop.promoter)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    expect(page.locator(".balance-large")).to_be_visible()


def test_why_is_one_tap_from_an_amount_and_back_closes_it(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=375)
    enter(page, address, shop)
    expect(page.locator(".list > li")).to_have_count(5)
    page.locator(".earning").first.click()
    sheet = page.locator("#sheet")
    expect(sheet.locator(".why-sum")).to_have_text("+¥66.25")  # 58.35 and 12.90, of which 5.00 went back
    expect(sheet).to_contain_text("退款冲回 ¥5.00")
    expect(sheet.locator(".reason")).to_have_count(2)
    sheet.locator(".words-turn").first.click()
    expect(sheet.locator(".words p:visible").first).to_contain_text("Override beauty")
    page.go_back()
    expect(sheet).not_to_be_visible()
    assert page.url == f"{address}/portal/"


def test_earnings_go_on_while_scrolling(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=375)
    enter(page, address, shop)
    page.get_by_role("link", name="收益").click()
    entries = page.locator(".list .earning")
    expect(entries).to_have_count(20)
    for count in (40, 45):
        page.locator(".more").scroll_into_view_if_needed()
        expect(entries).to_have_count(count)
    expect(page.locator(".more")).to_have_count(0)
    entries.last.click()
    expect(page.locator("#sheet .why-sum")).to_be_visible()


def test_team_and_me_show_nobody_elses_name(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=375)
    enter(page, address, shop)
    page.get_by_role("link", name="团队").click()
    expect(page.locator(".member")).to_contain_text("陈*雯")
    expect(page.locator("main")).to_contain_text("王*")
    page.get_by_role("link", name="我的").click()
    expect(page.locator("h1")).to_have_text("林秀英")
    page.get_by_role("button", name="深色").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "night")
    expect(page.get_by_role("button", name="深色")).to_have_attribute("aria-pressed", "true")


def test_a_promoter_does_not_enter_the_console_nor_see_others_amounts(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=375)
    enter(page, address, shop)
    page.goto(f"{address}/console/orders")
    assert page.url == f"{address}/portal/"
    response = page.goto(f"{address}/portal/earnings/ord_0000000000000")
    assert response is not None and response.status == 404
    expect(page.locator(".trouble").first).to_contain_text("没有任何数据被改动。")


def test_a_failed_request_says_that_nothing_was_harmed(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=375)
    enter(page, address, shop)
    page.route("**/portal/earnings/**", lambda route: route.fulfill(status=404, body=""))
    page.locator(".earning").first.click()
    expect(page.locator("#trouble")).to_be_visible()
    expect(page.locator("#sheet")).not_to_be_visible()
