"""Plans over HTTP: checked, published, compared."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role, Scope
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import BEGINNING, PLAN, SOON, Opened, Shop, is_problem

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


# ------------------------------------------------------------------------------------------------ two persons

NEW = PLAN.replace("10%", "11%")


@pytest.fixture
def two(open_shop: Opened) -> Shop:
    """A shop in which two logins may decide about plans."""
    shop = open_shop()
    with tenant_scope(shop.house.id):
        for role in (Role.OWNER, Role.FINANCE):
            name = f"{role}-{shop.house.slug}"
            add_login(name=name, password="long enough", role=role, by=TESTER, now=BEGINNING)
    return shop


def second(shop: Shop) -> dict[str, str]:
    return {"Authorization": f"Bearer {shop.key_for(Scope.PLANS_APPROVE, name='second person')}"}


def asked(shop: Shop, text: str = NEW, begins: str = SOON.isoformat()) -> str:
    draft = str(shop.post("/plans/drafts", {"text": text}).json()["id"])
    answer = shop.post(f"/plans/drafts/{draft}/review", {"effective_from": begins, "note": "next season"})
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == "waiting" and answer.json()["authors"] == ["key:erp"]
    return draft


def test_a_key_alone_does_not_publish_where_a_second_person_could_decide(two: Shop) -> None:
    is_problem(
        two.post("/plans/versions", {"text": NEW, "effective_from": SOON.isoformat()}), 409, "second_person_needed"
    )


def test_a_key_brings_the_founding_version_alone(open_shop: Opened) -> None:
    shop = open_shop(None)
    with tenant_scope(shop.house.id):
        for name in ("a", "b"):
            add_login(
                name=f"{name}-{shop.house.slug}", password="long enough", role=Role.OWNER, by=TESTER, now=BEGINNING
            )
    assert shop.post("/plans/versions", {"text": PLAN}).status_code == 201
    is_problem(shop.post("/plans/versions", {"text": NEW}), 409, "second_person_needed")


def test_from_draft_to_withdrawal(two: Shop) -> None:
    draft = asked(two)
    is_problem(two.http.put(f"/plans/drafts/{draft}", json={"text": PLAN}), 409, "draft_in_review")
    is_problem(two.http.delete(f"/plans/drafts/{draft}"), 409, "draft_in_review")
    is_problem(two.post(f"/plans/drafts/{draft}/review", {}), 409, "draft_in_review")
    is_problem(two.post(f"/plans/drafts/{draft}/approve", {}), 403, "own_plan")
    who = second(two)
    is_problem(two.post(f"/plans/drafts/{draft}/approve", {}, headers=who), 409, "warnings_not_accepted")
    warned = {one["rule"] for one in two.post("/plans/check", {"text": NEW}).json()["looked"]["findings"]}
    published = two.post(
        f"/plans/drafts/{draft}/approve", {"accept": sorted(warned), "reason": "looked at"}, headers=who
    )
    assert (published.status_code, published.json()["number"]) == (201, 2), published.text
    assert published.json()["effective_from"] == SOON.isoformat()
    is_problem(two.get(f"/plans/drafts/{draft}"), 404, "unknown_draft")

    gone = two.post("/plans/versions/2/withdraw", {"reason": "a wrong rate"})
    assert (gone.status_code, gone.json()["reason"]) == (200, "a wrong rate")
    assert [one["number"] for one in two.get("/plans/versions").json()["data"]] == [1]
    is_problem(two.post("/plans/versions/2/withdraw", {"reason": "again"}), 409, "version_withdrawn")
    is_problem(two.post("/plans/versions/1/withdraw", {"reason": "too late"}), 409, "version_in_force")
    is_problem(two.post("/plans/versions/7/withdraw", {"reason": "x"}), 404, "unknown_version")
    is_problem(two.post("/plans/versions/1/withdraw", {"reason": ""}), 422, "invalid_request")


def test_given_back_mended_taken_back_and_discarded(two: Shop) -> None:
    draft, who = asked(two), second(two)
    back = two.post(f"/plans/drafts/{draft}/reject", {"reason": "too dear"}, headers=who)
    assert (back.status_code, back.json()["state"], back.json()["reason"]) == (200, "rejected", "too dear")
    is_problem(two.post(f"/plans/drafts/{draft}/reject", {"reason": "again"}, headers=who), 409, "review_decided")
    assert two.http.put(f"/plans/drafts/{draft}", json={"text": PLAN}).json()["review"]["state"] == "rejected"
    assert two.post(f"/plans/drafts/{draft}/review", {"effective_from": SOON.isoformat()}).status_code == 201
    (listed,) = two.get("/plans/drafts").json()["data"]
    assert listed["in_review"] and listed["review"]["state"] == "waiting"
    assert two.post(f"/plans/drafts/{draft}/take-back", {}).json()["state"] == "taken_back"
    assert two.http.delete(f"/plans/drafts/{draft}").json() == {"id": draft}
    assert two.get("/plans/drafts").json() == {"data": []}
    is_problem(two.post(f"/plans/drafts/{draft}/take-back", {}), 409, "review_decided")
    is_problem(two.post("/plans/drafts/drf_none/approve", {}, headers=who), 409, "not_in_review")
    is_problem(two.http.put("/plans/drafts/drf_none", json={"text": PLAN}), 404, "unknown_draft")


def test_a_change_that_is_told_too_late_is_named_with_its_remedy(two: Shop) -> None:
    found = two.post("/plans/check", {"text": NEW}).json()["looked"]["findings"]
    (late,) = [one for one in found if one["rule"] == "PRT-04"]
    assert late["severity"] == "warn" and late["detail"] and late["remedy"] and late["basis"]
