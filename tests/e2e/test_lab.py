"""The plan lab as an operator uses it: a rate changed and seen without leaving the page, charts drawn, an order opened."""

from __future__ import annotations

from tests.e2e.conftest import Open
from tests.e2e.shop import PASSWORD, Shop


def test_a_rate_is_changed_and_seen(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=390)
    page.goto(f"{address}/console/sign-in")
    page.fill("[name=account]", shop.owner)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: "sign-in" not in url)
    page.goto(f"{address}/console/plans/lab?window=all")
    page.wait_for_selector("#lab-verdict")
    page.wait_for_selector(".chart-canvas canvas")
    before = page.inner_text("#lab-verdict")
    page.fill("[name='f:levels.1.rate']", "19%")
    page.click("button[value=try]")
    page.locator("#lab-verdict").filter(has_not_text=before).wait_for()
    assert page.locator(".chart-canvas canvas").count() == 2, "drawn again after the swap"
    page.click(".lab-orders summary >> nth=0")
    page.wait_for_selector(".lab-sides")
    assert "19%" in page.inner_text(".lab-sides >> nth=0")
    page.click("[hx-post*=growth]")
    page.wait_for_selector("#lab-growth table")
    page.click("button[value=as_yaml]")
    page.wait_for_selector("#lab-document")
    assert "19%" in page.input_value("#lab-document")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
