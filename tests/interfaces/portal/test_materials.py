"""Texts and posters in the share centre: the reader's own link in them, taking them noted, nobody else's link."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from itertools import count

import pytest
from django.test import Client
from PIL import Image

from rongshu.domain.commerce.products.actions import Described as Product
from rongshu.domain.commerce.products.actions import picture_product, put_products
from rongshu.domain.commerce.products.queries import product
from rongshu.domain.marketing.materials.actions import Described, add_material, add_version, offer, withdraw
from rongshu.domain.marketing.materials.models import Taking, Version
from rongshu.domain.marketing.posters.actions import checked_name
from rongshu.domain.marketing.posters.models import Poster
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.links.models import Link
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

SECOND = Actor("test", "second")

_addresses = count(1)


def _entered(number: int, member: int, now: datetime) -> Client:
    phone = f"1380013{number:04}"
    add_login(
        name=phone, password="long enough", role=Role.PROMOTER, member_id=member, by=TESTER, now=now, language="en"
    )
    return Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.103.{next(_addresses)}")


def _picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), "green").save(out, "JPEG")
    return out.getvalue()


def test_a_text_is_copied_with_ones_own_link_and_noted_and_the_poster_is_drawn_once(now: datetime) -> None:
    now = utc_now() - timedelta(minutes=1)
    house = found(now=now)
    with tenant_scope(house.id):
        mine, other = ensure_members(external_ids=["p1", "p2"], now=now).values()
        enrol_promoters(joinings=[Joining(one, None, now) for one in (mine, other)], by=TESTER, now=now)
        put_products(products=[Product("S1", "Camellia cream", price=29900)], by=TESTER, now=now)
        picture_product(sku="S1", content=_picture(), by=TESTER, now=now)
        shown = outside("prd", product("S1").id)
        material = add_material(described=Described("copy", "Autumn"), by=TESTER, now=now)
        text = add_version(material_id=material.id, text="{product} {price}: {link}", by=TESTER, now=now)
        offer(version_id=text.id, by=SECOND, now=now)
        phones = [house.id % 9_000 + n for n in (0, 1)]
        me, stranger = (_entered(n, who, now) for n, who in zip(phones, (mine, other), strict=True))
    for client, number in ((me, phones[0]), (stranger, phones[1])):
        assert (
            client.post("/portal/sign-in", {"phone": f"1380013{number:04}", "password": "long enough"}).status_code
            == 302
        )
    page = me.get(f"/portal/share/{shown}").content.decode()
    with tenant_scope(house.id):
        link = Link.objects.get(promoter_id=mine)
    assert f"【广告】Camellia cream ¥299.00: http://localhost/s/{link.slug}" in page
    taken = f"/portal/share/texts/{outside('mav', text.id)}/{link.slug}"
    assert taken in page
    assert stranger.post(taken).status_code == 404
    assert me.post(taken).status_code == 204
    address = f"/portal/share/poster/{link.slug}/1.png"
    assert address in page
    assert stranger.get(address).status_code == 404
    first, again = me.get(address), me.get(address)
    assert first["Content-Type"] == "image/png" and "private" in first["Cache-Control"]
    assert Image.open(io.BytesIO(first.content)).size == (750, 1200) and first.content == again.content
    assert me.get(f"/portal/share/poster/{link.slug}/99.png").status_code == 404
    me.get(f"/portal/share/{shown}?name=Lin")
    assert me.get(address).content != first.content
    assert "advertising law" in me.get(f"/portal/share/{shown}?name=全国第一").content.decode()
    with tenant_scope(house.id):
        assert [(one.promoter_id, one.link_id, one.how) for one in Taking.objects.all()] == [(mine, link.id, "copied")]
        assert Poster.objects.count() == 2
        withdraw(version_id=text.id, reason="a wrong price", by=TESTER, now=now)
    late = me.post(taken)
    assert (late.status_code, late["HX-Refresh"]) == (204, "true")
    page = me.get(f"/portal/share/{shown}").content.decode()
    assert "not offered any more" in page and taken not in page
    with tenant_scope(house.id):
        assert Taking.objects.count() == 1 and Version.objects.count() == 1


def test_a_picture_is_saved_and_noted(now: datetime) -> None:
    now = utc_now() - timedelta(minutes=1)
    house = found(now=now)
    with tenant_scope(house.id):
        (mine,) = ensure_members(external_ids=["p1"], now=now).values()
        enrol_promoters(joinings=[Joining(mine, None, now)], by=TESTER, now=now)
        put_products(products=[Product("S1", "Cream")], by=TESTER, now=now)
        shown = outside("prd", product("S1").id)
        material = add_material(described=Described("picture", "Autumn"), by=TESTER, now=now)
        one = add_version(material_id=material.id, text="Look: {link}", picture=_picture(), by=TESTER, now=now)
        offer(version_id=one.id, by=SECOND, now=now)
        client = _entered(house.id % 9_000 + 500, mine, now)
    number = house.id % 9_000 + 500
    client.post("/portal/sign-in", {"phone": f"1380013{number:04}", "password": "long enough"})
    client.get(f"/portal/share/{shown}")
    with tenant_scope(house.id):
        slug = Link.objects.get(promoter_id=mine).slug
    answer = client.post(f"/portal/share/texts/{outside('mav', one.id)}/{slug}", {"how": "downloaded"})
    assert answer["Content-Disposition"].startswith("attachment") and answer.content.startswith(b"\xff\xd8")
    with tenant_scope(house.id):
        assert Taking.objects.get().how == "downloaded"


def test_a_name_on_a_poster_is_short_and_claims_nothing() -> None:
    assert checked_name("  小林  的店 ") == "小林 的店"
    for text in ("林" * 21, "全国第一"):
        with pytest.raises(Refusal):
            checked_name(text)
