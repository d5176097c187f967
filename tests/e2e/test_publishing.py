"""From a draft to a version and back, by two people in a real browser; what promoters and the public read of it."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page, expect

from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.shop import PASSWORD, open_shop
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.conftest import Open

SHOTS = os.environ.get("RONGSHU_SHOTS", "")
NOTICE = ".told[href*='/changes/']"
"""A folder for pictures of every page on the way, for looking at."""


def seen(page: Page, name: str) -> None:
    """Nothing is wider than the window, on a desk and on a phone."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        wide = page.evaluate("document.documentElement.scrollWidth")
        if SHOTS:
            page.screenshot(path=str(Path(SHOTS) / f"{name}-{width}.png"), full_page=True)
        assert wide <= width, f"{name} is {wide} wide at {width}"
    page.set_viewport_size({"width": 1280, "height": 800})


def enter(visit: Open, address: str, name: str, field: str = "account", face: str = "console") -> Page:
    page = visit(language="en-US")
    page.context.add_cookies([{"name": "django_language", "value": "en", "url": address}])
    page.goto(f"{address}/{face}/")
    page.fill(f"[name={field}]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("form.form button")
    return page


def test_two_people_publish_and_withdraw_and_everybody_is_told(visit: Open, address: str) -> None:
    shop = open_shop()
    with tenant_scope(shop.house.id):
        ben = f"finance-{shop.house.slug}"
        add_login(name=ben, password=PASSWORD, role=Role.FINANCE, by=TESTER, now=utc_now())
    author = enter(visit, address, shop.owner)
    author.goto(f"{address}/console/plans")
    seen(author, "plans")
    author.get_by_role("link", name="Write the next version").click()
    document = author.input_value("[name=document]")
    author.get_by_role("button", name="Check").click()
    expect(author.locator("#findings [data-severity=block]")).to_contain_text("STR-02")
    expect(author.get_by_role("button", name="Ask for review")).to_be_disabled()
    seen(author, "draft-blocked")

    mended = "\n".join(line for line in document.split("\n") if "rate: 3%" not in line).replace("10%", "12%")
    author.fill("[name=document]", mended)
    author.fill("[name=effective_from]", (utc_now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
    author.get_by_role("button", name="Check").click()
    expect(author.locator(".differences")).to_contain_text("level 1 rate: 10% -> 12%")
    author.fill("[name=note]", "One level, and more for it")
    author.get_by_role("button", name="Ask for review").click()
    expect(author.get_by_role("status").first).to_have_text("The draft waits for a second person.")
    expect(author.locator("[name=document]")).to_have_attribute("readonly", "")
    seen(author, "draft-waits")
    author.get_by_role("link", name="Look at the request").click()
    expect(author.get_by_text("You are one of its authors.")).to_be_visible()

    second = enter(visit, address, ben)
    second.goto(f"{address}/console/plans")
    second.get_by_role("link", name="Plans waiting").click()
    seen(second, "waiting")
    second.get_by_role("link", name="spring").click()
    expect(second.get_by_text("One level, and more for it")).to_be_visible()
    seen(second, "review")
    second.get_by_role("button", name="Approve and publish").click()
    expect(second.get_by_role("alert")).to_contain_text("Warnings have to be accepted")
    for box in second.locator("[name=accept]").all():
        box.check()
    second.fill("[name=reason]", "Looked at with the lawyer")
    second.get_by_role("button", name="Approve and publish").click()
    expect(second.get_by_role("status").first).to_have_text("Version 2 is published.")
    expect(second.locator(".timeline")).to_contain_text("Looked at with the lawyer")
    seen(second, "scheduled")

    deliver_all(now=utc_now())
    promoter = enter(visit, address, shop.promoter, "phone", "portal")
    expect(promoter.locator(".told[data-unseen]")).to_contain_text("The rules change on")
    seen(promoter, "portal-home")
    promoter.locator(NOTICE).click()
    expect(promoter.locator(".term-changes")).to_contain_text("12%")
    seen(promoter, "portal-notice")
    promoter.get_by_role("link", name="All the rules").click()
    expect(promoter.locator("#coming")).to_be_visible()
    seen(promoter, "rules")
    promoter.goto(f"{address}/portal/")
    expect(promoter.locator(NOTICE)).to_be_visible()
    expect(promoter.locator(".told[data-unseen]")).to_have_count(0)

    author.goto(f"{address}/console/plans?version=2")
    expect(author.get_by_text("1 promoter has opened the notice")).to_be_visible()
    author.fill("[name=reason]", "The rate was meant for summer")
    author.get_by_role("button", name="Withdraw this version").click()
    expect(author.get_by_role("status").first).to_have_text("Version 2 is withdrawn; it rates nothing.")
    expect(author.locator(".timeline")).to_contain_text("The rate was meant for summer")
    seen(author, "withdrawn")
    deliver_all(now=utc_now())
    promoter.reload()
    expect(promoter.locator(NOTICE)).to_contain_text("will not come")

    author.goto(f"{address}/console/plans/rules")
    author.fill("[name=contact]", "appeals@example.com, answered within 15 days")
    author.get_by_role("button", name="Keep").click()
    seen(author, "rules-form")
    public = visit(language="zh-CN")
    public.goto(f"{address}/rules/{shop.house.slug}")
    expect(public.locator("#appeal").locator("..")).to_contain_text("appeals@example.com")
    expect(public.locator(".table-plain tfoot")).to_contain_text("130")  # 10 % and 3 % of 1,000.00
    seen(public, "rules-zh")
    public.get_by_role("link", name="English").click()
    expect(public.locator("h1")).to_have_text("How promoters earn")
    seen(public, "rules-en")


def test_a_draft_given_back_is_mended(visit: Open, address: str) -> None:
    shop = open_shop()
    author = enter(visit, address, shop.owner)
    author.goto(f"{address}/console/plans/draft")
    document = author.input_value("[name=document]")
    author.fill("[name=document]", "\n".join(line for line in document.split("\n") if "rate: 3%" not in line))
    author.get_by_role("button", name="Check").click()
    author.get_by_role("button", name="Ask for review").click()
    second = enter(visit, address, shop.reader)
    second.goto(f"{address}/console/plans/waiting")
    second.get_by_role("link", name="spring").click()
    second.get_by_role("button", name="Give back").click()
    expect(second.get_by_role("alert")).to_contain_text("Give a reason")
    second.fill("[name=reason]", "Beauty is too dear")
    second.get_by_role("button", name="Give back").click()
    expect(second.get_by_role("status").first).to_contain_text("went back to its author")
    seen(second, "waiting-empty")
    author.reload()
    expect(author.get_by_text("Beauty is too dear")).to_be_visible()
    expect(author.locator("[name=document]")).to_be_editable()
    seen(author, "draft-given-back")
