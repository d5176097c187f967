"""The tree opens branch by branch, to any size; the way up and the search lead to the same promoters."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.standings.actions import refresh_standings
from rongshu.interfaces.console.views import relations
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_links import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

NODE = r'<span class="node"><a href="[^"]*/(mem_\w+)">'
MORE = r'hx-get="([^"]*cursor=[^"]*)"'


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    made, now = open_shop(), utc_now()
    with tenant_scope(made.house.id):
        many = ensure_members(external_ids=[f"w{n}" for n in range(9)], now=now)
        top = find_member("m0").id
        enrol_promoters(joinings=[Joining(who, top, now) for who in many.values()], by=TESTER, now=now)
        refresh_standings(now=now)
    return made


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.support)


def test_the_tree_opens_lazily_and_goes_on(operator: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    with tenant_scope(shop.house.id):
        top, middle = (outside("mem", find_member(name).id) for name in ("m0", "m1"))
    page = operator.get("/console/promoters/relations").content.decode()
    assert re.findall(NODE, page) == [top] and "12 in the team" in page
    monkeypatch.setattr(relations, "PAGE", 4)
    found: list[str] = []
    path = f"/console/promoters/relations/{top}"
    for _part in range(5):
        page = operator.get(path).content.decode()
        found += re.findall(NODE, page)
        following = re.search(MORE, page)
        if following is None:
            break
        path = following[1].replace("&amp;", "&")
    assert len(found) == len(set(found)) == 10 and middle in found
    assert page.count("hx-get") == 0, "whoever invited nobody does not open"
    below = operator.get(f"/console/promoters/relations/{middle}").content.decode()
    assert len(re.findall(NODE, below)) == 1 and "<details>" in below and "<html" not in below


def test_the_way_up_and_a_search(operator: Client, shop: Shop) -> None:
    page = operator.get(f"/console/promoters/relations?q={shop.promoter}").content.decode()
    way = re.search(r'<nav class="way-up".*?</nav>', page, re.DOTALL)
    assert way is not None and re.findall(r">([^<>]+)</(?:a|strong)>", way[0]) == ["周国强", "王磊", "林秀英"]
    assert "陈晓雯" in page
    assert "No promoter is known as m4." in operator.get("/console/promoters/relations?q=m4").content.decode()
    assert operator.get("/console/promoters/relations/m4").status_code == 404


def test_a_branch_costs_the_same_however_many_stand_in_it(
    operator: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for size in (2, 8):
        monkeypatch.setattr(relations, "PAGE", size)
        with CaptureQueriesContext(connection) as queries:
            operator.get("/console/promoters/relations/m0")
        asked.append(len(queries))
    assert asked[0] == asked[1]
