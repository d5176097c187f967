"""Members and promoters over HTTP; the pages of commissions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from rongshu.flows.intake.work import work_off
from rongshu.kernel.clock import utc_now
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("ben", "ann")
    shop.enrol("cai", "ben")
    return shop


def test_who_came_by_themselves_buys_and_promotes_by_our_id_and_gets_yours(club: Shop) -> None:
    own = club.post("/members", {"phone": "13800138077"}).json()["id"]
    club.post("/promoters", {"member": own})
    order = {"paid_at": "2026-05-01T00:00:00Z", "lines": [{"sku": "a", "paid": "10.00"}]}
    assert club.post("/orders", {"id": "own-1", "buyer": own, "promoter": "ann", **order}).status_code in (201, 202)
    assert club.post("/orders", {"id": "own-2", "buyer": "ben", "promoter": own, **order}).status_code in (201, 202)
    nobody = own[:-1] + ("0" if own[-1] != "0" else "1")
    is_problem(club.post("/orders", {"id": "own-3", "buyer": nobody, **order}), 422, "unknown_member")
    is_problem(club.get(f"/promoters/{nobody}"), 404, "unknown_member")
    named = f"/members/{own}/external-id"
    is_problem(club.put(named, {"external_id": "ann"}), 409, "member_exists")
    for _ in range(2):
        assert club.put(named, {"external_id": "fay"}).json() == {"id": own, "external_id": "fay"}
    is_problem(club.put("/members/13800138077/external-id", {"external_id": "gus"}), 409, "has_external_id")
    assert club.get("/promoters/fay").json()["id"] == own


def test_a_member_is_found_by_every_name(club: Shop) -> None:
    names = {"external_id": "dora", "phone": "13800138000", "email": "Dora@Example.com", "name": "朵拉", "tier": "gold"}
    answer = club.post("/members", names)
    assert answer.status_code == 201 and answer.json() == {"id": answer.json()["id"], "external_id": "dora"}
    assert club.post("/promoters", {"member": "+8613800138000"}).status_code == 201
    for named in (answer.json()["id"], "dora", "13800138000", "dora@example.com"):
        assert club.get(f"/promoters/{named}").json()["id"] == answer.json()["id"]
    is_problem(club.post("/promoters", {"member": "dora@example.com"}), 409, "promoter_exists")
    for same in ({"external_id": "dora"}, {"phone": "+8613800138000"}, {"email": "dora@EXAMPLE.com"}):
        is_problem(club.post("/members", same), 409, "member_exists")


@pytest.mark.parametrize(
    ("body", "code", "at"),
    [
        ({}, "nameless_member", "external_id"),
        ({"name": "only a name"}, "nameless_member", "external_id"),
        ({"phone": "call me"}, "bad_phone", "phone"),
        ({"email": "nowhere"}, "bad_email", "email"),
        ({"external_id": ""}, "invalid_request", None),
        ({"external_id": "a\x00b"}, "invalid_request", None),
        ({"external_id": "x", "tier": "a\x00b"}, "invalid_request", None),
        ({"external_id": "x", "vip": True}, "invalid_request", None),
        ({"external_id": 7}, "invalid_request", None),
        ([], "invalid_request", None),
    ],
)
def test_members_that_are_refused(club: Shop, body: Any, code: str, at: str | None) -> None:
    problem = is_problem(club.http.post("/members", json=body), 422, code)
    assert problem.get("at") == at
    if code == "invalid_request":
        assert all(not one["at"].startswith("body") for one in problem["errors"])


def test_who_cannot_be_an_inviter(club: Shop) -> None:
    assert club.post("/members", {"external_id": "eve"}).status_code == 201
    is_problem(club.post("/promoters", {"member": "eve", "inviter": "eve"}), 422, "own_inviter")
    is_problem(club.post("/promoters", {"member": "eve", "inviter": "nobody"}), 404, "unknown_member")
    assert club.post("/members", {"external_id": "plain"}).status_code == 201
    assert (
        "plain"
        in is_problem(club.post("/promoters", {"member": "eve", "inviter": "plain"}), 422, "inviter_no_promoter")[
            "detail"
        ]
    )
    is_problem(club.post("/promoters", {"member": "nobody"}), 404, "unknown_member")
    is_problem(club.post("/promoters", {"member": "eve", "joined_at": "2199-01-01T00:00:00Z"}), 422, "joined_in_future")
    is_problem(
        club.post("/promoters", {"member": "eve", "joined_at": "0001-01-01T00:00:00+14:00"}), 422, "invalid_request"
    )
    is_problem(club.post("/promoters", {"member": "eve", "rank": "a\x00"}), 422, "invalid_request")
    is_problem(club.get("/promoters/eve"), 404, "unknown_promoter")


def test_moving_a_promoter(club: Shop) -> None:
    for name, inviter in (("m1", None), ("m2", "m1"), ("m3", "m2"), ("m4", None)):
        club.enrol(name, inviter)
    is_problem(club.http.put("/promoters/m1/inviter", json={"inviter": "m3"}), 409, "invitation_circle")
    is_problem(club.http.put("/promoters/m1/inviter", json={"inviter": "m1"}), 422, "own_inviter")
    is_problem(club.http.put("/promoters/m1/inviter", json={"inviter": "nobody"}), 404, "unknown_member")
    is_problem(club.http.put("/promoters/m1/inviter", json={}), 422, "invalid_request")
    is_problem(club.http.put("/promoters/m1/inviter", json={"inviter": None, "reason": "\x00"}), 422, "invalid_request")
    assert club.http.put("/promoters/m2/inviter", json={"inviter": "m4", "reason": "wishes it"}).status_code == 200
    assert club.get("/promoters/m2").json()["inviter"] == club.get("/promoters/m4").json()["id"]
    earned = club.post("/orders?wait=true", club.order(promoter="m2")).json()["commissions"]
    assert [one["promoter"] for one in earned] == [club.get(f"/promoters/{name}").json()["id"] for name in ("m2", "m4")]
    assert club.http.put("/promoters/m2/inviter", json={"inviter": None}).status_code == 200
    assert club.get("/promoters/m2").json()["inviter"] is None


def test_two_moves_at_once_close_no_circle(club: Shop) -> None:
    for n in range(3):
        club.enrol(f"x{n}")
        club.enrol(f"y{n}")
        pairs = [(f"x{n}", f"y{n}"), (f"y{n}", f"x{n}")]
        with ThreadPoolExecutor(2) as pool:
            answers = list(
                pool.map(lambda pair: club.http.put(f"/promoters/{pair[0]}/inviter", json={"inviter": pair[1]}), pairs)
            )
        assert sorted(one.status_code for one in answers) == [200, 409]


def test_whoever_stops_earns_no_more(club: Shop) -> None:
    club.enrol("leaver", "ann")
    assert club.get("/promoters/leaver").json()["active"] is True
    assert club.http.delete("/promoters/leaver").status_code == 200
    assert club.get("/promoters/leaver").json()["active"] is False
    later = club.order(promoter="leaver", paid_at=utc_now().isoformat())
    levels = [one["level"] for one in club.post("/orders?wait=true", later).json()["commissions"]]
    assert levels == [2]
    is_problem(club.http.delete("/promoters/plainly-nobody"), 404, "unknown_member")


def pages(shop: Shop, member: str, limit: int, **more: Any) -> list[list[dict[str, Any]]]:
    found, cursor = [], None
    while cursor or not found:
        page = shop.get(
            f"/promoters/{member}/commissions",
            params={"limit": limit, **({"cursor": cursor} if cursor else {}), **more},
        ).json()
        found.append(page["data"])
        cursor = page["next"]
    return found


def test_pages_are_complete_and_repeat_nothing(open_shop: Opened) -> None:
    shop = open_shop()
    shop.enrol("ann")
    two = [{"sku": "A", "paid": "1.00"}, {"sku": "B", "paid": "2.00"}]
    instants = [f"2026-02-0{1 + n % 3}T10:00:00.{n % 5}00001Z" for n in range(45)]  # several at the very same instant
    orders = [shop.order(promoter="ann", lines=two, paid_at=at) for at in instants]
    assert shop.post("/orders/batch", orders).json()["counts"]["accepted"] == 45
    while work_off(shop.house.id, now=utc_now()):
        pass
    whole = pages(shop, "ann", 200)
    assert len(whole) == 1 and len(whole[0]) == 90
    assert whole[0] == sorted(whole[0], key=lambda one: one["paid_at"], reverse=True)
    assert len({one["id"] for one in whole[0]}) == 90
    for limit in (4, 45, 90):
        parts = pages(shop, "ann", limit)
        assert [one for part in parts for one in part] == whole[0]
        assert {len(part) for part in parts[:-1]} <= {limit}


def test_pages_of_one_state(club: Shop) -> None:
    for n in range(5):
        assert club.post("/orders?wait=true", club.order(promoter="cai", id=f"state-{n}")).status_code == 201
    assert pages(club, "cai", 2, state="pending") == pages(club, "cai", 2)
    assert pages(club, "cai", 2, state="released") == [[]]


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1.2",
        "1.2.3.4",
        "1.2.x",
        "9" * 60,
        f"{1 << 62}.1.1",
        f"1.{1 << 63}.1",
        f"{(1 << 62) - 1}.1.1",
        "..",
        "1.2.-",
    ],
)
def test_a_cursor_that_is_none_of_ours(club: Shop, cursor: str) -> None:
    assert (
        is_problem(club.get("/promoters/ann/commissions", params={"cursor": cursor}), 422, "bad_cursor")["at"]
        == "cursor"
    )


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "201"), ("limit", "x"), ("state", "lost"), ("cursor", "1" * 101)]
)
def test_parameters_out_of_bounds(club: Shop, name: str, value: str) -> None:
    problem = is_problem(club.get("/promoters/ann/commissions", params={name: value}), 422, "invalid_request")
    assert [one["at"] for one in problem["errors"]] == [name]
