"""The portal of members who do not promote: let in by their phone, what they see, what they do not, what changes when they join."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from django.test import Client

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.shapes import OrderIn, RefundIn
from rongshu.flows.intake.work import work_off
from rongshu.flows.join.actions import ensure_portal_login, portal_login_of
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.portal.test_renew import PASSWORD, entered

OPEN = (
    "home",
    "card",
    "points",
    "coupons",
    "me",
    "profile",
    "purchases",
    "messages",
    "messages/choices",
    "mailbox",
    "passkeys",
    "leave",
)
SHUT = ("earnings", "team", "share", "withdraw", "channels", "customers", "start", "renew", "balance", "team/tree")


@pytest.fixture
def brand() -> House:
    return found(now=utc_now())


PLAN = "name: spring\ncurrency: CNY\nlevels: {1: {rate: 10%}}\n"


def member_of(house: House, phone: str, name: str = "m1") -> int:
    with tenant_scope(house.id):
        return int(add_member(external_id=name, phone=phone, name="赵敏", by=TESTER, now=utc_now()).id)


def browser_of(house: House, member: int, phone: str) -> Client:
    with tenant_scope(house.id):
        add_login(
            name=phone, password=PASSWORD, role=Role.MEMBER, member_id=member, by=TESTER, now=utc_now(), language="en"
        )
    return entered("portal", phone=phone)


def buys(house: House, now: datetime) -> None:
    """O-1 for 80, of which 30 are given back, then O-2 for 20."""
    orders: list[OrderIn] = [
        {
            "id": name, "buyer": "m1", "paid_at": now - timedelta(hours=hours),
            "lines": [{"line_no": 1, "sku": "T1", "category": "tea", "qty": 1, "paid": paid}],
        }
        for name, paid, hours in (("O-1", "80.00", 2), ("O-2", "20.00", 1))
    ]  # fmt: skip
    refund: RefundIn = {"id": "R-1", "order": "O-1", "refunded_at": now, "lines": [{"line_no": 1, "amount": "30.00"}]}
    with tenant_scope(house.id):
        publish_plan(text=PLAN, effective_from=now - timedelta(days=1), by=TESTER, now=now - timedelta(days=1))
        accept_orders(orders=orders, tenant=house, by=TESTER, now=now)
        accept_refunds(refunds=[refund], tenant=house, by=TESTER, now=now)
    while work_off(house.id, now=now):
        pass
    deliver_all(now=now)


def test_what_a_member_sees_and_what_is_for_promoters(brand: House) -> None:
    phone = new_phone()
    me = member_of(brand, phone)
    browser = browser_of(brand, me, phone)
    for place in OPEN:
        answer = browser.get(f"/portal/{place}" if place != "home" else "/portal/")
        assert answer.status_code == 200, place
        assert 'href="/portal/team"' not in answer.content.decode(), place
    for place in SHUT:
        answer = browser.get(f"/portal/{place}")
        assert answer.status_code == 403 and f"/join/{brand.slug}" in answer.content.decode(), place
    assert browser.get("/console/").status_code in (302, 403)
    assert browser.post("/portal/withdraw", {"amount": "1"}).status_code == 403
    assert "Nothing bought yet" in browser.get("/portal/").content.decode()


def test_purchases_stand_with_what_was_given_back(brand: House) -> None:
    phone, now = new_phone(), utc_now()
    me = member_of(brand, phone)
    buys(brand, now)
    browser = browser_of(brand, me, phone)
    home = re.sub(r"<[^>]+>", "", browser.get("/portal/").content.decode())
    assert home.index("O-2") < home.index("O-1") and "30.00" in home
    page = re.sub(r"<[^>]+>", "", browser.get("/portal/purchases").content.decode())
    assert "100.00" in page and "30.00" in page
    year = now.astimezone(brand.zone).year
    rows = browser.get(f"/portal/purchases/{year}.csv").content.decode("utf-8-sig").splitlines()
    assert len(rows) == 3 and rows[2].startswith("O-1,")
    assert browser.get("/portal/purchases/1999.csv").status_code == 404
    other = new_phone()
    stranger = browser_of(brand, member_of(brand, other, "m2"), other)
    assert "O-1" not in stranger.get("/portal/purchases").content.decode()
    mine = re.search(r"/portal/purchases/ord_\w+", browser.get("/portal/purchases").content.decode())
    assert mine is not None and "O-2" in browser.get(mine[0]).content.decode()
    assert stranger.get(mine[0]).status_code == 404


def test_a_login_is_made_for_whoever_is_known_and_raised_when_they_join(brand: House) -> None:
    phone, now = new_phone(), utc_now()
    me = member_of(brand, phone)
    with tenant_scope(brand.id):
        held = Member.objects.get(id=me)
        made = ensure_portal_login(member=held, by=TESTER, now=now)
        assert made is not None and made.role == Role.MEMBER
        again = ensure_portal_login(member=held, by=TESTER, now=now)
        assert again is not None and again.id == made.id
        enrol_promoters(joinings=[Joining(me, None, now)], by=TESTER, now=now)
    deliver_all(now=now)
    with tenant_scope(brand.id):
        raised = portal_login_of(me)
        assert raised is not None and (raised.id, raised.role) == (made.id, Role.PROMOTER)
        assert Login.objects.filter(member_id=me).count() == 1
