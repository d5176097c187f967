"""The page of the member card: a stranger's phone, the doors, the terms, a request; and the console that decides."""

from __future__ import annotations

import pytest
from django.test import Client

from rongshu.domain.members.cards.actions import publish_doors
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.models import Card, CardRequest
from rongshu.domain.members.points.actions import publish_rules
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import phone_hash
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found, new_phone
from tests.interfaces.public.joining import browser
from tests.texting import Texts


@pytest.fixture
def brand() -> House:
    return found(now=utc_now())


def doors(house: House, **given: object) -> None:
    with tenant_scope(house.id):
        publish_doors(doors=Doors(**{"present": False, **given}), by=TESTER, now=utc_now())  # type: ignore[arg-type]


def entered(house: House, texts: Texts, phone: str, by: str = "") -> Client:
    client, page = browser(), f"/card/{house.slug}"
    assert client.post(page, {"do": "code", "phone": phone, "by": by}).status_code == 200
    wrong = client.post(page, {"do": "enter", "phone": phone, "sms": "0", "by": by})
    assert wrong.status_code == 422 and 'name="sms"' in wrong.content.decode()
    done = client.post(page, {"do": "enter", "phone": phone, "sms": texts.codes[phone][-1], "by": by})
    assert done.status_code == 302
    return client


def test_a_stranger_gets_the_card_with_their_phone(brand: House, texts: Texts) -> None:
    page, phone = f"/card/{brand.slug}", new_phone()
    assert "There is no card to get" in browser().get(page).content.decode()
    assert browser().get("/card/nothing-here").status_code == 404
    doors(brand, claim=True, terms="One person, one card.")
    assert "Begin with your phone" in browser().get(page).content.decode()
    assert browser().post(page, {"do": "open"}).status_code == 409
    client = entered(brand, texts, phone)
    shown = client.get(page).content.decode()
    assert "A way is open to you" in shown and "One person, one card." in shown
    assert client.get("/portal/").status_code == 200  # a member, signed in
    refused = client.post(page, {"do": "open"})
    assert refused.status_code == 422 and "Tick that you agree" in refused.content.decode()
    for _ in range(2):
        assert client.post(page, {"do": "open", "agree": "yes"}).status_code == 302
    with tenant_scope(brand.id):
        member = Member.objects.get(phone_hash=phone_hash(phone))
        card = Card.objects.get(member_id=member.id)
    number = f"{card.number[:4]} {card.number[4:8]}"
    assert number in client.get(page).content.decode() and number in client.get("/portal/card").content.decode()


def test_an_invitation_opens_the_door_for_others_only(brand: House, texts: Texts) -> None:
    doors(brand, claim=True)
    first = entered(brand, texts, new_phone())
    first.post(f"/card/{brand.slug}", {"do": "open"})
    doors(brand, invite=True)
    with tenant_scope(brand.id):
        number = Card.objects.get().number
    assert f"?by={number}" in first.get("/portal/card").content.decode()
    alone = entered(brand, texts, new_phone())
    assert alone.post(f"/card/{brand.slug}", {"do": "open", "by": "1234"}).status_code == 409
    assert "Not yet" in alone.get(f"/card/{brand.slug}").content.decode()
    invited = entered(brand, texts, new_phone(), number)
    assert "A way is open to you" in invited.get(f"/card/{brand.slug}?by={number}").content.decode()
    assert invited.post(f"/card/{brand.slug}", {"do": "open", "by": number}).status_code == 302
    with tenant_scope(brand.id):
        assert Card.objects.filter(way="invite").count() == 1


def test_a_request_is_decided_in_the_console(brand: House, texts: Texts) -> None:
    with tenant_scope(brand.id):
        publish_rules(source="currency: CNY\nsign_in: [5]\nvalidity: {days: 9}\n", reason="", by=TESTER, now=utc_now())
        add_login(
            name=f"op-{brand.slug}", password="long enough", role=Role.OPERATOR, by=TESTER, now=utc_now(), language="en"
        )
    desk = browser()
    desk.post("/console/sign-in", {"account": f"op-{brand.slug}", "password": "long enough"})
    bad = desk.post("/console/members/cards", {"do": "publish", "spend": "many", "approve": "yes"}).content.decode()
    assert 'value="many"' in bad and "Give an amount above zero" in bad
    form = {"do": "publish", "spend": "500", "buy": "VIP，PRO", "approve": "yes"}
    assert desk.post("/console/members/cards", form).status_code == 302
    again = desk.get("/console/members/cards").content.decode()
    assert 'value="500.00"' in again and "VIP\nPRO" in again and "Version 1" in again
    clients = [entered(brand, texts, new_phone()) for _ in range(2)]
    for client in clients:
        page = client.get(f"/card/{brand.slug}").content.decode()
        assert "500.00" in page and "VIP, PRO" in page
        assert client.post(f"/card/{brand.slug}", {"do": "ask", "said": "please"}).status_code == 302
        assert "being looked at" in client.get(f"/card/{brand.slug}").content.decode()
        signed = client.post("/portal/points")
        assert signed.status_code == 302 and signed.headers["Location"] == f"/card/{brand.slug}"
    with tenant_scope(brand.id):
        asked = [outside("crq", one) for one in CardRequest.objects.order_by("id").values_list("id", flat=True)]
    assert all(one in desk.get("/console/members/cards").content.decode() for one in asked)
    no_reason = desk.post("/console/members/cards", {"do": "refuse", "request": asked[1:]}).content.decode()
    assert "Say why" in no_reason
    desk.post("/console/members/cards", {"do": "approve", "request": asked[:1]})
    desk.post("/console/members/cards", {"do": "refuse", "request": asked, "reason": "Only in the shop"})
    deliver_all(now=utc_now())
    assert "The card is yours" in clients[0].get(f"/card/{brand.slug}").content.decode()
    assert "Only in the shop" in clients[1].get(f"/card/{brand.slug}").content.decode()
    assert "Only in the shop" in clients[1].get("/portal/messages").content.decode()
    assert "Only in the shop" in desk.get("/console/members/cards?state=refused").content.decode()
    assert f'href="/card/{brand.slug}"' in clients[1].get("/portal/").content.decode()
    assert clients[0].post("/portal/points").headers["Location"] == "/portal/points"
