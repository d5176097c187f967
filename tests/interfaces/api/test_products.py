"""Products over HTTP: put whole or not at all, read page by page."""

from __future__ import annotations

import pytest

from rongshu.kernel.access.rules import Scope
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    return open_shop()


def put(club: Shop, *products: dict[str, object]):  # type: ignore[no-untyped-def]
    return club.http.put("/products", json={"products": list(products)})


def test_products_are_made_changed_and_read_page_by_page(club: Shop) -> None:
    made = put(club, *({"sku": f"A{n}", "title": f"Tea {n}", "price": "9.90", "category": "tea"} for n in range(3)))
    assert made.status_code == 200, made.text
    assert made.json()["changed"] == 3 and made.json()["data"][0]["price"] == "9.90"
    again = put(
        club,
        {"sku": "A1", "title": "Tea 1", "price": "9.90", "category": "tea"},
        {"sku": "A2", "title": "Pot", "shared": False},
    )
    assert again.json()["changed"] == 1 and again.json()["data"][1]["price"] is None
    first = club.get("/products?limit=2").json()
    rest = club.get(f"/products?limit=2&cursor={first['next']}").json()
    assert [one["sku"] for one in (*first["data"], *rest["data"])] == ["A2", "A1", "A0"] and rest["next"] is None
    assert [one["sku"] for one in club.get("/products?shared=false").json()["data"]] == ["A2"]
    assert [one["sku"] for one in club.get("/products?q=tea&category=tea").json()["data"]] == ["A1", "A0"]
    is_problem(club.get("/products?cursor=nonsense"), 422, "bad_cursor")


@pytest.mark.parametrize(
    "bad", [{"price": "cheap"}, {"price": "-1.00"}, {"target": "https://elsewhere.example/"}, {"sku": "B0"}]
)
def test_one_that_is_refused_takes_the_others_with_it(club: Shop, bad: dict[str, str]) -> None:
    answer = put(club, {"sku": "B0", "title": "Good"}, {"sku": "B1", "title": "Bad", **bad})
    assert answer.status_code == 422, answer.text
    assert club.get("/products?q=B").json()["data"] == []


def test_a_key_without_the_scope_neither_reads_nor_writes(club: Shop) -> None:
    for scope, reads, writes in ((Scope.PROMOTION_READ, 200, 403), (Scope.ORDERS_READ, 403, 403)):
        headers = {"Authorization": f"Bearer {club.key_for(scope, name=scope.value)}"}
        assert club.http.get("/products", headers=headers).status_code == reads
        body = {"products": [{"sku": "C0", "title": "Cup"}]}
        assert club.http.put("/products", json=body, headers=headers).status_code == writes
