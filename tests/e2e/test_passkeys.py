"""A passkey made and used in a real browser with a virtual authenticator; a copy of it and another's challenge open nothing."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rongshu.kernel.access.models import Login, Passkey
from rongshu.kernel.access.passkeys import use_passkey, using_options
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope
from tests.e2e.test_promoter import enter

if TYPE_CHECKING:
    from tests.e2e.conftest import Open
    from tests.e2e.shop import Shop

DEVICE = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


def test_made_on_a_phone_and_from_then_on_enough(visit: Open, address: str, shop: Shop) -> None:
    address = address.replace("127.0.0.1", "localhost")  # an address with a name: keys belong to names
    page = visit(width=390)
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    device = wire.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})["authenticatorId"]
    enter(page, address, shop)
    page.goto(f"{address}/portal/passkeys")
    page.fill("[name=name]", "我的手机")
    page.click("form[data-passkey=make] button")
    expect(page.locator("ul.list li")).to_contain_text("我的手机")
    page.goto(f"{address}/portal/me")
    page.locator("form[action$='sign-out'] button").click()
    page.goto(f"{address}/portal/sign-in")
    page.click("form[data-passkey=use] button")
    expect(page).to_have_url(f"{address}/portal/")
    page.goto(f"{address}/portal/passkeys")
    expect(page.locator("ul.list li")).to_contain_text("上次使用")

    with system_scope():
        kept = Passkey._base_manager.get(tenant_id=shop.house.id)
        login = Login.objects.get(id=kept.login_id)
    assert kept.sign_count > 0 and login.tenant_id == shop.house.id
    (credential,) = wire.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert credential["rpId"] == "localhost"
    with tenant_scope(shop.house.id):
        Passkey.objects.filter(id=kept.id).update(
            sign_count=kept.sign_count + 100
        )  # used elsewhere: this one is a copy
    page.goto(f"{address}/portal/me")
    page.locator("form[action$='sign-out'] button").click()
    page.goto(f"{address}/portal/sign-in")
    page.click("form[data-passkey=use] button")
    expect(page.locator(".problem[role=alert]").first).to_be_visible()
    expect(page).not_to_have_url(f"{address}/portal/")


def test_a_challenge_is_good_once_and_its_own(shop: Shop) -> None:
    session: dict[str, object] = {}
    now = utc_now()
    using_options(site="localhost", session=session, now=now)
    answer = json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}})
    for code in ("unknown_passkey", "old_challenge"):
        with pytest.raises(Refusal) as refused:
            use_passkey(answer=answer, site="localhost", origin="http://localhost", session=session, now=now)
        assert refused.value.code == code
