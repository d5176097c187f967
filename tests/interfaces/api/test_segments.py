"""Segments over HTTP: looked at before they are kept, kept, changed, read page by page, ended."""

from __future__ import annotations

import pytest

from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import Opened, Shop, is_problem

GOLD = {"all": [{"fact": "tier", "in": ["gold"]}, {"fact": "orders", "at_most": 0}]}


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    club = open_shop()
    for name in ("ann", "ben", "lin"):
        assert club.post("/members", {"external_id": name}).status_code == 201
    with tenant_scope(club.house.id):
        Member.objects.filter(external_id__in=("ann", "lin")).update(tier="gold")
    return club


def test_the_way_of_a_segment(club: Shop) -> None:
    seen = club.post("/segments/preview", {"document": GOLD}).json()
    assert (seen["count"], seen["of"], len(seen["examples"])) == (2, 3, 2)
    assert seen["words"] == "tier: gold and orders at most 0"
    made = club.post("/segments", {"name": "Gold", "document": GOLD})
    assert made.status_code == 201
    one = made.json()
    assert (one["size"], one["version"], one["document"]) == (2, 1, GOLD) and one["id"].startswith("seg_")
    assert [row["id"] for row in club.get("/segments").json()["data"]] == [one["id"]]
    page = club.get(f"/segments/{one['id']}/members?limit=1").json()
    rest = club.get(f"/segments/{one['id']}/members?limit=1&after={page['next']}").json()
    assert {page["data"][0]["member"], rest["data"][0]["member"]} == set(seen["examples"]) and rest["next"] is None
    assert club.get(f"/segments/{one['id']}/members/ann").json()["inside"] is True
    assert club.get(f"/segments/{one['id']}/members/ben").json()["inside"] is False
    assert club.get("/members/lin/segments").json()["data"] == [{"id": one["id"], "name": "Gold"}]
    change = {"name": "Not gold", "document": {"not": GOLD}, "instead_of": 1}
    changed = club.put(f"/segments/{one['id']}", change).json()
    assert (changed["size"], changed["version"], changed["name"]) == (1, 2, "Not gold")
    is_problem(club.put(f"/segments/{one['id']}", change), 409, "segment_moved")
    assert club.delete(f"/segments/{one['id']}").json()["ended_at"]
    assert club.get("/segments").json() == {"data": [], "next": None}


def test_members_wear_the_tag_a_segment_is_made_with(club: Shop) -> None:
    club.post("/tags", {"name": "VIP"})
    made = club.post("/segments", {"name": "Golden", "document": GOLD, "tag": "vip"}).json()
    assert made["tag"] == "VIP" and club.get("/members/ann").json()["tags"] == ["VIP"]
    change = {"name": "Still golden", "document": GOLD, "instead_of": 1}
    assert club.put(f"/segments/{made['id']}", change).json()["tag"] == "VIP"
    assert club.put(f"/segments/{made['id']}", {**change, "tag": ""}).json()["tag"] == ""
    assert club.get("/members/ann").json()["tags"] == []
    is_problem(club.post("/segments", {"name": "X", "document": GOLD, "tag": "none such"}), 404, "no_tag_named")


def test_what_is_refused(club: Shop) -> None:
    wrong = {"all": [{"fact": "orders", "at_least": "3"}, {"fact": "shoe_size", "at_most": 3}]}
    refused = club.post("/segments/preview", {"document": wrong})
    assert refused.status_code == 422
    assert {one["at"] for one in refused.json()["errors"]} == {"all[0].at_least", "all[1].fact"}
    is_problem(club.get("/segments/seg_nothing"), 404, "unknown_segment")
    other = club.key_for(Scope.ORDERS_READ)
    refused = club.get("/segments", headers={"Authorization": f"Bearer {other}"})
    assert refused.status_code == 403
