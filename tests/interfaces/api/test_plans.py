"""Plans over HTTP: checked, published, compared."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from tests.interfaces.api.shop import PLAN, SOON, Opened, Shop, is_problem

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(scope="module")
def maker(open_shop: Opened) -> Shop:
    return open_shop()


@pytest.mark.parametrize("path", ["/plans/check", "/plans/versions"])
@pytest.mark.parametrize(
    ("text", "places"),
    [
        (PLAN.replace("10%", "10"), {"levels.1.rate"}),
        (PLAN + "bonus: 3\n", {"bonus"}),
        (PLAN.replace("10%", "ten") + "overrides: [{id: a, level: 9, rate: 1%, when: {skus: [x]}}]\ncaps: {order: 1}\n", {"levels.1.rate", "caps.order"}),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_place(maker: Shop, path: str, text: str, places: set[str]) -> None:
    problem = is_problem(maker.post(path, {"text": text}), 422, "plan_refused")
    assert places <= {one["at"] for one in problem["errors"]}, problem
    assert all(one["code"] and one["detail"] for one in problem["errors"])


@pytest.mark.parametrize("text", ["{", 'name: "a\\0b"\n', "[]", "a: &a [*a]", "- " * 5000, "x" * 200_000, "&a [" * 500])
def test_texts_that_are_no_plan(maker: Shop, text: str) -> None:
    is_problem(maker.post("/plans/check", {"text": text}), 422, "plan_refused")


@pytest.mark.parametrize("text", ["\x00", "a: \x01", "a: \x7f", "a: \x90", "a: \uffff", ""])
def test_letters_that_no_text_has(maker: Shop, text: str) -> None:
    is_problem(maker.post("/plans/check", {"text": text}), 422, "invalid_request")


@pytest.mark.parametrize("name", [r'"a\0b"', r'"\ud800"'])
def test_a_name_the_books_cannot_hold(maker: Shop, name: str) -> None:
    text = PLAN.replace("name: api", f"name: {name}")
    is_problem(maker.post("/plans/versions", {"text": text, "effective_from": SOON.isoformat()}), 422, "plan_refused")


def test_checking_changes_nothing_and_names_the_differences(open_shop: Opened) -> None:
    shop = open_shop()
    answer = shop.post("/plans/check", {"text": PLAN.replace("10%", "12.5%")})
    assert answer.status_code == 200
    (change,) = answer.json()["differences"]
    assert change["at"] == "levels.1" and "12.5%" in change["detail"]
    assert answer.json()["document"]["levels"]["1"]["rate"] == "12.5%"
    assert [one["number"] for one in shop.get("/plans/versions").json()["data"]] == [1]


def test_publishing_a_version(open_shop: Opened) -> None:
    shop = open_shop()
    published = shop.post(
        "/plans/versions", {"text": PLAN.replace("10%", "11%"), "effective_from": SOON.astimezone(SHANGHAI).isoformat()}
    )
    assert (published.status_code, published.json()["number"]) == (201, 2)
    assert published.json()["effective_from"] == SOON.isoformat()
    versions = shop.get("/plans/versions").json()["data"]
    assert [one["number"] for one in versions] == [1, 2] and versions[1] == published.json()
    (change,) = shop.get("/plans/versions/1/differences/2").json()["data"]
    assert change["at"] == "levels.1"
    assert shop.get("/plans/versions/2/differences/2").json() == {"data": []}
    is_problem(shop.get("/plans/versions/1/differences/3"), 404, "unknown_version")
    is_problem(shop.get(f"/plans/versions/1/differences/{1 << 70}"), 404, "unknown_version")
    is_problem(shop.get("/plans/versions/one/differences/2"), 422, "invalid_request")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": PLAN, "effective_from": "2026-01-01T00:00:00Z"}, 409, "version_not_later"),
        ({"text": PLAN, "effective_from": "2026-01-02T00:00:00Z"}, 409, "version_in_the_past"),
        ({"text": PLAN, "effective_from": "2190-01-01T00:00:00Z"}, 409, "version_too_far"),
        ({"text": PLAN.replace("CNY", "USD")}, 422, "plan_currency"),
        ({"text": PLAN, "effective_from": "2026-01-02T00:00:00"}, 422, "invalid_request"),
        ({"text": ""}, 422, "invalid_request"),
        ({"text": "x" * 200_001}, 422, "invalid_request"),
        ({"document": {}}, 422, "invalid_request"),
        ({}, 422, "invalid_request"),
    ],
)
def test_versions_that_are_refused(maker: Shop, body: dict[str, str], status: int, code: str) -> None:
    is_problem(maker.http.post("/plans/versions", json=body), status, code)
