"""From a poster on a wall to the inviter's commission, on phones; and whoever came second reads why not them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest
from playwright.sync_api import Page, expect

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.joining.actions import set_joining_policy
from rongshu.domain.referral.joining.policy import JoiningPolicy
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_api_key, add_login
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.conftest import serving
from tests.e2e.shop import PASSWORD, open_shop
from tests.e2e.test_share import PHONE, offer
from tests.factories import TESTER
from tests.texting import Texts, texting

if TYPE_CHECKING:
    from tests.e2e.conftest import Open


@pytest.fixture(scope="module")
def texts() -> Iterator[Texts]:
    with texting() as running:
        yield running


@pytest.fixture(scope="module")
def joining(texts: Texts) -> Iterator[str]:
    """The product, sending its codes to the stand-in."""
    from rongshu.interfaces.cli.up import _web

    os.environ["RONGSHU_SMS_URL"] = texts.url
    try:
        with serving(lambda port: _web("127.0.0.1", port, 1), "/healthz") as base:
            yield base
    finally:
        del os.environ["RONGSHU_SMS_URL"]


def test_a_stranger_scans_joins_and_buys_and_two_promoters_read_why(visit: Open, joining: str, texts: Texts) -> None:
    shop, now = open_shop(), utc_now()
    offer(shop)
    rival_phone, stranger_phone = shop.promoter[:-2] + "98", shop.promoter[:-2] + "99"
    with tenant_scope(shop.house.id):
        set_joining_policy(rules=JoiningPolicy(), by=TESTER, now=now)
        rival = find_member("m3").id
        add_login(name=rival_phone, password=PASSWORD, role=Role.PROMOTER, member_id=rival, by=TESTER, now=now)
        _, key = add_api_key(name="shop", scopes=[Scope.ORDERS_WRITE], by=TESTER, now=now)

    def enter(phone: str) -> Page:
        page = visit(width=390)
        page.goto(f"{joining}/portal/")
        page.fill("[name=phone]", phone)
        page.fill("[name=password]", PASSWORD)
        page.click("form.form button")
        return page

    def buy(number: int) -> None:
        """At the shop's own checkout, which tells of it over the API."""
        order = {
            "id": f"P-{number}", "paid_at": utc_now().isoformat(), "buyer": buyer,
            "lines": [{"sku": "CM-050", "category": "beauty/cream", "paid": "389.00"}],
        }  # fmt: skip
        told = httpx.post(f"{joining}/api/v1/orders", json=order, headers={"Authorization": f"Bearer {key}"})
        assert told.status_code < 300, told.text
        while work_off(shop.house.id, now=utc_now()):
            pass
        deliver_all(now=utc_now())

    inviter = enter(shop.promoter)
    inviter.goto(f"{joining}/portal/share/code")
    code = inviter.locator("[data-copy]").first.get_attribute("data-copy")
    assert code is not None
    slug = code.rstrip("/").rpartition("/")[2].lower()
    inviter.goto(f"{joining}/portal/")
    clicks = inviter.locator("#sharing [data-clicks]")
    before = int(clicks.inner_text())

    stranger = visit(width=390)
    stranger.set_extra_http_headers({"User-Agent": PHONE})
    stranger.goto(f"{joining}/s/{slug}?q=1")  # what the poster's QR code holds
    expect(stranger.locator("h1")).to_contain_text("林*英")
    stranger.fill("[name=phone]", stranger_phone)
    stranger.click("button[value=code]")
    stranger.fill("[name=sms]", texts.codes[stranger_phone][-1])
    for name in ("of_age", "in_no_group", "agreed"):
        stranger.check(f"[name={name}]")
    stranger.click("button[value=join]")
    expect(stranger.locator("main section a.btn-primary")).to_be_visible()
    expect(clicks).to_have_text(str(before + 1), timeout=9_000)  # without a reload
    with tenant_scope(shop.house.id):
        buyer = outside("mem", find_member(stranger_phone).id)
    buy(1)
    inviter.goto(f"{joining}/portal/earnings")
    first = inviter.locator("ul.list li").first
    expect(first).to_contain_text("58.35")  # 15 % of 389.00
    first.locator("a").first.click()
    expect(inviter.locator("#sheet-body, main").last).to_contain_text("15%")

    other = enter(rival_phone)
    other.goto(f"{joining}/portal/share/code")
    code = other.locator("[data-copy]").first.get_attribute("data-copy")
    assert code is not None
    stranger.goto(f"{joining}/s/{code.rstrip('/').rpartition('/')[2].lower()}?q=1")
    inviter.goto(f"{joining}/portal/")
    other.goto(f"{joining}/portal/")
    expect(other.locator("#sharing [data-clicks]")).not_to_have_text("0", timeout=9_000)
    buy(2)
    other.goto(f"{joining}/portal/earnings/missed")
    row = other.locator("ul.list li")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("扫了您的码")
    expect(row).to_contain_text("归属另一位推广员")
    expect(other.locator("main")).not_to_contain_text("林")
    inviter.goto(f"{joining}/portal/earnings")
    expect(inviter.locator("ul.list li", has_text="58.35")).to_have_count(2)


def test_links_that_lead_nowhere_say_so_kindly_and_never_lead_out(visit: Open, joining: str) -> None:
    page = visit(width=390)
    for path in ("/s/zzzzzzz", "/s/https%3A%2F%2Fevil.example%2F", "/s/..%2F%2Fevil.example", "/s/a?to=//evil.example"):
        page.goto(joining + path)
        assert page.url.startswith(f"{joining}/"), path
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("main")).not_to_contain_text("Traceback")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        assert page.locator("a[href*='evil.example']").count() == 0
