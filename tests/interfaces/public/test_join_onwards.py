"""After joining: the portal by a code, the console's queue and rules, first steps, leaving."""

from __future__ import annotations

import itertools

import pytest
from django.test import Client

from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.joining.policy import JoiningPolicy, read_steps
from rongshu.domain.referral.joining.queries import joining_policy
from rongshu.domain.referral.links.actions import ensure_codes
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, new_phone
from tests.interfaces.public.joining import GOOD, Shop, browser, join, promoter_with
from tests.texting import Texts

_names = itertools.count()
RULES = {
    "mode": "application", "minimum_age": "20", "agreement_version": "2026-1", "agreement": "We agree.", "offer": "Good tea",
    "shop": "https://shop.example/", "quiz": "Who pays?\n* The customer\n- You", "steps": "Share | first | https://shop.example/v",
}  # fmt: skip


def operator(shop: Shop, role: Role = Role.OPERATOR) -> Client:
    name = f"op-{shop.house.slug}-{next(_names)}"
    with tenant_scope(shop.house.id):
        add_login(name=name, password="long enough", role=role, by=TESTER, now=utc_now())
    client = browser()
    client.post("/console/sign-in", {"account": name, "name": name, "password": "long enough"})
    return client


def test_a_promoter_enters_the_portal_by_a_code(shop: Shop, texts: Texts) -> None:
    phone, client = new_phone(), browser()
    join(browser(), shop, phone, texts)
    assert "By a code" in client.get("/portal/sign-in").content.decode()
    asked = client.post("/portal/sign-in", {"do": "code", "phone": f"+86 {phone}"})
    stranger = browser().post("/portal/sign-in", {"do": "code", "phone": new_phone()})
    assert asked.status_code == stranger.status_code == 200  # nobody learns who is known
    sms = texts.codes[phone][-1]
    assert client.post("/portal/sign-in", {"do": "enter", "phone": phone, "sms": "0"}).status_code == 422
    assert client.post("/portal/sign-in", {"do": "enter", "phone": phone, "sms": sms}).status_code == 302
    assert client.get("/portal/me").status_code == 200
    assert browser().post("/portal/sign-in", {"do": "enter", "phone": phone, "sms": sms}).status_code == 422


def test_a_code_of_the_portal_opens_no_console_and_no_stranger_s_page(shop: Shop, texts: Texts) -> None:
    phone = new_phone()
    with tenant_scope(shop.house.id):
        add_login(name=phone, password="long enough", role=Role.OWNER, by=TESTER, now=utc_now())
    client = browser()
    client.post("/portal/sign-in", {"do": "code", "phone": phone})
    answer = client.post("/portal/sign-in", {"do": "enter", "phone": phone, "sms": texts.codes[phone][-1]})
    assert answer.status_code == 422 and client.get("/console/").status_code == 302


def test_an_operator_sets_the_rules_and_decides(shop: Shop, texts: Texts) -> None:
    desk = operator(shop)
    assert desk.post("/console/promoters/joining", RULES).status_code == 302
    with tenant_scope(shop.house.id):
        known = joining_policy()
    assert (known.mode, known.minimum_age, known.quiz[0].right, known.steps[0].title) == ("application", 20, 0, "Share")
    again = desk.get("/console/promoters/joining").content.decode()
    assert "* The customer" in again and "2026-1" in again
    phones = [new_phone(), new_phone()]
    people = [browser(), browser()]
    for client, phone in zip(people, phones, strict=True):
        assert join(client, shop, phone, texts, quiz0="0", words="Hello <b>")[0] == 302
    deliver_all(now=utc_now())
    page = desk.get("/console/promoters/applications").content.decode()
    assert "Hello &lt;b&gt;" in page and page.count('name="application"') == 2
    ids = [part.split('"')[0] for part in page.split('name="application" value="')[1:]]
    desk.post("/console/promoters/applications", {"do": "refuse", "application": ids[:1], "reason": ""})
    desk.post("/console/promoters/applications", {"do": "refuse", "application": ids[:1], "reason": "Not now"})
    desk.post("/console/promoters/applications", {"do": "approve", "application": ids})
    assert [promoter_with(shop, phone) is not None for phone in phones] == [False, True]
    assert "Not now" in people[0].get(shop.path).content.decode()
    deliver_all(now=utc_now())
    with tenant_scope(shop.house.id):
        kinds = set(Message.objects.values_list("kind", flat=True))
    assert {"application.approved", "application.refused", "team.application"} <= kinds


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("minimum_age", "x"), ("minimum_age", "100"), ("shop", "http://shop.example"), ("shop", "javascript:alert(1)"),
        ("quiz", "Who?\n- A\n- B"), ("quiz", "Who?\n* A"), ("steps", "a|b|c|d"), ("steps", "a | b | ftp://x"), ("agreement_version", ""),
    ],
)  # fmt: skip
def test_rules_that_cannot_hold_are_refused_and_nothing_typed_is_lost(shop: Shop, field: str, value: str) -> None:
    answer = operator(shop).post("/console/promoters/joining", RULES | {field: value})
    page = answer.content.decode()
    assert 'role="alert"' in page and "Good tea" in page
    with tenant_scope(shop.house.id):
        assert joining_policy() == JoiningPolicy()


def test_a_changed_agreement_needs_a_version_of_its_own(shop: Shop) -> None:
    desk = operator(shop)
    desk.post("/console/promoters/joining", RULES)
    page = desk.post("/console/promoters/joining", RULES | {"agreement": "Other."}).content.decode()
    assert "协议内容已改动：请填写新的版本号。" in page
    with tenant_scope(shop.house.id):
        assert joining_policy().agreement == "We agree."


def test_others_neither_decide_nor_set(shop: Shop) -> None:
    desk = operator(shop, Role.SUPPORT)
    assert desk.get("/console/promoters/applications").status_code == 200
    assert desk.post("/console/promoters/applications", {"do": "approve", "application": "app_1"}).status_code == 403
    assert desk.post("/console/promoters/joining", RULES).status_code == 403


def test_first_steps_are_ticked(shop: Shop, texts: Texts) -> None:
    shop.set(JoiningPolicy(steps=read_steps("Share\nLook | at the rules")))
    client = browser()
    join(client, shop, new_phone(), texts)
    page = client.get("/portal/start").content.decode()
    assert "0/2" in page
    key = page.split('name="step" value="')[1].split('"')[0]
    client.post("/portal/start", {"step": key, "done": "yes"})
    client.post("/portal/start", {"step": key, "done": "yes"})
    assert "1/2" in client.get("/portal/start").content.decode()
    client.post("/portal/start", {"step": key, "done": "no"})
    assert "0/2" in client.get("/portal/start").content.decode()
    assert client.post("/portal/start", {"step": "other", "done": "yes"}).status_code == 404


def test_leaving_says_what_happens_and_ends_only_the_own_earning(shop: Shop, texts: Texts) -> None:
    client, below, phone = browser(), browser(), new_phone()
    join(client, shop, phone, texts)
    there = promoter_with(shop, phone)
    assert there is not None
    with tenant_scope(shop.house.id):
        code = ensure_codes(promoter_ids=[there.id], by=TESTER, now=utc_now())[there.id]
    child = new_phone()
    join(below, shop, child, texts, code=code)
    page = client.get("/portal/leave").content.decode()
    assert "仍归你" in page
    client.post("/portal/leave", {})
    assert promoter_with(shop, phone).active_to is None  # type: ignore[union-attr]
    client.post("/portal/leave", {"sure": "yes"})
    assert client.post("/portal/leave", {"sure": "yes"}).status_code == 409
    assert promoter_with(shop, phone).active_to is not None  # type: ignore[union-attr]
    kept = promoter_with(shop, child)
    assert kept is not None and kept.inviter_id == there.id and kept.active_to is None
    assert "You have stopped promoting here" in client.get(shop.path).content.decode()
    assert client.post(shop.path, GOOD).status_code in (302, 409)
    with tenant_scope(shop.house.id):
        assert Promoter.objects.get(id=there.id).active_to is not None and not Bond.objects.exists()
