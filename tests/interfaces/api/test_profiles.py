"""Members over HTTP: listed, read, changed by merge patch; tags and consents."""

from __future__ import annotations

from typing import Any

import pytest

from rongshu.domain.members.profiles.fields import add_field
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    with tenant_scope(shop.house.id):
        for code, kind, limits in (
            ("shoe", "number", {"least": 30, "most": 50, "places": 1}),
            ("likes", "choices", {"options": [{"code": "tea", "en": "Tea"}, {"code": "cake", "en": "Cake"}]}),
        ):
            names = {"zh": "", "en": code.title()}
            add_field(code=code, kind=kind, names=names, limits=limits, by=TESTER, now=utc_now())
    return shop


def patch(shop: Shop, member: str, **changes: Any) -> Any:
    return shop.http.patch(f"/members/{member}", json=changes)


def test_a_member_comes_with_everything_and_is_changed_in_parts(club: Shop) -> None:
    given = {
        "external_id": "lin", "phone": "13900001111", "name": "林", "birthday": "1992-02-29", "region": "广东省", "city": "深圳",
        "preference": "gift", "fields": {"shoe": "41.5", "likes": ["cake", "tea"]},
    }  # fmt: skip
    assert club.post("/members", given).status_code == 201
    found = club.get("/members/lin").json()
    assert found["phone"] == "139****1111" and found["birthday"] == "1992-02-29" and found["region"] == "CN-GD"
    assert found["fields"] == {"shoe": "41.5", "likes": ["tea", "cake"]} and found["consents"] == {}
    assert club.get("/members/lin", headers={"Accept-Language": "zh"}).json()["region_name"] == "广东"
    changed = patch(club, "lin", city=None, fields={"likes": None}, birthday="05-01").json()
    assert changed == found | {"city": "", "birthday": "05-01", "fields": {"shoe": "41.5"}}
    fields = club.get("/member-fields").json()["data"]
    assert [one["code"] for one in fields] == ["shoe", "likes"] and fields[0]["limits"]["places"] == 1


@pytest.mark.parametrize(
    ("changes", "at"),
    [
        ({"fields": {"shoe": 29}}, "fields.shoe"), ({"fields": {"hat": 1}}, "fields.hat"), ({"birthday": "1992-02-30"}, "birthday"),
        ({"fields": {"likes": ["tea", "beer"]}}, "fields.likes.1"), ({"colour": "red"}, "colour"), ({"fields": None}, "fields"),
        ({"external_id": None}, "external_id"), ({"phone": "call me"}, "phone"), ({"preference": "cash"}, "preference"),
        ({"fields": {"shoe": "4\u0000"}}, "fields.shoe"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_its_place_and_nothing_changes(
    club: Shop, changes: dict[str, Any], at: str
) -> None:
    club.post("/members", {"external_id": "still"})
    before = club.get("/members/still").json()
    problem = patch(club, "still", city="Paris", **changes)
    assert problem.status_code == 422, problem.text
    assert at in (problem.json().get("at"), *(one["at"] for one in problem.json().get("errors", ())))
    assert club.get("/members/still").json() == before


@pytest.mark.parametrize("fields", ['{"\\ud800": 1}', '{"likes": ["\\ud800"]}', '{"shoe": 1e999999}', '{"shoe": NaN}'])
def test_what_no_text_has_is_refused(club: Shop, fields: str) -> None:
    club.post("/members", {"external_id": "odd"})
    sent = f'{{"fields": {fields}}}'
    answer = club.http.patch("/members/odd", content=sent, headers={"Content-Type": "application/merge-patch+json"})
    assert answer.status_code in (400, 422), answer.text


def test_a_list_is_paged_and_narrowed(club: Shop) -> None:
    for number in range(5):
        club.post("/members", {"external_id": f"many{number}", "region": "Hainan", "preference": "novelty"})
    club.post("/tags", {"name": "Beach"})
    assert club.post("/tags/beach/members", {"put": True, "members": ["many1", "many3"]}).json() == {"changed": 2}
    seen, cursor = [], ""
    while True:
        page = club.get(f"/members?region=海南&limit=2{cursor}").json()
        seen += [one["external_id"] for one in page["data"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"many{number}" for number in range(4, -1, -1)]
    tagged = club.get("/members?tag=Beach&preference=novelty").json()["data"]
    assert [(one["external_id"], one["tags"]) for one in tagged] == [("many3", ["Beach"]), ("many1", ["Beach"])]
    is_problem(club.get("/members?cursor=x"), 422, "bad_cursor")
    is_problem(club.get("/members?tag=nothing"), 404, "no_tag_named")


def test_tags_and_consents(club: Shop) -> None:
    club.post("/members", {"external_id": "mo"})
    assert club.post("/tags", {"name": "VIP"}).json() == {"name": "VIP", "active": True, "members": 0}
    is_problem(club.post("/tags", {"name": "vip"}), 409, "tag_exists")
    assert club.post("/members/mo/tags", {"name": "vip"}).json()["data"][0]["source"] == "hand"
    assert {"name": "VIP", "active": True, "members": 1} in club.get("/tags").json()["data"]
    wrong = is_problem(club.post("/tags/VIP/members", {"put": False, "members": ["mo", "who"]}), 422, "unknown_member")
    assert wrong["at"] == "members[1]" and len(club.get("/members/mo/tags").json()["data"]) == 1
    assert club.delete("/members/mo/tags/VIP").json() == {"data": []}
    said = club.post("/members/mo/consents", {"consents": {"marketing_sms": True, "profiling": False}}).json()
    assert [(one["purpose"], one["given"]) for one in said["data"]] == [("marketing_sms", True), ("profiling", False)]
    said = club.post("/members/mo/consents", {"consents": {"marketing_sms": False}}).json()
    assert said["history"][0]["given"] is False and said["history"][0]["place"] == "api" and len(said["history"]) == 3
    assert club.get("/members/mo").json()["consents"] == {"marketing_sms": False, "profiling": False}
    assert club.get("/members/mo/consents").json() == said
    assert is_problem(club.post("/members/mo/consents", {"consents": {"x": True}}), 422, "unknown_purpose")["at"] == "x"


def test_a_key_that_only_reads_changes_nothing(club: Shop) -> None:
    club.post("/members", {"external_id": "quiet"})
    read = {"Authorization": f"Bearer {club.key_for(Scope.MEMBERS_READ)}"}
    assert club.get("/members/quiet", headers=read).status_code == 200
    is_problem(club.http.patch("/members/quiet", json={"city": "X"}, headers=read), 403, "scope_missing")
    is_problem(
        club.post("/members/quiet/consents", {"consents": {"service": True}}, headers=read), 403, "scope_missing"
    )
