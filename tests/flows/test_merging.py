"""After a merge the heir signs in by what was the other's, and the other by nothing."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.test import Client

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.wechat.actions import join_person, meet_person
from rongshu.domain.members.wechat.models import WechatPerson
from rongshu.domain.members.wechat.protocol import Known
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.join.actions import ensure_portal_login, portal_login_of
from rongshu.flows.merging import merge_people
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.models import Passkey
from rongshu.kernel.access.passkeys import passkeys_of
from rongshu.kernel.access.rules import Role
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, new_phone

PASSWORD = "a banyan grows"


@pytest.fixture
def two(tenant: int, now: datetime) -> tuple[int, int]:
    """One who joined twice: the ids of the one to be merged and of the one who stays."""
    with tenant_scope(tenant):
        ids = [add_member(phone=new_phone(), by=TESTER, now=now).id for _ in range(2)]
        enrol_promoters(joinings=[Joining(one, None, now) for one in ids], by=TESTER, now=now)
    return ids[0], ids[1]


def wechat(member: int, openid: str, appid: str, now: datetime) -> int:
    person = meet_person(appid=appid, known=Known(openid), now=now)
    join_person(person=person.id, member_id=member, by=TESTER, now=now)
    return person.id


def test_wechat_and_passkeys_sign_the_heir_in_and_the_old_login_ends(
    tenant: int, two: tuple[int, int], now: datetime
) -> None:
    gone, heir = two
    with tenant_scope(tenant):
        name = new_phone()
        login = add_login(name=name, password=PASSWORD, role=Role.PROMOTER, member_id=gone, by=TESTER, now=now)
        Passkey.add(
            login_id=login.id, credential=f"c{login.id}".encode(), public_key=b"k", sign_count=0, name="", made_at=now
        )
        moved = wechat(gone, f"o{gone}", "wx1", now)
        wechat(gone, f"p{gone}", "wx2", now)
        own = wechat(heir, f"o{heir}", "wx2", now)
    browser = Client()
    assert browser.post("/portal/sign-in", {"phone": name, "password": PASSWORD}).status_code == 302
    assert browser.get("/portal/me").status_code == 200
    with tenant_scope(tenant):
        done = merge_people(promoter_id=gone, heir_id=heir, reason="one person", by=TESTER, now=now)
        assert (done.wechats, done.passkeys, done.login_ended) == (1, 1, True)
        assert set(WechatPerson.objects.filter(member_id=heir).values_list("id", flat=True)) == {moved, own}
        assert not WechatPerson.objects.filter(member_id=gone).exists()
        new = portal_login_of(heir)
        assert new is not None and len(passkeys_of(new.id)) == 1 and passkeys_of(login.id) == []
        assert portal_login_of(gone) is None
    assert browser.get("/portal/me").status_code == 302, "the session has ended"
    assert browser.post("/portal/sign-in", {"phone": name, "password": PASSWORD}).status_code == 422


def test_a_proved_phone_of_the_one_merged_enters_as_the_heir(tenant: int, two: tuple[int, int], now: datetime) -> None:
    from rongshu.domain.members.profiles.models import Member

    gone, heir = two
    with tenant_scope(tenant):
        merge_people(promoter_id=gone, heir_id=heir, reason="one person", by=TESTER, now=now)
        login = ensure_portal_login(member=Member.objects.get(id=gone), by=TESTER, now=now)
        assert login is not None and login.member_id == heir


def test_a_refused_merge_changes_nobodys_way_in(tenant: int, two: tuple[int, int], now: datetime) -> None:
    gone, heir = two
    with tenant_scope(tenant):
        wechat(gone, f"o{gone}", "wx1", now)
        add_login(name=new_phone(), password=PASSWORD, role=Role.PROMOTER, member_id=gone, by=TESTER, now=now)
        with pytest.raises(Refusal) as refused:
            merge_people(promoter_id=gone, heir_id=heir, reason="", by=TESTER, now=now)
        assert refused.value.code == "no_reason" and portal_login_of(gone) is not None
        assert WechatPerson.objects.filter(member_id=gone).count() == 1
