"""An operator builds a segment in a real browser: every condition is counted before it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.e2e.test_operator import enter

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop


def test_an_operator_builds_a_segment(visit: Open, address: str, shop: Shop) -> None:
    page = visit()
    enter(page, address, shop.owner)
    page.goto(f"{address}/console/members/segments")
    page.locator("a[href$='/segments/new']").click()
    look = page.locator("#look")
    expect(look.locator("strong")).to_have_count(0)

    page.select_option("[name=g0-add]", "promotes")
    page.click("[name=do][value=add-0]")
    expect(look.locator("strong").first).to_have_text(
        "3"
    )  # five members, of whom four were promoters and one has stopped
    page.select_option("[name=g0-r0-is]", "no")
    expect(look.locator("strong").first).to_have_text("2")

    page.fill("[name=name]", "买过但不推广")
    page.select_option("[name=g0-add]", "orders")
    page.click("[name=do][value=add-0]")
    expect(page.locator(".segment-row")).to_have_count(2)
    page.fill("[name=g0-r1-least]", "many")
    expect(look.locator(".problem")).to_have_count(1)
    page.fill("[name=g0-r1-least]", "1")
    expect(look.locator("strong").first).to_have_text("1")
    expect(look.locator("li")).to_contain_text("赵敏")

    page.click("[name=do][value=keep]")
    expect(page.locator("h1")).to_have_text("买过但不推广")
    expect(page.locator("tbody tr").first).to_contain_text("赵敏")
    page.goto(f"{address}/console/members/segments")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr td").last).to_have_text("1")


def test_a_narrow_window_builds_one_with_the_keyboard(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=390, language="en-US", theme="dark")
    enter(page, address, shop.reader)
    page.goto(f"{address}/console/members/segments/new")
    page.select_option("[name=g0-add]", "joined_days")
    page.locator("[name=do][value=add-0]").press("Enter")
    page.fill("[name=g0-r0-least]", "10")
    expect(page.locator("#look strong").first).to_have_text("5")
    page.locator("[name=do][value=drop-0-0]").press("Enter")
    expect(page.locator(".segment-row")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
