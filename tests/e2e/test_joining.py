"""A stranger with a phone: opens an invitation, proves the number, joins; the inviter sees them in the team."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import serving
from tests.texting import Texts, texting

if TYPE_CHECKING:
    from tests.e2e.conftest import Open

PHONE = "13700000042"
PASSWORD = "long enough"


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


def test_a_stranger_joins_on_a_phone_and_the_inviter_sees_them(visit: Open, joining: str, texts: Texts) -> None:
    from rongshu.domain.members.profiles.queries import known_as
    from rongshu.kernel.access.actions import add_login
    from rongshu.kernel.access.rules import Role
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.factories import TESTER, new_phone
    from tests.interfaces.public.joining import Shop

    shop, inviter_phone = Shop(), new_phone()
    with tenant_scope(shop.house.id):
        add_login(
            name=inviter_phone, password=PASSWORD, role=Role.PROMOTER, member_id=shop.inviter, by=TESTER, now=utc_now()
        )
        assert known_as([shop.inviter])[shop.inviter].name == "林秀英"
    page = visit(width=390)
    page.goto(f"{joining}/s/{shop.code}")
    expect(page.locator("h1")).to_contain_text("林*英")
    assert f"/join/{shop.house.slug}" in page.url
    page.fill("[name=phone]", PHONE)
    page.click("button[value=code]")
    page.fill("[name=sms]", texts.codes[PHONE][-1])
    for name in ("of_age", "in_no_group", "agreed"):
        page.check(f"[name={name}]")
    page.click("button[value=join]")
    page.click("main section a.btn-primary")
    expect(page).to_have_url(f"{joining}/portal/")
    other = visit(width=390)
    other.goto(f"{joining}/portal/team")
    other.fill("[name=phone]", inviter_phone)
    other.fill("[name=password]", PASSWORD)
    other.click("form.form button")
    other.goto(f"{joining}/portal/team")
    expect(other.locator("main")).to_contain_text("直接邀请 1")
    expect(other.locator("main")).to_contain_text("1***42")
