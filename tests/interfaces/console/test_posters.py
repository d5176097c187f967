"""Packs, poster templates and what materials brought, in the console over HTTP."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from PIL import Image

from rongshu.domain.marketing.materials.actions import Described, add_material, add_version, offer, take
from rongshu.domain.marketing.materials.models import Pack
from rongshu.domain.marketing.materials.queries import copies_for
from rongshu.domain.marketing.posters.models import PosterTemplate
from rongshu.domain.marketing.posters.queries import template
from rongshu.domain.members.profiles.queries import find_member
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_materials import SECOND, enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def writer(shop: Shop) -> Client:
    return enter(shop.reader)


@pytest.fixture(scope="module")
def text(shop: Shop) -> int:
    """A material that is offered."""
    with tenant_scope(shop.house.id):
        made = add_material(described=Described("copy", "Lantern words"), by=TESTER, now=utc_now())
        written = add_version(material_id=made.id, text="Camellia: {link}", by=TESTER, now=utc_now())
        offer(version_id=written.id, by=SECOND, now=utc_now())
        take(version_id=written.id, promoter_id=find_member("m2").id, how="copied", now=utc_now())
    return made.id


def test_a_pack_comes_and_goes_and_what_is_wrong_is_said(shop: Shop, writer: Client, text: int) -> None:
    today = utc_now().date()
    good = {
        "name": "Lanterns", "from": str(today - timedelta(days=1)), "until": str(today + timedelta(days=3)),
        "materials": outside("mat", text),
    }  # fmt: skip
    for wrong, words in (
        ({"until": str(today - timedelta(days=9))}, "The end lies before"),
        ({"from": "soon"}, "This is no day"),
        ({"materials": "mat_none"}, "Choose what is in it"),
        ({"name": " "}, "Give a title"),
    ):
        answer = writer.post("/console/materials/packs", good | wrong)
        assert answer.status_code == 200 and words in answer.content.decode(), words
    assert writer.post("/console/materials/packs", good).status_code == 302

    def offered() -> bool:
        with tenant_scope(shop.house.id):
            return bool(copies_for(promoter_id=find_member("m2").id, now=utc_now()))

    with tenant_scope(shop.house.id):
        made = Pack.objects.get(name="Lanterns")
    assert "Lantern words" in writer.get("/console/materials/packs").content.decode() and offered()
    assert enter(shop.support).get("/console/materials/packs").status_code == 403
    assert writer.post(f"/console/materials/packs/{outside('pck', made.id)}/end").status_code == 302
    assert not offered()
    assert writer.post("/console/materials/packs/pck_none/end").status_code == 404


def test_what_materials_brought(writer: Client, text: int) -> None:
    assert "Lantern words" in writer.get("/console/materials/brought?days=90").content.decode()
    assert writer.get("/console/materials/brought?days=1e9").status_code == 200


def fields(page: str) -> dict[str, str]:
    """What the form on a page would send."""
    sent = {}
    for tag in re.findall(r"<input [^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag) and 'type="file"' not in tag:
            sent[name[1]] = html.unescape(value[1]) if value else ""
    for name, options in re.findall(r'<select [^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent[name] = chosen[1] if chosen else ""
    return sent


def test_a_template_is_made_drawn_while_written_and_changed(shop: Shop, writer: Client) -> None:
    wall = writer.get("/console/materials/posters").content.decode()
    drawing = html.unescape(re.findall(r'<img src="([^"]*drawing[^"]*)"', wall)[0])
    with Image.open(io.BytesIO(writer.get(drawing).content)) as opened:
        assert opened.size == (750, 1200)
    form = fields(writer.get("/console/materials/posters/1").content.decode())
    form |= {"name": "Ours", "width": "800"}
    looked = writer.post("/console/materials/posters/look", form).content.decode()
    drawing = html.unescape(re.findall(r'src="([^"]*)"', looked)[0])
    with Image.open(io.BytesIO(writer.get(drawing).content)) as opened:
        assert opened.size == (800, 1200)
    assert (
        "does not lie within"
        in writer.post("/console/materials/posters/look", form | {"box-0-x": "790"}).content.decode()
    )
    assert "whole pixels" in writer.post("/console/materials/posters/1", form | {"box-1-w": "wide"}).content.decode()
    assert "minded by advertising law" in writer.post("/console/materials/posters/1", form | {"box-4-text": "全国第一"}).content.decode()  # fmt: skip
    with tenant_scope(shop.house.id):
        assert not PosterTemplate.objects.exists(), "nothing half-written"
    assert writer.post("/console/materials/posters/1", form).status_code == 302
    with tenant_scope(shop.house.id):
        made = PosterTemplate.objects.get()
        assert (made.name, template(made.id).layout.width, made.used) == ("Ours", 800, True)
    again = f"/console/materials/posters/{outside('ptl', made.id)}"
    backdrop = io.BytesIO()
    Image.new("RGB", (80, 80), "#102030").save(backdrop, "PNG")
    backdrop.seek(0)
    backdrop.name = "night.png"
    form = fields(writer.get(again).content.decode()) | {"background_picture": backdrop}  # type: ignore[dict-item]
    form.pop("used")
    assert writer.post(again, form).status_code == 302
    with tenant_scope(shop.house.id):
        changed = template(made.id)
    assert changed.layout.picture and not changed.used
    form = fields(writer.get(again).content.decode()) | {"plain": "yes"}
    assert writer.post(again, form).status_code == 302
    with tenant_scope(shop.house.id):
        assert not template(made.id).layout.picture


def test_drawings_of_anything_else_are_refused(shop: Shop, writer: Client) -> None:
    for of in ("", "AAAA", "eJyLjgUAARUAuQ=="):
        assert writer.get("/console/materials/posters/drawing.png", {"of": of}).status_code == 422, of
    assert writer.get("/console/materials/posters/ptl_none").status_code == 404
    assert enter(shop.support).get("/console/materials/posters").status_code == 403
