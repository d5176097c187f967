"""Promoters looked after over HTTP: frozen, noted, tagged, transferred, merged; each by its scope."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rongshu.kernel.access.rules import Scope
from rongshu.kernel.clock import utc_now
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    for name in ("ann", "ben", "cat", "dan", "eva", "fay"):
        shop.enrol(name)
    return shop


def test_frozen_and_going_on(club: Shop) -> None:
    frozen = club.post("/promoters/ann/freeze", {"reason": "under suspicion"})
    assert frozen.status_code == 200, frozen.text
    assert frozen.json()["state"] == "frozen" and frozen.json()["since"]
    assert club.get("/promoters?state=frozen").json()["data"] == [frozen.json()["id"]]
    is_problem(club.post("/promoters/ann/freeze", {"reason": "again"}), 409, "not_active")
    again = club.post("/promoters/ann/resume", {"reason": "cleared"}).json()
    assert (again["state"], again["since"]) == ("active", None)
    is_problem(club.post("/promoters/ann/resume", {"reason": "cleared"}), 409, "not_frozen")
    is_problem(club.post("/promoters/ann/freeze", {"reason": ""}), 422, "invalid_request")
    is_problem(club.post("/promoters/nobody/freeze", {"reason": "who"}), 404, "unknown_member")


def test_notes_and_tags_with_their_history(club: Shop) -> None:
    for tag in ("VIP", "VIP", "南方"):
        assert club.post("/promoters/ben/tags", {"tag": tag}).status_code == 200
    assert club.get("/promoters/ben/care").json()["tags"] == ["VIP", "南方"]
    assert club.get("/promoters?tag=VIP").json() == {"data": [club.get("/promoters/ben").json()["id"]], "next": None}
    assert club.delete("/promoters/ben/tags/南方").json()["tags"] == ["VIP"]
    assert club.post("/promoters/ben/notes", {"text": "prefers calls"}).status_code == 200
    is_problem(club.post("/promoters/ben/tags", {"tag": "x" * 31}), 422, "bad_tag")
    is_problem(club.post("/promoters/ben/notes", {"text": " "}), 422, "bad_note")
    is_problem(club.get("/promoters"), 422, "tag_or_state")
    first = club.get("/promoters/ben/care/changes?limit=2").json()
    second = club.get(f"/promoters/ben/care/changes?limit=2&cursor={first['next']}").json()
    rows = [(one["what"], one["text"]) for one in first["data"] + second["data"]]
    assert rows == [("note", "prefers calls"), ("untagged", "南方"), ("tagged", "南方"), ("tagged", "VIP")]
    assert second["next"] is None
    is_problem(club.get("/promoters/ben/care/changes?cursor=chg_x"), 422, "bad_cursor")


def test_a_transfer_now_and_one_for_later(club: Shop) -> None:
    moved = club.post("/promoters/cat/transfer", {"inviter": "ann", "reason": "moved to town"}).json()
    assert moved["inviter"] == club.get("/promoters/ann").json()["id"] and moved["transfers"] == []
    is_problem(club.post("/promoters/ann/transfer", {"inviter": "cat", "reason": "circle"}), 409, "invitation_circle")
    later = {"inviter": None, "reason": "on her own", "at": (utc_now() + timedelta(days=3)).isoformat()}
    planned = club.post("/promoters/cat/transfer", later).json()
    assert [one["state"] for one in planned["transfers"]] == ["waiting"] and planned["inviter"] == moved["inviter"]
    is_problem(club.post("/promoters/cat/transfer", later), 409, "move_waits")
    assert [one["state"] for one in club.delete("/promoters/cat/transfer").json()["transfers"]] == ["withdrawn"]
    is_problem(club.delete("/promoters/cat/transfer"), 404, "no_move")


def test_a_merge_is_done_once(club: Shop) -> None:
    code = club.post("/codes", {"promoter": "dan"}).json()["code"]
    key = {"Idempotency-Key": "merge-dan"}
    body = {"heir": "eva", "reason": "one person"}
    done = club.post("/promoters/dan/merge", body, headers=key).json()
    assert (done["links"], done["login_ended"]) == (1, False)
    assert club.post("/promoters/dan/merge", body, headers=key).json() == done
    is_problem(club.post("/promoters/dan/merge", body), 409, "merged_before")
    gone = club.get("/promoters/dan/care").json()
    assert (gone["state"], gone["heir"]) == ("merged", done["heir"])
    assert club.post("/codes", {"promoter": "eva"}).json()["code"] == code
    assert [one["what"] for one in club.get("/promoters/eva/care/changes").json()["data"]] == ["absorbed"]


def test_scopes(club: Shop) -> None:
    def by(*scopes: Scope) -> dict[str, str]:
        return {"Authorization": f"Bearer {club.key_for(*scopes)}"}

    write = by(Scope.PROMOTERS_WRITE, Scope.PROMOTERS_READ, Scope.MEMBERS_WRITE)
    assert club.get("/promoters/fay/care", headers=write).status_code == 200
    is_problem(club.post("/promoters/fay/merge", {"heir": "ann", "reason": "one"}, headers=write), 403, "scope_missing")
    merge = by(Scope.PROMOTERS_MERGE)
    is_problem(club.get("/promoters/fay/care", headers=merge), 403, "scope_missing")
    is_problem(club.post("/promoters/fay/notes", {"text": "x"}, headers=merge), 403, "scope_missing")
    is_problem(club.post("/promoters/fay/tags", {"tag": "x"}, headers=by(Scope.PROMOTERS_READ)), 403, "scope_missing")


def test_erasing_says_what_stands_in_the_way_and_happens_once(club: Shop) -> None:
    club.enrol("gil")
    stands = club.get("/members/gil/erasure").json()
    assert stands["erased_at"] is None and [one["code"] for one in stands["in_the_way"]] == ["still_promotes"]
    is_problem(club.post("/members/gil/erasure", {"sure": True}), 409, "still_promotes")
    assert club.post("/members", {"external_id": "buyer", "phone": "13900000001"}).status_code in (200, 201)
    assert club.get("/members/buyer/erasure").json()["in_the_way"] == []
    done = club.post("/members/buyer/erasure", {"sure": True}).json()
    assert done["erased_at"] and club.post(f"/members/{done['id']}/erasure", {"sure": True}).json() == done
    is_problem(club.get("/members/buyer/erasure"), 404, "unknown_member")
    is_problem(club.post("/members/gil/erasure", {"sure": False}), 422, "invalid_request")
    reader = {"Authorization": f"Bearer {club.key_for(Scope.MEMBERS_READ)}"}
    is_problem(club.post("/members/gil/erasure", {"sure": True}, headers=reader), 403, "scope_missing")
