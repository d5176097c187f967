"""Confirming again in the portal, and the console's list of who has not."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.joining.actions import set_joining_policy
from rongshu.domain.referral.joining.models import JoiningVersion, Renewal
from rongshu.domain.referral.joining.policy import JoiningPolicy
from rongshu.domain.referral.joining.renewal import look_at_renewals
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.public.joining import browser

PASSWORD = "a banyan grows"


def entered(door: str, **fields: str) -> Client:
    client = browser()
    client.cookies["django_language"] = "en"
    assert client.post(f"/{door}/sign-in", fields | {"password": PASSWORD}).status_code == 302
    return client


def test_who_was_paused_confirms_and_goes_on() -> None:
    now, phone = utc_now(), new_phone()
    since = now - timedelta(days=800)
    house = found(now=since)
    with tenant_scope(house.id):
        me = add_member(phone=phone, name="林秀英", by=TESTER, now=since).id
        enrol_promoters(joinings=[Joining(me, None, since)], by=TESTER, now=since)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now, language="en")
        operator = f"op-{house.slug}"
        add_login(name=operator, password=PASSWORD, role=Role.OPERATOR, by=TESTER, now=now, language="en")
    mine, team = entered("portal", phone=phone), entered("console", account=operator)
    assert "Nothing to confirm" in mine.get("/portal/renew").content.decode()
    assert "Nobody is asked" in team.get("/console/promoters/renewals").content.decode()
    form = {"mode": "open", "minimum_age": "0", "agreement_version": "1", "renew_months": "x"}
    assert "0 to 60 months" in team.post("/console/promoters/joining", form).content.decode()
    assert team.post("/console/promoters/joining", form | {"renew_months": "12"}).status_code == 302
    with tenant_scope(house.id):
        assert JoiningVersion.objects.get().document["renew_months"] == 12
        rules = JoiningPolicy(renew_months=12, agreement="Be fair.", agreement_version="2")
        set_joining_policy(rules=rules, by=TESTER, now=now)
        later = now + timedelta(days=70)
        for at in (now + timedelta(days=30), later):
            while look_at_renewals(now=at):
                pass
        assert promoter(me).ended_as == "frozen"
        Renewal.objects.filter(promoter_id=me).update(held_at=since)
    page = mine.get("/portal/renew").content.decode()
    assert "You are paused" in page and "Be fair." in page
    assert "林" in team.get("/console/promoters/renewals").content.decode()
    assert "accept them" in mine.post("/portal/renew", {"of_age": "yes", "in_no_group": "yes"}).content.decode()
    ticks = dict.fromkeys(("of_age", "in_no_group", "agreed"), "yes")
    assert mine.post("/portal/renew", ticks).status_code == 302
    with tenant_scope(house.id):
        assert promoter(me).active_to is None
    assert "Nothing to confirm" in mine.get("/portal/renew").content.decode()
    assert "Nobody has to confirm" in team.get("/console/promoters/renewals").content.decode()
