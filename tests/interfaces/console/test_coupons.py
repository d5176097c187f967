"""Coupons in the console: a kind made by form, sent, given by code, used and returned; every refusal in place."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commerce.coupons.actions import redeem_code
from rongshu.domain.commerce.coupons.models import CouponKind
from rongshu.domain.commerce.coupons.queries import count_held
from rongshu.domain.marketing.segments.actions import create_segment
from rongshu.domain.marketing.sending.actions import go_on
from rongshu.domain.marketing.sending.queries import sendings
from rongshu.domain.members.profiles.queries import ids_by_external_id
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
HERE = "/console/offers/coupons"
TEN_OFF = {
    "name": "Ten off", "kind": "fixed", "amount": "10", "min_spend": "50", "number": "3", "per_person": "1",
    "returns": "whole", "remind_days": "3", "with-sale": "yes",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


def enter(name: str) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.106.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/console/sign-in", {"account": name, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def words(client: Client, path: str, form: dict[str, str] | None = None) -> str:
    answer = client.get(path) if form is None else client.post(path, form, follow=True)
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def made(operator: Client, shop: Shop, **changed: str) -> CouponKind:
    """A kind by the form."""
    words(operator, f"{HERE}/new", {**TEN_OFF, **changed})
    with tenant_scope(shop.house.id):
        return CouponKind.objects.filter(tenant_id=shop.house.id).latest("id")


def test_a_kind_is_looked_at_made_and_keeps_what_was_promised(operator: Client, shop: Shop) -> None:
    refused = words(operator, f"{HERE}/new", {**TEN_OFF, "amount": "ten"})
    assert 'value="ten"' in refused and 'aria-invalid="true"' in refused
    assert "At most 3 coupons, which cost at most" in words(operator, f"{HERE}/look", TEN_OFF)
    kind = made(operator, shop)
    page = f"{HERE}/{outside('cpk', kind.id)}"
    assert "Ten off" in words(operator, HERE + "?q=Ten") and "Ten off" not in words(operator, HERE + "?q=Nine")
    assert "Sent to 2 members" in words(operator, page, {"do": "send", "members": "m3, m4", "ref": "r1"})
    assert kind.amount == 1000
    words(operator, page + "/terms", {**TEN_OFF, "amount": "1", "name": "Ten off, again"})
    with tenant_scope(shop.house.id):
        kept = CouponKind.objects.get(id=kind.id)
        assert (kept.amount, kept.name, kept.given) == (1000, "Ten off, again", 2)


def test_sending_names_who_is_unknown_and_stops_at_the_number(operator: Client, shop: Shop) -> None:
    kind = made(operator, shop)
    page = f"{HERE}/{outside('cpk', kind.id)}"
    refused = words(operator, page, {"do": "send", "members": "m3\nnobody", "ref": "r1"})
    assert "Nobody is called nobody" in refused
    send = {"do": "send", "members": f"m1，{shop.promoter},m2", "ref": "r2"}
    assert "Sent to 2 members" in words(operator, page, send)
    words(operator, page, send)
    with tenant_scope(shop.house.id):
        assert CouponKind.objects.get(id=kind.id).given == 2
    too_many = words(operator, page, {"do": "send", "members": "m0,m1,m3", "ref": "r3"})
    assert 'role="alert"' in too_many and "Sent to" not in too_many
    with tenant_scope(shop.house.id):
        assert CouponKind.objects.get(id=kind.id).given == 2
    assert ">m2</a>" in words(operator, page + "?tab=given")


def test_codes_are_made_once_downloaded_and_ended(operator: Client, shop: Shop) -> None:
    kind = made(operator, shop, number="")
    page = f"{HERE}/{outside('cpk', kind.id)}"
    assert "Give a number" in words(operator, page, {"do": "codes", "count": "many", "ref": "c0"})
    batch = {"do": "codes", "count": "50", "name": "leaflets", "ref": "c1"}
    assert "50 codes were made" in words(operator, page, batch)
    listed = words(operator, page, batch)
    assert listed.count("/end") == 1
    address = listed.split('href="' + HERE + "/codes/")[1].split(".csv")[0]
    rows = operator.get(f"{HERE}/codes/{address}.csv").content.decode("utf-8-sig").splitlines()
    codes = [row.split(",")[0] for row in rows[1:]]
    assert len(set(codes)) == 50
    with tenant_scope(shop.house.id):
        (member,) = ids_by_external_id(["m1"]).values()
        before = count_held(member, now=utc_now())
        redeem_code(code=codes[0], member_id=member, by=TESTER, now=utc_now())
        assert count_held(member, now=utc_now()) == before + 1
    assert "void" in words(operator, f"{HERE}/codes/{address}/end", {})


def test_support_sees_them_and_changes_nothing(operator: Client, shop: Shop) -> None:
    kind, support = made(operator, shop), enter(shop.support)
    page = f"{HERE}/{outside('cpk', kind.id)}"
    assert "Ten off" in words(support, page)
    assert support.get(f"{HERE}/new").status_code == 403
    for form in ({"do": "send", "members": "m3", "ref": "s"}, {"do": "codes", "count": "5"}, {"do": "close"}):
        assert support.post(page, form).status_code == 403
    with tenant_scope(shop.house.id):
        kept = CouponKind.objects.get(id=kind.id)
        assert kept.given == 0 and kept.open
    words(operator, page, {"do": "close"})
    closed = words(operator, page, {"do": "send", "members": "m3", "ref": "s"})
    assert "Sent to" not in closed and 'role="alert"' in closed


def test_a_segment_gets_it_portion_by_portion(operator: Client, shop: Shop) -> None:
    with tenant_scope(shop.house.id):
        made_of = create_segment(name="Everybody", document={"fact": "orders", "at_least": 0}, by=TESTER, now=utc_now())
    kind = made(operator, shop, number="")
    page, segment = f"{HERE}/{outside('cpk', kind.id)}", outside("seg", made_of.id)
    assert "Choose a segment" in words(operator, page, {"do": "segment", "ref": "s0"})
    begun = words(operator, page, {"do": "segment", "segment": segment, "ref": "s1"})
    assert f"on its way to {made_of.size} members" in begun and "data-fresh" in begun
    with tenant_scope(shop.house.id):
        while go_on(now=utc_now()):
            pass
        assert CouponKind.objects.get(id=kind.id).given == made_of.size
    done = words(operator, page)
    assert f"{made_of.size} / {made_of.size}" in done and "data-fresh" not in done
    small = made(operator, shop, number="1")
    page = f"{HERE}/{outside('cpk', small.id)}"
    assert f"There are 1 left for {made_of.size} members" in words(
        operator, page, {"do": "segment", "segment": segment}
    )
    other = made(operator, shop, number="")
    page = f"{HERE}/{outside('cpk', other.id)}"
    words(operator, page, {"do": "segment", "segment": segment, "ref": "s2"})
    with tenant_scope(shop.house.id):
        (running,) = sendings(kind_id=other.id)
    assert "Somebody stopped it" in words(operator, page, {"do": "stop", "sending": outside("snd", running.id)})
