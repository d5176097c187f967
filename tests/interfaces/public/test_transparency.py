"""The transparency page: off until wanted, true to the books, and provable with what it and the portal give."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from rongshu.domain.settlement.transparency.actions import publish_balances, set_openness
from rongshu.domain.settlement.transparency.queries import Openness
from rongshu.domain.settlement.transparency.sealing import checked
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_cycles import people
from tests.domain.settlement.test_withdrawals import ANN, NOW
from tests.factories import TESTER, found, new_phone

PASSWORD = "a banyan grows"


@pytest.fixture
def house() -> House:
    return found(now=NOW)


def test_off_until_wanted_then_true_to_the_books(house: House) -> None:
    them, number = people(house.id, [100_00, 250_50]), new_phone()
    address, client = f"/transparency/{house.slug}", Client(HTTP_HOST="localhost")
    assert client.get(address).status_code == client.get(f"{address}.json").status_code == 404
    with tenant_scope(house.id):
        set_openness(wanted=Openness(shown=True), by=ANN, now=NOW)
    assert "Nothing is published yet" in client.get(f"{address}?language=en").content.decode()
    assert client.get(f"{address}.json").status_code == 404
    with tenant_scope(house.id):
        publish_balances(by=ANN, now=NOW)
        add_login(name=number, password=PASSWORD, role=Role.PROMOTER, member_id=them[1], by=TESTER, now=utc_now())
    for language, words in (("en", "Owed to promoters"), ("zh-hans", "应付推广员")):
        page = client.get(f"{address}?language={language}").content.decode()
        assert words in page and "350" in page and "m0" not in page
    latest = client.get(f"{address}.json")
    assert latest.content == client.get(f"{address}/1.json").content and json.loads(latest.content)["promoters"] == 2
    assert client.get(f"{address}/2.json").status_code == 404
    assert client.get("/transparency/nobody-here").status_code == 404
    phone = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
    phone.post("/portal/sign-in", {"phone": number, "password": PASSWORD})
    assert "250" in phone.get("/portal/balance").content.decode()
    proof = phone.get("/portal/balance/proof.json")
    told = checked(proof.content, publication=latest.content)
    assert told.sound and told.amount == 250_50
    assert client.get("/portal/balance/proof.json").status_code == 302


def test_an_operator_publishes_and_support_may_not(house: House) -> None:
    people(house.id, [10_00])
    clients = {}
    with tenant_scope(house.id):
        for role in (Role.OWNER, Role.FINANCE, Role.SUPPORT):
            add_login(name=f"{role}-{house.slug}", password=PASSWORD, role=role, by=TESTER, now=utc_now())
    for role in (Role.OWNER, Role.FINANCE, Role.SUPPORT):
        clients[role] = Client(HTTP_HOST="localhost", HTTP_ACCEPT_LANGUAGE="en")
        clients[role].post("/console/sign-in", {"account": f"{role}-{house.slug}", "password": PASSWORD})
    page = "/console/transparency"
    assert clients[Role.SUPPORT].get(page).status_code == 403
    owner = clients[Role.OWNER]
    assert owner.post(page, {"do": "set", "shown": "yes"}, follow=True).status_code == 200
    for words in ("第 1 期。", "未满一小时"):
        assert words in owner.post(page, {"do": "publish"}, follow=True).content.decode()
    assert clients[Role.FINANCE].get(page).status_code == 200
