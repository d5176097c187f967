"""A promoter shares on a phone; a stranger follows; the promoter sees it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from rongshu.domain.commerce.products.actions import Described, put_products
from rongshu.domain.marketing.materials.actions import Described as Material
from rongshu.domain.marketing.materials.actions import add_material, add_version
from rongshu.domain.marketing.materials.actions import offer as offer_text
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.plug import Plug
from tests.e2e.test_operator import enter as operator
from tests.e2e.test_promoter import enter
from tests.factories import TESTER

PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Mobile Safari/537.36"

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop


def offer(shop: Shop) -> None:
    with tenant_scope(shop.house.id):
        put_products(
            products=[Described("CM-050", "山茶花面霜", price=38900, target=f"/rules/{shop.house.slug}")], by=TESTER, now=utc_now()
        )  # fmt: skip


def test_a_link_is_copied_followed_by_a_stranger_and_seen_at_home(visit: Open, address: str, shop: Shop) -> None:
    offer(shop)
    page = visit(width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(page, address, shop)
    page.locator("nav.rooms a[href='/portal/share']").click()  # never more than a thumb away
    page.get_by_role("link", name="山茶花面霜").click()  # two taps, and it is there
    page.locator("[data-copy]").first.click()
    expect(page.locator("[data-copy]").first).to_have_attribute("data-copied", "")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.startswith(f"{address}/s/")
    page.reload()
    assert page.locator("[data-copy]").first.get_attribute("data-copy") == link  # made once
    page.goto(f"{address}/portal/")
    clicks = page.locator("#sharing [data-clicks]")
    before = int(clicks.inner_text())
    stranger = visit(width=390)
    stranger.set_extra_http_headers({"User-Agent": PHONE})  # what this browser calls itself counts as a robot
    stranger.goto(link)
    expect(stranger).to_have_url(re.compile(rf"/rules/{shop.house.slug}\?rs=clk_"))
    expect(clicks).to_have_text(str(before + 1), timeout=9_000)  # without a reload


def test_without_a_connection_the_last_figures_stand_until_signing_out(visit: Open, address: str, shop: Shop) -> None:
    line = Plug(address)
    page = visit(width=390)
    enter(page, line.address, shop)
    page.wait_for_function("navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))")
    page.reload()
    page.wait_for_function("caches.open('rongshu-seen').then(c => c.keys()).then(k => k.length === 1)")
    line.pull()
    page.goto(f"{line.address}/portal/team")
    expect(page.locator(".balance-large")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("陈")  # nothing of other people
    line.put()
    page.goto(f"{line.address}/portal/me")
    page.locator("form[action$='sign-out'] button").click()
    expect(page.locator("form.form")).to_be_visible()
    assert page.evaluate("caches.has('rongshu-seen')") is False
    line.pull()


def test_a_text_is_copied_and_a_poster_saved(visit: Open, address: str, shop: Shop) -> None:
    offer(shop)
    with tenant_scope(shop.house.id):
        material = add_material(described=Material("copy", "秋"), by=TESTER, now=utc_now())
        text = add_version(material_id=material.id, text="{product}：{link}", by=TESTER, now=utc_now())
        offer_text(version_id=text.id, by=Actor("test", "second"), now=utc_now())
    page = visit(width=390)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    enter(page, address, shop)
    page.goto(f"{address}/portal/share")
    page.get_by_role("link", name="山茶花面霜").first.click()
    section = page.locator("section.copy-text").first
    with page.expect_response(lambda answer: "/portal/share/texts/" in answer.url) as noted:
        section.locator("[data-copy]").click()
    assert noted.value.ok
    expect(section.locator(".copy-done")).to_be_visible()
    words = page.evaluate("navigator.clipboard.readText()")
    assert words.startswith("【广告】山茶花面霜：http") and "/s/" in words
    drawn = page.locator(".drawn img")
    drawn.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.drawn img').complete")
    assert drawn.evaluate("one => one.naturalWidth") >= 600
    with page.expect_download() as saved:
        page.locator(".poster a[download]").click()
    assert saved.value.suggested_filename.startswith("poster-")
    with saved.value.path().open("rb") as kept:
        assert kept.read(8) == b"\x89PNG\r\n\x1a\n"


def test_a_template_is_drawn_while_it_is_written(visit: Open, address: str, shop: Shop) -> None:
    page = visit(width=1280)
    operator(page, address, shop.reader)
    page.goto(f"{address}/console/materials/posters/1")
    before = page.locator("#drawing img").get_attribute("src")
    page.fill("[name=width]", "820")
    expect(page.locator("#drawing img")).to_have_attribute("width", "820")
    assert page.locator("#drawing img").get_attribute("src") != before
    page.wait_for_function("document.querySelector('#drawing img').naturalWidth === 820")
    page.fill("[name=box-0-x]", "999")
    expect(page.locator("#drawing [role=alert]")).to_be_visible()
