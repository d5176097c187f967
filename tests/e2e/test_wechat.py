"""WeChat at the door, in a real browser against the stand-in: a QR code on a big screen, at once inside WeChat, nothing elsewhere on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests import providers
from tests.e2e.conftest import serving
from tests.texting import Texts, texting

if TYPE_CHECKING:
    from tests.e2e.conftest import Open

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Mobile/15E148 Safari/604.1"
INSIDE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 "
    "MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN"
)


@pytest.fixture(scope="module")
def texts() -> Iterator[Texts]:
    with texting() as running:
        yield running


@pytest.fixture(scope="module")
def product(texts: Texts) -> Iterator[str]:
    """The product, to which the stand-in is WeChat, and another one sends the codes."""
    from rongshu.interfaces.cli.up import _web

    sandbox = providers.running()
    given = {"RONGSHU_SMS_URL": texts.url, "RONGSHU_WECHAT_URL": sandbox.address}
    os.environ.update(given)
    try:
        with serving(lambda port: _web("127.0.0.1", port, 1), "/healthz") as base:
            yield base
    finally:
        for name in given:
            del os.environ[name]
        sandbox.stop()


@pytest.fixture
def phone() -> str:
    """The phone of a promoter, whose brand is the only one of the installation with apps at WeChat."""
    from rongshu.domain.members.profiles.actions import add_member
    from rongshu.domain.members.wechat.actions import set_app
    from rongshu.domain.members.wechat.queries import tenants_with
    from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
    from rongshu.interfaces.sandbox.entering import login_apps
    from rongshu.kernel.access.actions import add_login
    from rongshu.kernel.access.rules import Role
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.factories import TESTER, found, new_phone

    now, mine = utc_now(), new_phone()
    apps = login_apps(providers.keys().appid)
    for kind in apps:
        while others := tenants_with(kind):
            for other in others:
                with tenant_scope(other):
                    set_app(kind=kind, appid="", secret="", by=TESTER, now=now)
    with tenant_scope(found(now=now - timedelta(days=9)).id):
        for kind, one in apps.items():
            set_app(kind=kind, appid=one["appid"], secret=one["secret"], by=TESTER, now=now)
        me = add_member(phone=mine, name="林秀英", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now - timedelta(days=9))], by=TESTER, now=now)
        add_login(name=mine, password="a banyan grows", role=Role.PROMOTER, member_id=me, by=TESTER, now=now)
    return mine


def by_wechat(page: Page, product: str, *, allow: bool = True) -> None:
    page.goto(f"{product}/portal/sign-in")
    page.click("a[href*='/sign-in/wechat/']")
    expect(page.locator("h1")).to_contain_text("stand-in")
    page.get_by_text("林秀英" if allow else "Refuse").click()


def test_a_qr_code_on_a_big_screen_and_then_at_once_inside_wechat(
    visit: Open, product: str, phone: str, texts: Texts
) -> None:
    big = visit(width=1280)
    by_wechat(big, product, allow=False)
    expect(big).to_have_url(f"{product}/portal/sign-in")
    by_wechat(big, product)
    big.fill("[name=phone]", phone)  # a WeChat nobody knows yet: the phone is proved once
    big.click("form.form button")
    expect(big.locator("[name=sms]")).to_be_visible()
    big.fill("[name=sms]", texts.codes[phone][-1])
    big.click("form.form button")
    expect(big).to_have_url(f"{product}/portal/")
    again = visit(width=1280, language="en", theme="dark")
    by_wechat(again, product)
    expect(again).to_have_url(f"{product}/portal/")

    inside = visit(width=390, agent=INSIDE)
    by_wechat(inside, product)
    inside.get_by_text("林秀英").first.click()  # the quiet way told too little of a person this app never met
    expect(inside).to_have_url(f"{product}/portal/")
    once_more = visit(width=390, agent=INSIDE)
    by_wechat(once_more, product)
    expect(once_more).to_have_url(f"{product}/portal/")
    once_more.goto(f"{product}/portal/me")
    expect(once_more.locator("main")).to_contain_text("微信")


def test_a_phone_outside_wechat_is_offered_no_way_that_would_not_work(visit: Open, product: str, phone: str) -> None:
    page = visit(width=390, agent=PHONE)
    page.goto(f"{product}/portal/sign-in")
    expect(page.locator("[name=password]")).to_be_visible()
    assert page.locator("a[href*='/sign-in/wechat/']").count() == 0
