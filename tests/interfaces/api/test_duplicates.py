"""Members that may be one person, over HTTP."""

from __future__ import annotations

import pytest

from rongshu.domain.members.duplicates.finding import look_for_likeness
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture
def shop(open_shop: Opened) -> Shop:
    shop = open_shop()
    for name in ("M-001", "m001", "m0001x", "M0001-X"):
        assert shop.post("/members", {"external_id": name}).status_code == 201
    with tenant_scope(shop.house.id):
        look_for_likeness()
    return shop


def ids(shop: Shop, *names: str) -> list[str]:
    return [str(shop.get(f"/members/{name}").json()["id"]) for name in names]


def test_pairs_are_listed_told_apart_merged_and_unmerged(shop: Shop) -> None:
    first = shop.get("/member-duplicates?limit=1").json()
    one, other = ids(shop, "M-001", "m001")
    assert first["data"] == [{"members": [one, other], "alike_in": ["external_id"]}] and first["next"]
    second = shop.get(f"/member-duplicates?limit=1&cursor={first['next']}").json()
    assert second["data"][0]["members"] == ids(shop, "m0001x", "M0001-X") and second["next"] is None
    apart = {"members": ["m0001x", "M0001-X"]}
    assert shop.post("/member-duplicates/apart", apart).json()["new"] is True
    assert shop.post("/member-duplicates/apart", apart).json()["new"] is False
    made = shop.post("/members/m001/merge", {"into": "M-001", "reason": "one person"})
    assert made.status_code == 200 and (made.json()["member"], made.json()["into"]) == (other, one)
    assert shop.get("/members/m001").json()["id"] == one
    assert shop.get("/member-duplicates").json()["data"] == []
    assert [row["id"] for row in shop.get("/member-merges").json()["data"]] == [made.json()["id"]]
    for _ in range(2):
        undone = shop.post(f"/member-merges/{made.json()['id']}/undo")
        assert undone.json() == {"orders": 0, "points": 0, "points_gone": 0}
    assert shop.get("/members/m001").json()["id"] == other
    assert shop.get("/member-merges").json()["data"][0]["undone_at"] is not None


def test_what_cannot_be_is_refused_in_words(shop: Shop) -> None:
    is_problem(shop.post("/members/m001/merge", {"into": "m001", "reason": "one person"}), 422, "same_member")
    is_problem(shop.post("/members/m001/merge", {"into": "nobody", "reason": "one person"}), 404, "unknown_member")
    is_problem(shop.post("/member-merges/mrg_x/undo"), 404, "unknown_merge")
    is_problem(shop.get("/member-duplicates?cursor=x"), 422, "bad_cursor")
    shop.enrol("ann")
    is_problem(shop.post("/members/ann/merge", {"into": "m001", "reason": "one person"}), 409, "promoter_stays")
    reads = {"Authorization": f"Bearer {shop.key_for(Scope.MEMBERS_READ, name='reader')}"}
    refused = shop.post("/members/m001/merge", {"into": "M-001", "reason": "one person"}, headers=reads)
    is_problem(refused, 403, "scope_missing")
