"""Compliance in a browser: declared by keyboard on a phone, templates to start from, nothing wider than the screen."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.test_operator import enter

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop

WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_declaring_and_starting_from_a_template(visit: Open, address: str, shop: Shop, width: int, theme: str) -> None:
    page = visit(width=width, language="en-US", theme=theme)
    enter(page, address, shop.owner)
    expect(page.locator("h1")).to_be_visible()
    page.wait_for_url(f"{address}/console/")
    page.goto(f"{address}/console/plans/compliance")
    expect(page.locator("#worst-case")).to_be_visible()
    page.locator("[name=join_fee]").select_option("yes")
    page.locator("[name=minimum_age]").fill("18")
    page.locator("[name=minimum_age]").press("Enter")
    expect(page.locator("#findings")).to_contain_text("STR-07")
    expect(page.locator("[name=minimum_age]")).to_have_value("18")
    page.locator("section[aria-labelledby=profile] summary").click()
    assert page.evaluate(WIDER) <= 0
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/compliance-{width}.png", full_page=True)
    page.locator("[name=join_fee]").select_option("no")
    page.locator("[value=declare]").click()
    expect(page.locator("#findings")).not_to_contain_text("STR-07")
    page.goto(f"{address}/console/plans/templates")
    assert page.evaluate(WIDER) <= 0
    if os.environ.get("SHOTS"):
        page.screenshot(path=f"{os.environ['SHOTS']}/templates-{width}.png", full_page=True)
    page.locator("[value=beauty]").click()

    assert "newcomer" in page.locator("#document").input_value()
