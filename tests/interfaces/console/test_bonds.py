"""Whose customers are whose, and stores: found, given, prolonged and ended by hand, with what happened kept."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.attribution.queries import store_holders
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.bonds.queries import bond_history, bond_of
from rongshu.interfaces.console.views import bonds
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_links import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

LEAD = r'<td data-at="lead"><a class="row-link" href="[^"]*/(mem_\w+)">'


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def test_bonds_are_found_by_holder_and_by_their_end(
    operator: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        people = ensure_members(external_ids=[f"c{n}" for n in range(7)], now=now)
        mine, other = find_member("m2").id, find_member("m3").id
        for n, (name, who) in enumerate(people.items()):
            ends = {0: None, 1: now + timedelta(days=60)}.get(n, now + timedelta(days=n))
            give_bond(
                member_id=who,
                promoter_id=other if name == "c6" else mine,
                until=ends,
                reason="test",
                by=TESTER,
                now=now - timedelta(days=9),
            )
        give_bond(
            member_id=people["c2"], promoter_id=None, until=None, reason="asked", by=TESTER, now=now - timedelta(days=1)
        )
    monkeypatch.setattr(bonds, "PAGE", 2)

    def walk(query: str) -> list[str]:
        path, found = f"/console/promotion/bonds?{query}", []
        while True:
            page = operator.get(path).content.decode()
            found += re.findall(LEAD, page)
            following = re.search(r'rel="next" href="(\?[^"]*)"', page)
            if following is None:
                return found
            path = "/console/promotion/bonds" + following[1].replace("&amp;", "&")

    ids = {name: outside("mem", who) for name, who in people.items()}
    assert walk("state=soon") == [ids[f"c{n}"] for n in (3, 4, 5, 6)]
    assert walk("state=soon&promoter=m2") == [ids[f"c{n}"] for n in (3, 4, 5)]
    assert walk("state=past") == [ids["c2"]]
    assert set(ids.values()) <= set(walk("")) and len(walk("")) == len(set(walk("")))
    assert walk("promoter=m3") == [ids["c6"]]
    assert operator.get("/console/promotion/bonds?q=c1")["Location"].endswith(ids["c1"])
    assert "Nobody is known as zzz" in operator.get("/console/promotion/bonds?q=zzz").content.decode()


def test_a_customer_is_given_prolonged_and_let_go(operator: Client, shop: Shop) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        who = ensure_members(external_ids=["k1"], now=now)["k1"]
    path, day = f"/console/promotion/bonds/{outside('mem', who)}", (now + timedelta(days=40)).date()
    assert "This customer never belonged to anybody." in operator.get(path).content.decode()
    assert (
        "not a promoter" in operator.post(path, {"do": "give", "promoter": "m4", "reason": "friend"}).content.decode()
    )
    assert operator.post(path, {"do": "give", "promoter": "m2", "reason": "friend"}).status_code == 302
    with tenant_scope(shop.house.id):
        begun = bond_of(who)
    assert begun is not None and begun.until is None
    assert operator.post(path, {"do": "prolong", "until": str(day), "reason": "a year only"}).status_code == 302
    with tenant_scope(shop.house.id):
        held = bond_of(who)
    assert held is not None and (held.since, held.promoter_id) == (begun.since, begun.promoter_id)
    assert held.until is not None and held.until.astimezone(shop.house.zone).date() == day + timedelta(days=1)
    assert (
        "The end lies in the past."
        in operator.post(path, {"do": "prolong", "until": "2020-01-01", "reason": "no"}).content.decode()
    )
    assert "Say why." in operator.post(path, {"do": "end", "reason": ""}).content.decode()
    assert operator.post(path, {"do": "end", "reason": "asked to"}).status_code == 302
    assert "has ended" in operator.post(path, {"do": "prolong", "until": str(day), "reason": "again"}).content.decode()
    with tenant_scope(shop.house.id):
        assert [one.what for one in bond_history(who)] == ["given", "given", "ended"]
    page = operator.get(path).content.decode()
    assert "Belongs to nobody." in page and "asked to" in page and "end set by hand" in page


def test_a_store_has_one_holder(operator: Client, shop: Shop) -> None:
    path = "/console/promotion/stores"
    assert "not a promoter" in operator.post(path, {"store": "Jing'an", "promoter": "m4"}).content.decode()
    for name in ("m2", "m3"):
        assert operator.post(path, {"store": "Jing'an", "promoter": name}).status_code == 302
    with tenant_scope(shop.house.id):
        assert store_holders() == {"Jing'an": find_member("m3").id}
    assert operator.post(path, {"do": "nobody", "store": "Jing'an"}).status_code == 302
    with tenant_scope(shop.house.id):
        assert store_holders() == {}
    support = enter(shop.support)
    assert (
        support.get(path).status_code == 200 and support.post(path, {"store": "x", "promoter": "m2"}).status_code == 403
    )
