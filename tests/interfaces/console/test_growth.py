"""One member's growth value and card in the console: looked at, given and taken by hand, once however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.cards.actions import publish_doors
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.queries import card_of
from rongshu.domain.members.growth.queries import total_of
from rongshu.domain.members.profiles.actions import add_member
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.queries import invariants
from tests.factories import TESTER
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def somebody(shop: Shop, name: str) -> tuple[int, str]:
    with tenant_scope(shop.house.id):
        member = int(add_member(external_id=name, by=TESTER, now=utc_now()).id)
    return member, f"/console/members/{outside('mem', member)}/growth"


def test_growth_is_given_and_taken_once(shop: Shop, operator: Client) -> None:
    member, page = somebody(shop, "grows")
    assert "No growth value yet" in operator.get(page).content.decode()
    given = {"growth": "120", "reason": "a tasting", "ref": "r1"}
    for _ in range(2):
        assert operator.post(page, given).status_code == 302
    shown = operator.get(page).content.decode()
    assert "+120" in shown and "a tasting" in shown
    taken = {"growth": "-50", "reason": "too much", "ref": "r2"}
    for _ in range(2):
        assert operator.post(page, taken).status_code == 302
    assert "−50" in operator.get(page).content.decode()
    short = operator.post(page, {"growth": "-71", "reason": "more", "ref": "r3"}).content.decode()
    assert "There are only 70 to be taken." in short and 'value="-71"' in short
    assert "Say why" in operator.post(page, {"growth": "5", "reason": "", "ref": "r4"}).content.decode()
    assert "at least 1" in operator.post(page, {"growth": "many", "reason": "why", "ref": "r5"}).content.decode()
    with tenant_scope(shop.house.id):
        assert total_of(member) == 70
        assert not any(one.differences for one in invariants())


def test_the_card_is_given_by_hand(shop: Shop, operator: Client) -> None:
    member, page = somebody(shop, "carded")
    assert "Give the card" not in operator.get(page).content.decode()
    with tenant_scope(shop.house.id):
        publish_doors(doors=Doors(claim=True, present=False), by=TESTER, now=utc_now())
    member, page = somebody(shop, "carded-later")
    assert "Give the card" in operator.get(page).content.decode()
    assert operator.post(page, {"do": "card"}).status_code == 302
    with tenant_scope(shop.house.id):
        card = card_of(member)
    assert card is not None and card.way == "hand"
    shown = operator.get(page).content.decode()
    assert card.number[:4] in shown and "given by the team" in shown and "Give the card" not in shown


def test_who_only_looks_books_nothing(shop: Shop) -> None:
    from tests.e2e.shop import PASSWORD

    member, page = somebody(shop, "looked-at")
    name = f"auditor-{shop.house.slug}"
    with tenant_scope(shop.house.id):
        add_login(name=name, password=PASSWORD, role=Role.AUDITOR, by=TESTER, now=utc_now())
    looker = enter(name)
    shown = looker.get(page).content.decode()
    assert "Give or take by hand" not in shown and "Give the card" not in shown
    assert looker.post(page, {"growth": "5", "reason": "why", "ref": "r"}).status_code == 403
    assert looker.post(page, {"do": "card"}).status_code == 403
    with tenant_scope(shop.house.id):
        assert total_of(member) == 0 and card_of(member) is None
