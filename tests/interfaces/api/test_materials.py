"""Materials over HTTP: written, looked at by a second key, filled in for one promoter, withdrawn with notice."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest

from rongshu.domain.marketing.materials.actions import LABEL
from rongshu.kernel.access.rules import Scope
from rongshu.kernel.environment import environment
from tests.interfaces.api.shop import Opened, Shop, is_problem


@pytest.fixture(scope="module")
def club(open_shop: Opened) -> Shop:
    shop = open_shop()
    shop.enrol("ann")
    shop.enrol("bob")
    return shop


@pytest.fixture(scope="module")
def second(club: Shop) -> dict[str, str]:
    """A key that looks at what the first one wrote."""
    key = club.key_for(Scope.MATERIALS_READ, Scope.MATERIALS_APPROVE, name="second")
    return {"Authorization": f"Bearer {key}"}


def written(club: Shop, text: str, **more: Any) -> dict[str, Any]:
    made = club.post("/materials", {"title": "Spring tea", "text": text, **more})
    assert made.status_code == 201, made.text
    return dict(made.json())


def do(club: Shop, one: dict[str, Any], what: str, body: Any, by: dict[str, str], number: int = 1) -> httpx.Response:
    return club.post(f"/materials/{one['id']}/versions/{number}/{what}", body, headers=by)


def test_a_material_is_written_offered_and_filled_in_for_one_promoter(club: Shop, second: dict[str, str]) -> None:
    one = written(club, "春茶上市，找{name} {link} 口令{code}", occasion="spring")
    assert (one["state"], one["offered"], one["versions"][0]["text"][:4]) == ("waiting", None, LABEL)
    is_problem(club.post(f"/materials/{one['id']}/versions/1/offer"), 403, "own_offer")
    assert club.get("/promoters/ann/materials?occasion=spring").json()["data"] == []
    offered = do(club, one, "offer", None, second).json()
    assert (offered["state"], offered["offered"], offered["versions"][0]["offered"]) == ("offered", 1, True)
    link = club.post("/links", {"promoter": "ann", "channel": "moments"}).json()
    code = club.post("/codes", {"promoter": "ann"}).json()["code"]
    site = environment().site_url.rstrip("/")
    for asked, slug in (("", code), (f"&link={link['id']}", link["slug"])):
        (copy,) = club.get(f"/promoters/ann/materials?occasion=spring{asked}").json()["data"]
        assert (copy["material"], copy["number"]) == (one["id"], 1)
        assert f"{site}/s/{slug} 口令{code}" in copy["text"] and "{" not in copy["text"]
    is_problem(club.get(f"/promoters/bob/materials?link={link['id']}"), 404, "unknown_link")  # another's link


def test_what_the_rules_mind_is_named_and_accepted_by_another_key(club: Shop, second: dict[str, str]) -> None:
    one = written(club, "全国最好的茶")
    (minded, *others) = one["versions"][0]["minded"]
    text = one["versions"][0]["text"]
    assert text[minded["start"] : minded["end"]] == minded["words"] and minded["basis"] and minded["remedy"]
    is_problem(do(club, one, "offer", None, second), 409, "hits_open")
    reason = {"reason": "Award of 2025, paper kept"}
    body = {"rule": minded["rule"], "words": minded["words"], **reason}
    is_problem(club.post(f"/materials/{one['id']}/versions/1/accept", body), 403, "own_text")
    for hit in (minded, *others):
        taken = do(club, one, "accept", {"rule": hit["rule"], "words": hit["words"], **reason}, second)
        assert taken.status_code == 200, taken.text
    kept = taken.json()["versions"][0]["minded"]
    assert {(hit["accepted_by"] is not None, hit["accepted_because"]) for hit in kept} == {(True, reason["reason"])}
    assert do(club, one, "offer", None, second).json()["offered"] == 1


def test_a_withdrawn_version_is_told_to_whoever_took_it(club: Shop, second: dict[str, str]) -> None:
    one = written(club, "好茶 {link}", occasion="autumn")
    do(club, one, "offer", None, second)
    link = club.post("/links", {"promoter": "ann"}).json()["id"]
    taking = {"material": one["id"], "number": 1, "link": link}
    assert club.post("/promoters/ann/takings", taking).status_code == 201
    seen = club.get(f"/materials/{one['id']}").json()
    assert (seen["brought"]["taken"], seen["brought"]["promoters"], seen["versions"][0]["people"]) == (1, 1, 1)
    assert seen["brought"]["commission"] == "0.00"
    again = club.post(f"/materials/{one['id']}/versions", {"text": "更好的茶 {link}"})
    assert [row["number"] for row in again.json()["versions"]] == [2, 1] and again.json()["offered"] == 1
    gone = do(club, one, "withdraw", {"reason": "The price was wrong"}, second).json()
    assert (gone["state"], gone["offered"], gone["versions"][1]["withdrawn"]) == (
        "withdrawn",
        None,
        "The price was wrong",
    )
    is_problem(do(club, one, "offer", None, second), 409, "withdrawn")
    is_problem(club.post("/promoters/ann/takings", taking), 409, "not_offered")
    assert club.get("/promoters/ann/materials?occasion=autumn").json()["data"] == []


def test_pictures_come_in_base64_and_are_drawn_anew(club: Shop) -> None:
    from PIL import Image

    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(drawn, "PNG")
    given = base64.b64encode(drawn.getvalue()).decode()
    one = written(club, "好茶", kind="picture", picture=given)
    root = club.http.base_url.copy_with(path=one["versions"][0]["picture"])
    assert httpx.get(root).headers["content-type"].startswith("image/")
    body = {"title": "Tea", "text": "好茶", "kind": "picture"}
    for picture, code in (("", "no_picture"), ("AAAA", "no_picture"), ("abc", "no_base64")):
        is_problem(club.post("/materials", {**body, "picture": picture}), 422, code)
    is_problem(club.post("/materials", {**body, "kind": "copy", "picture": given}), 422, "not_of_this_kind")


def test_the_library_is_read_page_by_page(open_shop: Opened) -> None:
    shop = open_shop()
    for n in range(3):
        written(shop, "好茶", occasion="winter" if n else "summer")
    first = shop.get("/materials?limit=2").json()
    rest = shop.get(f"/materials?limit=2&cursor={first['next']}").json()
    assert [one["occasion"] for one in (*first["data"], *rest["data"])] == ["winter", "winter", "summer"]
    assert rest["next"] is None
    assert len(shop.get("/materials?occasion=winter&state=waiting&kind=copy").json()["data"]) == 2
    assert shop.get("/materials?state=offered").json()["data"] == []
    is_problem(shop.get("/materials?cursor=nonsense"), 422, "bad_cursor")
    is_problem(shop.get("/materials?stat=offered"), 422, "unknown_parameter")
    is_problem(shop.get("/materials/mat_0000000000000"), 404, "unknown_material")


def test_each_act_asks_for_its_scope(club: Shop) -> None:
    def by(scope: Scope) -> dict[str, str]:
        return {"Authorization": f"Bearer {club.key_for(scope, name=scope.value)}"}

    one = written(club, "好茶")
    body = {"title": "Tea", "text": "好茶"}
    read, write, approve = by(Scope.MATERIALS_READ), by(Scope.MATERIALS_WRITE), by(Scope.MATERIALS_APPROVE)
    for headers, statuses in ((read, (200, 403, 403)), (write, (403, 201, 403)), (approve, (403, 403, 200))):
        answers = (
            club.get("/materials", headers=headers),
            club.post("/materials", body, headers=headers),
            do(club, one, "offer", None, headers),
        )
        assert tuple(answer.status_code for answer in answers) == statuses
