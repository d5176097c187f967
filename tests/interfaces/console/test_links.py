"""Links in the console: made, found, turned off, ended and taken over by the same actions as everywhere."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.links.actions import Wanted, make_links
from rongshu.domain.referral.links.models import Link
from rongshu.domain.referral.links.queries import promoters_by_code
from rongshu.interfaces.console.views import links
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
ROW = r'<td data-at="under"><code>(\w+)</code>'


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


def enter(name: str) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.101.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/console/sign-in", {"account": name, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def member(shop: Shop, name: str) -> int:
    with tenant_scope(shop.house.id):
        return find_member(name).id


def newest(shop: Shop) -> Link:
    with tenant_scope(shop.house.id):
        found = Link.objects.order_by("-id").first()
    assert found is not None
    return found


def test_a_link_is_made_for_a_promoter_and_for_the_house(operator: Client, shop: Shop) -> None:
    new = "/console/promotion/links/new"
    assert operator.post(new, {"promoter": shop.promoter, "channel": "moments"}).status_code == 302
    theirs = newest(shop)
    assert (theirs.promoter_id, theirs.channel, theirs.kind) == (member(shop, "m2"), "moments", "link")
    assert operator.post(new, {"leads": "address", "target": "/rules/x", "label": "double 11"}).status_code == 302
    ours = newest(shop)
    with tenant_scope(shop.house.id):
        assert ours.promoter_id == 0 and promoters_by_code([ours.slug, theirs.slug], utc_now()) == {
            theirs.slug: theirs.promoter_id
        }


def test_an_outside_address_needs_its_host(operator: Client, shop: Shop) -> None:
    new = {"leads": "address", "target": "https://shop.example.com/a", "promoter": "m2"}
    refused = operator.post("/console/promotion/links/new", new)
    page = refused.content.decode()
    assert refused.status_code == 200 and "shop.example.com" in page and 'aria-invalid="true"' in page
    assert operator.post("/console/promotion/hosts", {"host": "Shop.Example.com"}).status_code == 302
    assert operator.post("/console/promotion/links/new", new).status_code == 302
    assert newest(shop).target == "https://shop.example.com/a"
    assert "no host name" not in operator.get("/console/promotion/hosts").content.decode()
    wrong = operator.post("/console/promotion/hosts", {"host": "no host"})
    assert wrong.status_code == 200 and "is not a host name" in wrong.content.decode()


def test_links_are_found_by_what_they_are(operator: Client, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now()
    with tenant_scope(shop.house.id):
        who = find_member("m3").id
        made = make_links(
            wanted=[Wanted(who, channel="test"), *[Wanted(who, kind="join", channel="test")] * 4], by=TESTER, now=now
        )
        ended = make_links(wanted=[Wanted(who, channel="test", expires_at=now + timedelta(days=1))], by=TESTER, now=now)
        Link.objects.filter(id=ended[0].id).update(expires_at=now - timedelta(days=1))
    monkeypatch.setattr(links, "PAGE", 2)

    def walk(query: str) -> list[str]:
        path, found = f"/console/promotion/links?{query}", []
        while True:
            page = operator.get(path).content.decode()
            found += re.findall(ROW, page)
            following = re.search(r'rel="next" href="(\?[^"]*)"', page)
            if following is None:
                return found
            path = "/console/promotion/links" + following[1].replace("&amp;", "&")

    slugs = [one.slug for one in made]
    assert walk("promoter=m3&channel=test&state=open") == slugs[::-1]
    assert walk("promoter=m3&kind=join") == slugs[:0:-1]
    assert walk("channel=test&state=expired") == [ended[0].slug]
    assert not set(walk("house=yes")) & {*slugs, ended[0].slug}
    assert operator.get(f"/console/promotion/links?q={slugs[0].upper()}").status_code == 302
    assert "Nobody is known as" in operator.get("/console/promotion/links?promoter=zzz").content.decode()


def test_a_link_is_ended_turned_off_and_taken_over(operator: Client, shop: Shop) -> None:
    with tenant_scope(shop.house.id):
        (one,) = make_links(wanted=[Wanted(find_member("m2").id)], by=TESTER, now=utc_now())
    path = f"/console/promotion/links/{outside('lnk', one.id)}"
    day = (utc_now() + timedelta(days=9)).astimezone(shop.house.zone).date()
    for form in (
        {"do": "end", "ends": day.isoformat()},
        {"do": "take_over", "promoter": "m3", "reason": "moved away"},
        {"do": "off", "reason": "printed wrongly"},
    ):
        assert operator.post(path, form).status_code == 302
    page = operator.get(path).content.decode()
    assert f'value="{day}"' in page and "printed wrongly" in page and "moved away" in page and "Turn on again" in page
    kept = newest(shop)
    assert kept.promoter_id == member(shop, "m3") and kept.disabled_at is not None
    operator.post(path, {"do": "take_over", "promoter": "m4", "reason": "m4 only buys"})
    assert newest(shop).promoter_id == member(shop, "m3")
    for form in ("png", "svg"):
        assert operator.get(f"{path}/qr.{form}").status_code == 200


def test_support_sees_and_changes_nothing(shop: Shop) -> None:
    client = enter(shop.support)
    assert client.get("/console/promotion/links").status_code == 200
    one = outside("lnk", newest(shop).id)
    assert client.get("/console/promotion/links/new").status_code == 403
    assert client.post(f"/console/promotion/links/{one}", {"do": "off", "reason": "no"}).status_code == 403
    assert client.post("/console/promotion/hosts", {"host": "shop.example.org"}).status_code == 403
