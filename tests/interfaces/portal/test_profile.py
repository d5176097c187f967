"""A member's own profile: kept, refused in place, the birthday once, consents given and taken back."""

from __future__ import annotations

from rongshu.domain.members.consents.models import ConsentNow
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.fields import add_field, profile_fields
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.values import values_of
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.portal.test_renew import PASSWORD, entered


def test_a_member_keeps_their_own_data_and_says_the_birthday_once() -> None:
    now, phone = utc_now(), new_phone()
    house = found(now=now)
    with tenant_scope(house.id):
        me = add_member(phone=phone, by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now)], by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now, language="en")
        for code, kind, mine, limits in (
            ("shoe", "number", True, {"least": 30, "most": 50}),
            ("likes", "choices", True, {"options": [{"code": "tea", "en": "Tea"}, {"code": "cake", "en": "Cake"}]}),
            ("pets", "yes_no", True, {}),
            ("inner", "text", False, {}),
        ):
            names = {"zh": "", "en": f"My {code}"}
            add_field(code=code, kind=kind, names=names, by_member=mine, limits=limits, by=TESTER, now=now)
    browser = entered("portal", phone=phone)
    page = browser.get("/portal/profile").content.decode()
    assert "My shoe" in page and "My inner" not in page and "You can set it once" in page
    there = {f"field-{code}-there": "yes" for code in ("shoe", "likes", "pets", "inner")}
    form = {"do": "profile", "name": "林", "region": "Hainan", "city": "Sanya", "preference": "gift"} | there
    born = {"birth_month": "2", "birth_day": "29", "birth_year": ""}
    values = {"field-shoe": "99", "field-likes": ["tea"], "field-pets": "no", "field-inner": "x"}
    refused = browser.post("/portal/profile", form | born | values).content.decode()
    assert "At most 50." in refused and 'value="99"' in refused and 'value="Sanya"' in refused
    with tenant_scope(house.id):
        assert Member.objects.get(id=me).city == ""
    assert browser.post("/portal/profile", form | born | values | {"field-shoe": "41"}).status_code == 302
    with tenant_scope(house.id):
        held = Member.objects.get(id=me)
        assert (held.region, held.city, held.preference, held.birth_day, held.birth_by) == (
            "CN-HI", "Sanya", "gift", 229, "member",
        )  # fmt: skip
        kept = values_of([me], profile_fields())[me]
        assert kept == {"shoe": "41", "likes": ["tea"], "pets": False}
    page = browser.get("/portal/profile").content.decode()
    assert "02-29" in page and "birth_month" not in page
    again = browser.post("/portal/profile", {"birth_month": "3", "birth_day": "1", "birth_year": ""}).content.decode()
    assert "only the team changes it" in again
    only = {"do": "profile", "field-likes-there": "yes", "field-pets-there": "yes", "field-pets": ""}
    assert browser.post("/portal/profile", only).status_code == 302
    with tenant_scope(house.id):
        assert values_of([me], profile_fields())[me] == {"shoe": "41"}


def test_what_is_agreed_to_is_taken_back_by_taking_the_tick_away() -> None:
    now, phone = utc_now(), new_phone()
    house = found(now=now)
    with tenant_scope(house.id):
        me = add_member(phone=phone, by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now)], by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now, language="en")
    browser = entered("portal", phone=phone)
    shown = {"do": "consents"} | {f"consent-{code}-text": "0" for code in PURPOSES}
    assert browser.post("/portal/profile", shown | {"consent-marketing_sms": "yes"}).status_code == 302
    with tenant_scope(house.id):
        assert [(one.purpose, one.given) for one in ConsentNow.objects.all()] == [("marketing_sms", True)]
    assert "Agreed on" in browser.get("/portal/profile").content.decode()
    assert browser.post("/portal/profile", shown).status_code == 302
    with tenant_scope(house.id):
        assert [(one.purpose, one.given) for one in ConsentNow.objects.all()] == [("marketing_sms", False)]
    assert "Taken back on" in browser.get("/portal/profile").content.decode()
