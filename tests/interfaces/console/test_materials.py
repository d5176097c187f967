"""Materials in the console: written by one, looked at by another, withdrawn; what the rules mind is said before it is submitted."""

from __future__ import annotations

import itertools
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.marketing.materials.actions import Described, add_material, add_version, offer, take
from rongshu.domain.marketing.materials.library import STATES, find_materials, states_of
from rongshu.domain.marketing.materials.models import Material, Version, Withdrawn
from rongshu.domain.members.profiles.queries import find_member
from rongshu.interfaces.console.views import materials
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
MINE, SECOND = TESTER, Actor("test", "second")


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


def enter(name: str) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.104.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/console/sign-in", {"account": name, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture(scope="module")
def writer(shop: Shop) -> Client:
    return enter(shop.reader)


@pytest.fixture(scope="module")
def second(shop: Shop) -> Client:
    return enter(shop.owner)


def test_a_text_goes_from_one_who_writes_to_one_who_looks_at_it_and_back(
    writer: Client, second: Client, shop: Shop
) -> None:
    seen = writer.post("/console/materials/look", {"text": "全国第一的茶"}).content.decode()
    assert "全国第一" in seen and "第九条" in seen
    assert "mind nothing" in writer.post("/console/materials/look", {"text": "一杯茶"}).content.decode()
    wrong = writer.post(
        "/console/materials/new", {"kind": "copy", "title": "", "text": "全国第一的茶", "language": "zh"}
    )
    assert (
        wrong.status_code == 200
        and 'aria-invalid="true"' in wrong.content.decode()
        and "第九条" in wrong.content.decode()
    )
    with tenant_scope(shop.house.id):
        assert not Material.objects.filter(title="Autumn").exists()
    made = writer.post(
        "/console/materials/new", {"kind": "copy", "title": "Autumn", "text": "全国第一的茶 {link}", "language": "zh"}
    )
    assert made.status_code == 302
    with tenant_scope(shop.house.id):
        version = Version.objects.get(material_id=Material.objects.get(title="Autumn").id)
    page, asked = made["Location"], {"version": outside("mav", version.id)}
    for client in (writer, second):  # the writer may never, the second not while the rules mind it
        client.post(page, {**asked, "do": "offer"})
    words = {"rule": "absolute-1", "words": "全国第一"}
    with tenant_scope(shop.house.id):
        from rongshu.domain.marketing.materials.queries import look_at

        (hit,) = [row.hit for row in look_at(version, ())]
        words = {"rule": hit.rule, "words": hit.words}
        assert Material.objects.get(title="Autumn").offered_id is None
    own = writer.post(page, {**asked, **words, "do": "accept", "reason": "report of 2025"})
    assert "other than the writer" in own.content.decode()
    assert second.post(page, {**asked, **words, "do": "accept", "reason": "report of 2025"}).status_code == 302
    assert "report of 2025" in writer.get(page).content.decode()
    assert "other than the writer" in writer.post(page, {**asked, "do": "offer"}).content.decode()
    assert second.post(page, {**asked, "do": "offer"}).status_code == 302
    with tenant_scope(shop.house.id):
        who = find_member("m2").id
        take(version_id=version.id, promoter_id=who, how="copied", now=utc_now())
    assert outside("mem", who) in writer.get(page).content.decode()
    assert writer.post(page, {**asked, "do": "withdraw", "reason": "wrong year"}).status_code == 302
    with tenant_scope(shop.house.id):
        assert Withdrawn.objects.get(version_id=version.id).told == 1
    assert "wrong year" in writer.get(page).content.decode()


def test_the_library_is_found_by_state_and_pages_leave_none_out(
    writer: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = utc_now()
    spans = {
        "offered": (None, None),
        "coming": (now + timedelta(1), None),
        "over": (None, now - timedelta(1)),
        "waiting": (None, None),
    }
    with tenant_scope(shop.house.id):
        for state, (since, until) in spans.items():
            described = Described("copy", f"T {state}", occasion="festival", valid_from=since, valid_until=until)
            made = add_material(described=described, by=MINE, now=now)
            version = add_version(material_id=made.id, text="tea {link}", by=MINE, now=now)
            if state != "waiting":
                offer(version_id=version.id, by=SECOND, now=now)
        everything = find_materials(now=now, occasion="festival")
        states = states_of(everything, now)
        for state in STATES:
            found = find_materials(now=now, occasion="festival", state=state)
            assert [one.title for one in found] == [f"T {state}"] * (state != "withdrawn")
            assert {states[one.id] for one in found} <= {state}
    monkeypatch.setattr(materials, "PAGE", 3)
    first = writer.get("/console/materials?occasion=festival")
    assert first.content.decode().count('class="row-link') == 3 and "cursor=" in first.content.decode()


def test_who_may_see_changes_nothing_and_who_may_not_see_sees_nothing(shop: Shop) -> None:
    from tests.e2e.shop import PASSWORD

    with tenant_scope(shop.house.id):
        add_login(name=f"auditor-{shop.house.slug}", password=PASSWORD, role=Role.AUDITOR, by=TESTER, now=utc_now())
    for name, status in ((f"auditor-{shop.house.slug}", 200), (shop.support, 403)):
        client = enter(name)
        assert client.get("/console/materials").status_code == status
        assert client.get("/console/materials/new").status_code == 403
        assert client.post("/console/materials/look", {"text": "x"}).status_code == 403
