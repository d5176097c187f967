"""What the share centre stands on: one link for one product and channel, best sellers first, pictures by their hash."""

from __future__ import annotations

import io
from datetime import datetime

import pytest
from django.test import Client
from PIL import Image

from rongshu.domain.commerce.products.actions import (
    Described,
    count_sold,
    picture_product,
    put_products,
    share_product,
)
from rongshu.domain.commerce.products.models import Picture
from rongshu.domain.commerce.products.queries import best_sellers
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.links.actions import Wanted, ensure_link, switch_link
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.interfaces.faces.qr import qr_file, qr_svg
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found


def test_asked_again_it_is_the_same_link_until_that_is_turned_off(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        (me,) = ensure_members(external_ids=["p1"], now=now).values()
        enrol_promoters(joinings=[Joining(me, None, now)], by=TESTER, now=now)
        wanted = Wanted(me, channel="group", label="S1")
        one = ensure_link(wanted=wanted, by=TESTER, now=now)
        assert ensure_link(wanted=wanted, by=TESTER, now=now).id == one.id
        others = [
            Wanted(me, channel="video", label="S1"),
            Wanted(me, channel="group", label="S2"),
            Wanted(me, kind="join"),
        ]
        assert len({one.id, *(ensure_link(wanted=other, by=TESTER, now=now).id for other in others)}) == 4
        switch_link(identifier=one.id, on=False, reason="", by=TESTER, now=now)
        assert ensure_link(wanted=wanted, by=TESTER, now=now).id != one.id


def test_what_sold_most_comes_first_and_pages_leave_none_out(now: datetime) -> None:
    house = found(now=now)
    with tenant_scope(house.id):
        put_products(products=[Described(f"S{n}", f"Tea {n}") for n in range(5)], by=TESTER, now=now)
        share_product(sku="S4", on=False, by=TESTER, now=now)
        lines = [
            {"line_no": n + 1, "sku": f"S{n}", "category": "tea", "qty": qty, "paid": "10.00"}
            for n, qty in enumerate((1, 9, 3))
        ]
        order = {"id": "T1", "paid_at": now, "lines": lines}
        assert accept_orders(orders=[order], tenant=house, by=TESTER, now=now).results[0].problem is None  # type: ignore[list-item]
    while work_off(house.id, now=now):
        pass
    with tenant_scope(house.id):
        assert count_sold(now=now) == 3
        assert count_sold(now=now) == 0
        first = best_sellers(limit=2)
        rest = best_sellers(after=(first[-1].sold, first[-1].id), limit=9)
        assert [one.sku for one in (*first, *rest)] == ["S1", "S2", "S0", "S3"]
        assert [one.sku for one in best_sellers(search="tea 2")] == ["S2"]


def test_a_picture_is_served_by_its_hash_to_its_own_tenant_alone(now: datetime) -> None:
    house, other = found(now=now), found(now=now)
    drawn = io.BytesIO()
    Image.new("RGB", (40, 40), "green").save(drawn, "PNG")
    with tenant_scope(house.id):
        put_products(products=[Described("S1", "Tea")], by=TESTER, now=now)
        name = picture_product(sku="S1", content=drawn.getvalue(), by=TESTER, now=now).picture
    client = Client(HTTP_HOST="localhost")
    answer = client.get(f"/pictures/{house.slug}/{name}")
    assert (answer.status_code, answer["Content-Type"], answer["X-Content-Type-Options"]) == (
        200,
        "image/jpeg",
        "nosniff",
    )
    small = client.get(f"/pictures/{house.slug}/{name}?size=small")
    assert (small.status_code, small["Content-Type"]) == (200, "image/jpeg") and small["ETag"] != answer["ETag"]
    again = client.get(f"/pictures/{house.slug}/{name}?size=small", HTTP_IF_NONE_MATCH=small["ETag"])
    assert again.status_code == 304
    with tenant_scope(house.id):
        Picture.objects.filter(hash=name).update(small=b"")  # kept before there were small ones
    assert client.get(f"/pictures/{house.slug}/{name}?size=small").content == small.content
    assert "immutable" in answer["Cache-Control"] and "Set-Cookie" not in answer
    for path in (f"{other.slug}/{name}", f"{house.slug}/{'0' * 64}", f"{house.slug}/..", f"nobody-here/{name}"):
        assert client.get(f"/pictures/{path}").status_code == 404, path


@pytest.mark.parametrize("form", ["png", "svg"])
def test_codes_have_their_quiet_zone_and_no_style(form: str) -> None:
    content, _kind = qr_file("https://share.example.com/s/k7m2qfx?q=1", form)
    shown = qr_svg("https://share.example.com/s/k7m2qfx?q=1")
    assert "style" not in shown and "<script" not in shown
    if form == "png":
        image = Image.open(io.BytesIO(content)).convert("L")
        assert {image.getpixel((x, 4 * 12 - 1)) for x in range(image.width)} == {255}
        assert image.getpixel((4 * 12, 4 * 12)) == 0
