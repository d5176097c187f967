"""Signing in by WeChat against the stand-in over real HTTP: by QR code and inside WeChat, unknown people, refusals, forged answers."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.test import Client

from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.queries import phone_hash
from rongshu.domain.members.wechat.actions import join_person, meet_person, set_app
from rongshu.domain.members.wechat.models import WechatApp, WechatPerson
from rongshu.domain.members.wechat.protocol import Known
from rongshu.domain.members.wechat.queries import openid_of
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.settlement.payees.actions import opened
from rongshu.domain.settlement.payees.queries import payee_of
from rongshu.domain.settlement.payouts.settings import set_provider
from rongshu.interfaces.sandbox.entering import PEOPLE, login_apps, openid
from rongshu.interfaces.sandbox.keys import wechat_settings
from rongshu.interfaces.sandbox.server import Sandbox
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.codes import make_code
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests import providers
from tests.factories import TESTER, found, new_phone
from tests.interfaces.public.joining import browser

PASSWORD = "a banyan grows"
INSIDE = "Mozilla/5.0 (iPhone) Mobile/15E148 MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN"
BIG = "Mozilla/5.0 (X11; Linux x86_64) Chrome/130.0"


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given: Any) -> None:
        return None


@pytest.fixture
def wechat(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    sandbox = providers.running()
    monkeypatch.setattr(environment(), "wechat_url", sandbox.address)
    monkeypatch.setattr(environment(), "site_url", "")
    yield sandbox
    sandbox.stop()


@pytest.fixture
def brand(wechat: Sandbox) -> House:
    now = utc_now()
    house = found(now=now - timedelta(days=9))
    with tenant_scope(house.id):
        for kind, one in login_apps(providers.keys().appid).items():
            set_app(kind=kind, appid=one["appid"], secret=one["secret"], by=TESTER, now=now)
    return house


def promoter(house: House) -> tuple[str, int]:
    now, phone = utc_now(), new_phone()
    with tenant_scope(house.id):
        me = add_member(phone=phone, name="林秀英", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now - timedelta(days=9))], by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now)
    return phone, me


def client_of(agent: str) -> Client:
    client = browser()
    client.defaults["HTTP_USER_AGENT"] = agent
    return client


def tapped(url: str, person: str) -> str:
    """Where WeChat sends the browser after a tap on its page; the path here, with its query."""
    place = url.partition("#")[0]
    try:
        urllib.request.build_opener(_Stay).open(f"{place}&{urlencode({'person': person})}")
    except urllib.error.HTTPError as answer:
        assert answer.code == 302
        found = urlsplit(answer.headers["Location"])
        return f"{found.path}?{found.query}"
    raise AssertionError("WeChat did not send the browser on")


def came(client: Client, house: House, person: str = PEOPLE[0]) -> Any:
    """Through WeChat as far as it leads: one authorization, or two where the first does not tell enough."""
    answer = client.get(f"/portal/sign-in/wechat/{house.slug}")
    for _ in range(2):
        assert answer.status_code == 302, answer.content
        if "/connect/" not in answer["Location"]:
            break
        answer = client.get(tapped(answer["Location"], person))
    return answer


def proved(client: Client, phone: str) -> Any:
    code = make_code(what="portal", who=phone, now=utc_now())
    return client.post("/portal/sign-in", {"do": "enter", "phone": phone, "sms": code})


def told(client: Client) -> str:
    return client.get("/portal/sign-in").content.decode()


def test_unknown_people_prove_their_phone_once_and_are_known_by_both_apps(brand: House, wechat: Sandbox) -> None:
    phone, me = promoter(brand)
    client = client_of(BIG)
    answer = came(client, brand)
    assert answer["Location"].startswith("/portal/sign-in?by=code")
    assert client.get("/portal/").status_code == 302, "not in yet"
    assert f"/join/{brand.slug}" in told(client)
    assert proved(client, phone).status_code == 302 and client.get("/portal/").status_code == 200
    again = client_of(BIG)
    assert came(again, brand)["Location"] == "/portal/" and again.get("/portal/").status_code == 200
    inside = client_of(INSIDE)  # another openid: only the unionid tells, and only the fuller authorization has it
    assert came(inside, brand)["Location"] == "/portal/" and inside.get("/portal/").status_code == 200
    official = providers.keys().appid
    with tenant_scope(brand.id):
        assert openid_of(me, official) == openid(official, PEOPLE[0])
        kept = WechatPerson.objects.get(member_id=me, appid=official)
    assert openid(official, PEOPLE[0]).encode() not in bytes(kept.openid), "sealed"
    silent = client_of(INSIDE).get(f"/portal/sign-in/wechat/{brand.slug}")
    assert parse_qs(urlsplit(silent["Location"]).query)["scope"] == ["snsapi_base"]


def test_without_a_unionid_each_app_asks_for_the_phone(brand: House, wechat: Sandbox) -> None:
    wechat.entering.unions = False
    phone, _ = promoter(brand)
    client = client_of(BIG)
    came(client, brand)
    proved(client, phone)
    inside = client_of(INSIDE)
    assert came(inside, brand)["Location"].startswith("/portal/sign-in?by=code")
    assert proved(inside, phone).status_code == 302
    assert came(client_of(INSIDE), brand)["Location"] == "/portal/"


def test_a_newcomer_joins_and_wechat_signs_them_in_from_then_on(brand: House) -> None:
    client, phone = client_of(INSIDE), new_phone()
    came(client, brand, PEOPLE[2])
    page = client.get(f"/join/{brand.slug}").content.decode()
    assert "sms" in page or "phone" in page
    sms = make_code(what=f"join:{brand.id}", who=phone, now=utc_now())
    form = {"do": "join", "phone": phone, "sms": sms, "of_age": "yes", "in_no_group": "yes", "agreed": "yes"}
    assert client.post(f"/join/{brand.slug}", form).status_code == 302
    with tenant_scope(brand.id):
        joined = WechatPerson.objects.get(appid=providers.keys().appid)
        from rongshu.domain.members.profiles.models import Member

        assert joined.member_id == Member.objects.get(phone_hash=phone_hash(phone)).id
    assert came(client_of(INSIDE), brand, PEOPLE[2])["Location"] == "/portal/"


def test_forged_old_and_refused_answers_let_nobody_in(brand: House, wechat: Sandbox) -> None:
    phone, _ = promoter(brand)
    first = client_of(BIG)
    came(first, brand)
    proved(first, phone)

    client = client_of(BIG)
    sent = client.get(f"/portal/sign-in/wechat/{brand.slug}")["Location"]
    good = tapped(sent, PEOPLE[0])
    for forged in (re.sub(r"state=[^&]+", "state=made-up", good), good):  # a state is looked at once
        assert client.get(forged)["Location"] == "/portal/sign-in"
        assert 'role="status"' in told(client) and client.get("/portal/").status_code == 302
    stranger = client_of(BIG)
    assert stranger.get(good)["Location"] == "/portal/sign-in", "somebody else's answer"

    refused = client_of(BIG)
    url = tapped(refused.get(f"/portal/sign-in/wechat/{brand.slug}")["Location"], "")
    assert "code=" not in url and refused.get(url)["Location"] == "/portal/sign-in"
    assert refused.get("/portal/").status_code == 302

    late = client_of(BIG)
    url = tapped(late.get(f"/portal/sign-in/wechat/{brand.slug}")["Location"], PEOPLE[0])
    wechat.move_clock(0.2)  # 40029
    assert late.get(url)["Location"] == "/portal/sign-in" and late.get("/portal/").status_code == 302

    twice = client_of(BIG)
    code = wechat.entering.code_for(login_apps("")["web"]["appid"], PEOPLE[0], "snsapi_login")
    for way in ("/portal/", "/portal/sign-in"):  # the second time 40163
        state = parse_qs(urlsplit(client_state(twice, brand)).query)["state"][0]
        assert twice.get(f"/portal/sign-in/wechat?code={code}&state={state}")["Location"] == way
        twice.post("/portal/sign-out")


def client_state(client: Client, house: House) -> str:
    return str(client.get(f"/portal/sign-in/wechat/{house.slug}")["Location"])


@pytest.mark.parametrize("trouble", ["snapshot", "away"])
def test_snapshots_and_silence_are_told(brand: House, wechat: Sandbox, trouble: str) -> None:
    setattr(wechat.entering, trouble, True)
    client = client_of(INSIDE)
    assert came(client, brand)["Location"] == "/portal/sign-in"
    with tenant_scope(brand.id):
        assert not WechatPerson.objects.exists()


def test_signed_in_one_joins_ones_own_and_nobody_elses(brand: House) -> None:
    (phone, me), (other, _) = promoter(brand), promoter(brand)
    for number, ends in ((phone, "/portal/wechat"), (other, "/portal/wechat")):
        client = client_of(BIG)
        client.post("/portal/sign-in", {"phone": number, "password": PASSWORD})
        assert came(client, brand)["Location"] == ends
        with tenant_scope(brand.id):
            assert WechatPerson.objects.get().member_id == me, "the first stays"
    client = client_of(BIG)
    assert came(client, brand)["Location"] == "/portal/"
    client.post("/portal/wechat")
    with tenant_scope(brand.id):
        assert not WechatPerson.objects.exists()


def test_set_up_in_the_console_and_paid_to_without_typing(brand: House, wechat: Sandbox) -> None:
    with tenant_scope(brand.id):
        add_login(name=f"owner-{brand.slug}", password=PASSWORD, role=Role.OWNER, by=TESTER, now=utc_now())
    owner = browser()
    owner.post("/console/sign-in", {"account": f"owner-{brand.slug}", "password": PASSWORD})
    bad = owner.post("/console/promoters/wechat", {"kind": "official", "appid": "nonsense", "secret": "x"})
    assert bad.status_code == 200 and 'role="alert"' in bad.content.decode()
    good = {"kind": "official", "appid": "wx00000000000000ab", "secret": "abc123"}
    assert owner.post("/console/promoters/wechat", good).status_code == 302
    page = owner.get("/console/promoters/wechat").content.decode()
    assert "wx00000000000000ab" in page and "abc123" not in page
    support = browser()
    with tenant_scope(brand.id):
        add_login(name=f"support-{brand.slug}", password=PASSWORD, role=Role.SUPPORT, by=TESTER, now=utc_now())
    support.post("/console/sign-in", {"account": f"support-{brand.slug}", "password": PASSWORD})
    assert support.get("/console/promoters/wechat").status_code == 403


def test_ones_own_wechat_is_paid_to_without_typing_it(brand: House) -> None:
    number, now = new_phone(), utc_now()
    settings = wechat_settings(providers.keys())
    with tenant_scope(brand.id):
        me = add_member(phone=number, name="林秀英", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(me, None, now - timedelta(days=9))], by=TESTER, now=now)
        add_login(name=number, password=PASSWORD, role=Role.PROMOTER, member_id=me, by=TESTER, now=now)
        set_provider(provider="wechat", values=settings, by=TESTER, now=now)
    client = browser()
    client.post("/portal/sign-in", {"phone": number, "password": PASSWORD})
    assert 'value="wechat"' not in client.get("/portal/withdraw/papers").content.decode()
    theirs = "oABCDEFGHIJKLMNOPQRSTUVWX012"
    with tenant_scope(brand.id):
        person = meet_person(appid=str(settings["appid"]), known=Known(theirs), now=now)
        join_person(person=person.id, member_id=me, by=TESTER, now=now)
    page = client.get("/portal/withdraw/papers").content.decode()
    assert 'value="wechat"' in page and theirs not in page
    papers = {
        "name": "林秀英", "document_kind": "cn_id", "document": "11010519491231002X", "account_kind": "wechat", "account": "somebody else's",
        "resident": "yes", "agree": "1",
    }  # fmt: skip
    assert client.post("/portal/withdraw/papers", papers).status_code == 302
    with tenant_scope(brand.id):
        kept = payee_of(me)
        assert kept is not None and kept.account_kind == "wechat" and opened(kept).account == theirs


def test_the_secret_is_sealed_kept_when_left_empty_and_checked(brand: House) -> None:
    one, now = login_apps("")["web"], utc_now()
    with tenant_scope(brand.id):
        set_app(kind="web", appid=one["appid"], secret="", by=TESTER, now=now)
        assert one["secret"].encode() not in bytes(WechatApp.objects.get(kind="web").secret)
        for appid, secret in (("wx1", "a1"), ("wx0000000000000000", ""), (one["appid"], "not a secret!")):
            with pytest.raises(Refusal):
                set_app(kind="web", appid=appid, secret=secret, by=TESTER, now=now)
        set_app(kind="web", appid="", secret="", by=TESTER, now=now)
    gone = client_of(BIG).get(f"/portal/sign-in/wechat/{brand.slug}")
    assert gone["Location"] == "/portal/sign-in"
