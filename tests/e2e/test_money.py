"""From the promoter's balance to the bank and back, in a real browser, by three people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.commission.release.actions import release_due
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.payouts.sending import pay_out
from rongshu.domain.settlement.payouts.settings import set_provider
from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.reconciliation.fetching import CHINA, fetch_bills
from rongshu.domain.settlement.transparency.actions import publish_balances, set_openness
from rongshu.domain.settlement.transparency.queries import Openness
from rongshu.domain.settlement.transparency.sealing import checked
from rongshu.engine.withdrawals import Policy
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.flows.verify import verify_tenant
from rongshu.interfaces.sandbox.keys import alipay_settings
from rongshu.interfaces.sandbox.server import GATEWAY
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.ids import inside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests import providers
from tests.e2e.shop import PASSWORD, open_shop
from tests.factories import TESTER, found
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
        clerk.locator("form[action$=file] button:not([name])").click()  # type: ignore[attr-defined]
    assert f"{serial},林秀英,{CARD},中国工商银行,960.00" in download.value.path().read_text("utf-8-sig")
    result = {"name": "r.csv", "mimeType": "text/csv", "buffer": f"serial,status\n{serial},paid\n".encode()}
    clerk.set_input_files("[name=results]", files=[result])  # type: ignore[attr-defined]
    clerk.locator("form[enctype] button").click()  # type: ignore[attr-defined]
    expect(clerk.locator("tbody .state")).to_have_attribute("data-tone", "good")  # type: ignore[attr-defined]

    phone.reload()
    expect(phone.locator(".withdrawal .state")).to_have_attribute("data-tone", "good")
    assert now < utc_now() < now + timedelta(minutes=5)


PLAN = """
name: money
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}}
caps: {order: 25%}
release: {after: paid, days: 1}
"""


def test_two_approve_the_provider_is_silent_and_everything_adds_up(
    visit: Open, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Withdrawn on the phone, approved by two people, paid with a time-out in between, on the statement, in the bill, in the books."""
    now = utc_now()
    since, house = now - timedelta(days=60), found(now=now - timedelta(days=60))
    phone_number = f"137{house.id % 100_000_000:08d}"
    names = [f"{one}-{house.slug}" for one in ("one", "two", "three")]
    with tenant_scope(house.id):
        publish_plan(text=PLAN, effective_from=since, by=TESTER, now=since)
        me = add_member(external_id="lin", phone=phone_number, name="林秀英", by=TESTER, now=since).id
        add_member(external_id="buyer", by=TESTER, now=since)
        enrol_promoters(joinings=[Joining(me, None, since)], by=TESTER, now=since)
        add_login(name=phone_number, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now)
        for name in names:
            add_login(name=name, password=PASSWORD, role=Role.FINANCE, by=TESTER, now=now)
        set_policy(rules=Policy(two_from=500_00), by=TESTER, now=now)
        order = {
            "id": "M-1", "paid_at": now - timedelta(days=10), "buyer": "buyer", "promoter": "lin", "channel": "shop",
            "completed_at": now - timedelta(days=8),
            "lines": [{"line_no": 1, "sku": "A", "category": "home", "qty": 1, "paid": "20000.00"}],
        }  # fmt: skip
        accepted = accept_orders(orders=[order], tenant=house, by=TESTER, now=now)  # type: ignore[list-item]
        assert [one.problem for one in accepted.results] == [None]
    while work_off(house.id, now=now):
        pass
    deliver_all(now=now)
    with tenant_scope(house.id):
        assert release_due(now=now) == 1
    sandbox = providers.running()
    try:
        monkeypatch.setattr(environment(), "alipay_url", sandbox.address + GATEWAY)
        with tenant_scope(house.id):
            set_provider(provider="alipay", values=alipay_settings(providers.keys()), by=TESTER, now=now)
        sandbox.book.put_fault("alipay", "accepted_then_silent")

        def enter(name: str, path: str, **how: object) -> Page:
            page = visit(**how)
            page.goto(f"{address}{path}")
            page.fill("[name=phone]" if path.startswith("/portal") else "[name=account]", name)
            page.fill("[name=password]", PASSWORD)
            page.click("form.form button" if path.startswith("/portal") else "main button")
            return page

        phone = enter(phone_number, "/portal/", width=390)
        phone.goto(f"{address}/portal/withdraw/papers")
        phone.fill("[name=name]", "林秀英")
        phone.fill("[name=document]", "11010519491231002X")
        phone.select_option("[name=account_kind]", "alipay")
        phone.fill("[name=account]", phone_number)
        phone.check("[name=agree]")
        phone.click("form button.btn-primary")
        phone.fill("[name=amount]", "2001")
        phone.click("button[value=preview]")
        expect(phone.locator("#problem")).to_contain_text("2000.00")
        expect(phone.locator("button[value=ask]")).to_have_count(0)
        phone.fill("[name=amount]", "1500")
        phone.click("button[value=preview]")
        phone.click("button[value=ask]")
        expect(phone.locator(".withdrawal")).to_have_count(1)

        one, two, three = (enter(name, "/console/withdrawals", width=1280) for name in names)
        one.click("button[value=approve]")
        one.goto(f"{address}/console/withdrawals")
        expect(one.locator("tbody")).to_contain_text("1/2")
        one.click("button[value=approve]")
        one.goto(f"{address}/console/withdrawals?state=approved")
        expect(one.locator("tbody")).to_have_count(0)
        two.click("button[value=approve]")
        three.goto(f"{address}/console/withdrawals?state=approved")
        three.click("button[value=send-alipay]")
        expect(three.locator("h1 code")).to_be_visible()

        assert pay_out(house.id, now=utc_now()) == 1
        three.reload()
        expect(three.locator("tbody .quiet").first).to_be_visible()
        phone.reload()
        expect(phone.locator(".withdrawal .state")).not_to_have_attribute("data-tone", "good")
        three.click("button[value=again]")
        while pay_out(house.id, now=utc_now() + timedelta(minutes=6)):
            pass
        three.reload()
        expect(three.locator("tbody .state")).to_have_attribute("data-tone", "good")
        paid = sandbox.book.paid_to(phone_number)
        assert paid > 1_000_00
        tomorrow = (utc_now().astimezone(CHINA) + timedelta(days=1)).replace(hour=12)
        assert fetch_bills(house.id, now=tomorrow) == 1
    finally:
        sandbox.stop()
    phone.goto(f"{address}/portal/statement")
    expect(phone.locator("main")).to_contain_text(f"{paid / 100:,.2f}")
    three.goto(f"{address}/console/reconciliation/alipay/{utc_now().astimezone(CHINA).date()}")
    expect(three.locator("main")).to_contain_text(f"{paid / 100:,.2f}")
    three.goto(f"{address}/console/reconciliation/differences")
    expect(three.locator("tbody tr")).to_have_count(0)
    with tenant_scope(house.id):
        set_openness(wanted=Openness(shown=True), by=TESTER, now=utc_now())
        publish_balances(by=TESTER, now=utc_now())
        publish_balances(by=TESTER, now=utc_now() + timedelta(hours=2))
    anybody = visit(width=360, language="en")
    anybody.goto(f"{address}/transparency/{house.slug}")
    expect(anybody.locator(".formula")).to_contain_text("500.00")  # of 2,000.00 after 1,500.00
    assert anybody.evaluate("document.documentElement.scrollWidth") == 360
    phone.goto(f"{address}/portal/balance")
    with phone.expect_download() as download:
        phone.locator("a[href$='proof.json']").click()
    assert checked(download.value.path().read_bytes()).sound
    verdict = verify_tenant(house.id)
    assert [one for one in verdict.findings if one.differences] == []
