"""Leaving and being erased: on the portal's page by oneself, in the console by the team."""

from __future__ import annotations

from datetime import timedelta

from rongshu.domain.members.erasure.queries import erased_at
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.portal.test_renew import PASSWORD, entered


def test_whoever_left_erases_their_data_and_is_signed_out() -> None:
    now, phone = utc_now() - timedelta(days=9), new_phone()
    house = found(now=now)
    with tenant_scope(house.id):
        me = add_member(phone=phone, name="林秀英", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now)], by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now, language="en")
    mine = entered("portal", phone=phone)
    assert "Erase my data" not in mine.get("/portal/leave").content.decode()
    refused = mine.post("/portal/leave", {"do": "erase", "sure": "yes"}).content.decode()
    assert "They still promote" in refused
    assert mine.post("/portal/leave", {"sure": "yes"}).status_code == 302
    page = mine.get("/portal/leave").content.decode()
    assert "Erase my data" in page and "without your name" in page
    assert "Tick that your data are to be erased" in mine.post("/portal/leave", {"do": "erase"}).content.decode()
    gone = mine.post("/portal/leave", {"do": "erase", "sure": "yes"})
    assert (gone.status_code, gone["Location"]) == (302, "/portal/sign-in")
    assert "are erased" in mine.get("/portal/sign-in").content.decode()
    assert mine.get("/portal/leave").status_code == 302
    assert mine.post("/portal/sign-in", {"phone": phone, "password": PASSWORD}).status_code == 422
    with tenant_scope(house.id):
        assert erased_at(me) is not None and Member.objects.get(id=me).phone is None
        assert AuditEntry.objects.get(action="person.erased").actor == f"member:{outside('mem', me)}"


def test_the_team_erases_with_a_tick_and_sees_what_stands_in_the_way() -> None:
    now, phone = utc_now() - timedelta(days=9), new_phone()
    house = found(now=now)
    with tenant_scope(house.id):
        promoter = outside("mem", add_member(phone=new_phone(), by=TESTER, now=now).id)
        buyer = outside("mem", add_member(phone=phone, by=TESTER, now=now).id)
        enrol_promoters(joinings=[Joining(Member.objects.order_by("id")[0].id, None, now)], by=TESTER, now=now)
        for role in (Role.OPERATOR, Role.AUDITOR):
            name = f"{role}-{house.slug}"
            add_login(name=name, password=PASSWORD, role=role, by=TESTER, now=now, language="en")
    team, auditor = (entered("console", account=f"{role}-{house.slug}") for role in (Role.OPERATOR, Role.AUDITOR))
    assert "They still promote" in team.get(f"/console/members/{promoter}").content.decode()
    refused = team.post(f"/console/members/{promoter}/erase", {"sure": "yes", "from": "promoter"}, follow=True)
    assert "They still promote" in refused.content.decode() and "/promoters/" in refused.request["PATH_INFO"]
    assert auditor.post(f"/console/members/{buyer}/erase", {"sure": "yes"}).status_code == 403
    assert "Tick that" in team.post(f"/console/members/{buyer}/erase", {}, follow=True).content.decode()
    page = team.post(f"/console/members/{buyer}/erase", {"sure": "yes"}, follow=True).content.decode()
    assert "Erased. Orders and the ledger stay" in page and "are gone" in page and phone not in page
