"""Duplicates in the console: suspected, side by side, told apart, merged, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.duplicates.finding import look_for_likeness
from rongshu.domain.members.duplicates.models import MemberMerge
from rongshu.domain.members.points.actions import adjust_points
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_materials import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

BOTH = "/console/members/duplicates/both"


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def two(shop: Shop, name: str) -> tuple[str, str, int]:
    """Two members alike in their ids; their ids, and the second's number."""
    with tenant_scope(shop.house.id):
        made = [add_member(external_id=one, by=TESTER, now=utc_now()).id for one in (f"{name}-1", f"{name}1")]
        while look_for_likeness():
            pass
        adjust_points(member_id=made[1], points=40, reason="hello", ref=name, by=TESTER, now=utc_now())
    return outside("mem", made[0]), outside("mem", made[1]), made[1]


def test_a_pair_is_merged_and_two_again(shop: Shop, operator: Client) -> None:
    one, other, number = two(shop, "pair")
    listed = operator.get("/console/members/duplicates").content.decode()
    assert "pair-1" in listed and f"?stays={one}&amp;goes={other}" in listed
    asked = {"stays": one, "goes": other}
    page = operator.get(BOTH, asked).content.decode()
    assert "pair-1" in page and "40" in page and "Your id" in page
    refused = operator.post(BOTH, {**asked, "do": "merge", "reason": ""}).content.decode()
    assert "Say why." in refused
    done = operator.post(BOTH, {**asked, "do": "merge", "reason": "same phone at the till"})
    assert done.status_code == 302 and done["Location"] == f"/console/members/{one}"
    kept = operator.get(done["Location"]).content.decode()
    assert "pair1" in kept and "same phone at the till" in kept
    gone = operator.get(f"/console/members/{other}").content.decode()
    assert "This member was merged into another" in gone and f'href="/console/members/{one}"' in gone
    assert "pair-1" not in operator.get("/console/members/duplicates").content.decode()
    with tenant_scope(shop.house.id):
        merge = MemberMerge.objects.get(source_id=number)
        assert find_member("pair1").id != number
    undo = f"/console/members/duplicates/{outside('mrg', merge.id)}/undo"
    assert operator.post(undo).status_code == 302
    history = operator.get("/console/members/duplicates?view=merged").content.decode()
    assert "40" in history and undo not in history
    with tenant_scope(shop.house.id):
        assert find_member("pair1").id == number


def test_two_people_are_not_suspected_again(shop: Shop, operator: Client) -> None:
    one, other, _number = two(shop, "apart")
    assert operator.post(BOTH, {"stays": one, "goes": other, "do": "apart"}).status_code == 302
    assert "apart-1" not in operator.get("/console/members/duplicates").content.decode()
    assert "Somebody said that they are two people." in operator.get(BOTH, {"stays": one, "goes": other}).content.decode()  # fmt: skip


def test_from_a_members_page_to_somebody_found(shop: Shop, operator: Client) -> None:
    one, _other, _number = two(shop, "found")
    member = f"/console/members/{one}"
    assert BOTH in operator.get(member).content.decode()
    asked = {"stays": one, "from": one}
    assert operator.get(BOTH, {**asked, "goes": "found1"}).status_code == 200
    lost = operator.get(BOTH, {**asked, "goes": "nobody"}, follow=True)
    assert "There is no member nobody." in lost.content.decode()
    promoter = operator.get(BOTH, {"stays": one, "goes": "m2"}).content.decode()
    assert "merge the other way round" in promoter or "Both are promoters" in promoter or "Merge" in promoter


def test_who_only_looks_neither_merges_nor_undoes(shop: Shop) -> None:
    from tests.e2e.shop import PASSWORD

    one, other, _number = two(shop, "look")
    name = f"looker-{shop.house.slug}"
    with tenant_scope(shop.house.id):
        add_login(name=name, password=PASSWORD, role=Role.AUDITOR, by=TESTER, now=utc_now())
    looker = enter(name)
    listed = looker.get("/console/members/duplicates").content.decode()
    assert "look-1" in listed and BOTH not in listed
    assert BOTH not in looker.get(f"/console/members/{one}").content.decode()
    for answer in (
        looker.get(BOTH, {"stays": one, "goes": other}),
        looker.post(BOTH, {"stays": one, "goes": other, "do": "merge", "reason": "no"}),
        looker.post(f"/console/members/duplicates/{outside('mrg', 1)}/undo"),
    ):
        assert answer.status_code == 403
