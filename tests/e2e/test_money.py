"""From the promoter's balance to the bank and back, in a real browser, by three people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from playwright.sync_api import expect

from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.e2e.shop import PASSWORD, open_shop
from tests.factories import TESTER
from tests.races.test_ledger_races import fill

if TYPE_CHECKING:
    from tests.e2e.conftest import Open

CARD = "6222020000000000000"


def test_a_withdrawal_goes_from_the_phone_to_the_bank_and_back(visit: Open, address: str) -> None:
    now, shop = utc_now(), open_shop()
    finance = f"finance-{shop.house.slug}"
    with tenant_scope(shop.house.id):
        add_login(name=finance, password=PASSWORD, role=Role.FINANCE, by=TESTER, now=now)
        from rongshu.domain.members.profiles.queries import ids_by_external_id

        me = ids_by_external_id(["m2"])["m2"]
    fill(shop.house.id, me, 3_000_00)

    phone = visit(width=375)
    phone.goto(f"{address}/portal/")
    phone.fill("[name=phone]", shop.promoter)
    phone.fill("[name=password]", PASSWORD)
    phone.click("form.form button")
    phone.locator("a[href$='/withdraw']").click()
    phone.locator("a.btn[href$='/withdraw/papers']").click()
    phone.fill("[name=name]", "林秀英")
    phone.fill("[name=document]", "110105194912310021")
    phone.fill("[name=account]", CARD)
    phone.fill("[name=bank]", "中国工商银行")
    phone.check("[name=agree]")
    phone.click("form button.btn-primary")
    expect(phone.locator(".problem")).to_be_visible()
    phone.fill("[name=document]", "11010519491231002X")
    phone.check("[name=agree]")
    phone.click("form button.btn-primary")
    phone.fill("[name=amount]", "1000")
    phone.click("button[value=preview]")
    expect(phone.locator("dl[role=status]")).to_contain_text("960")
    phone.click("button[value=ask]")
    expect(phone.locator(".withdrawal")).to_have_count(1)
    assert phone.evaluate("document.documentElement.scrollWidth") == 375

    def enter(name: str) -> object:
        page = visit(width=1280)
        page.goto(f"{address}/console/withdrawals")
        page.fill("[name=account]", name)
        page.fill("[name=password]", PASSWORD)
        page.click("main button")
        return page

    owner = enter(shop.owner)
    owner.click("button[value=approve]")  # type: ignore[attr-defined]
    clerk = enter(finance)
    clerk.goto(f"{address}/console/withdrawals?state=approved")  # type: ignore[attr-defined]
    clerk.click("button[value=send-bank]")  # type: ignore[attr-defined]
    serial = clerk.locator("[name=withdrawal]").get_attribute("value")  # type: ignore[attr-defined]
    assert inside("wdr", serial)
    with clerk.expect_download() as download:  # type: ignore[attr-defined]
        clerk.locator("form[action$=file] button").click()  # type: ignore[attr-defined]
    assert f"{serial},林秀英,{CARD},中国工商银行,960.00" in download.value.path().read_text("utf-8-sig")
    result = {"name": "r.csv", "mimeType": "text/csv", "buffer": f"serial,status\n{serial},paid\n".encode()}
    clerk.set_input_files("[name=results]", files=[result])  # type: ignore[attr-defined]
    clerk.locator("form[enctype] button").click()  # type: ignore[attr-defined]
    expect(clerk.locator("tbody .state")).to_have_attribute("data-tone", "good")  # type: ignore[attr-defined]

    phone.reload()
    expect(phone.locator(".withdrawal .state")).to_have_attribute("data-tone", "good")
    assert now < utc_now() < now + timedelta(minutes=5)
