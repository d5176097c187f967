"""Closed periods in the console and the portal: listed, opened, explained, and the running ones as they stand."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.interfaces.console.views import periods as views
from rongshu.kernel.clock import utc_now

if TYPE_CHECKING:
    from tests.domain.commission.months import Months

_numbers = itertools.count(1)
PASSWORD = "a banyan grows"


class Doors:
    """A shop of closed months, its owner and its promoter c signed in."""

    def __init__(self, shop: Months) -> None:
        from rongshu.kernel.access.actions import add_login
        from rongshu.kernel.access.rules import Role
        from tests.factories import TESTER

        self.shop = shop
        phone = str(13_900_000_000 + shop.tenant % 90_000_000)
        with shop.scope():
            now = utc_now()
            add_login(name=f"o{shop.tenant}", password=PASSWORD, role=Role.OWNER, by=TESTER, now=now)
            add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=shop.ids["c"], by=TESTER, now=now)
        self.console = self._client("console", "account", f"o{shop.tenant}")
        self.portal = self._client("portal", "phone", phone)

    def _client(self, face: str, field: str, name: str) -> Client:
        client = Client(
            HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.113.{next(_numbers)}", headers={"accept-language": "en"}
        )
        client.cookies["django_language"] = "en"
        assert client.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
        return client


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    from tests.domain.commission.months import Months, at
    from tests.factories import found

    shop = Months(found(now=datetime(2025, 11, 1, tzinfo=UTC)).id)
    shop.order("1", "c", "700.00", at(1, 5))
    shop.order("2", "b", "300.00", at(1, 5))
    shop.close(at(2, 16))
    shop.refund("1", "650.00", at(2, 20))
    shop.close(at(3, 16))
    shop.refund("2", "1.00", at(3, 20))
    shop.order("running", "c", "200.00", utc_now())
    yield Doors(shop)


def text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return squeezed(html.unescape(re.sub(r"<[^>]+>", "", response.content.decode())))


def squeezed(words: str) -> str:
    """Without blanks: amounts are written in pieces."""
    return re.sub(r"\s+", "", words)


def test_the_operator_reads_what_was_closed_and_why(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    page = doors.console.get("/console/periods").content.decode()
    links = re.findall(r'href="(/console/periods/per_\w+)">2026-01', page)
    assert len(links) == 2
    assert len(re.findall("Something came late", page)) == 2
    opened = [text(doors.console, link) for link in links]
    steps, pool = sorted(opened, key=lambda one: "Fund" in one)
    assert squeezed("Closed: ¥10.00 for 2 promoters") in steps
    assert squeezed("Adjusted after late orders or refunds: −¥8.00 for 1 promoter") in steps
    assert squeezed("House's net base") in pool
    monkeypatch.setattr(views, "PAGE", 1)
    first = doors.console.get(links[0]).content.decode()
    assert first.count("Why this amount") == 1
    following = re.search(r'rel="next" href="(\?[^"]*cursor=[^"]*)"', first)
    assert following is not None
    second = doors.console.get(links[0] + following[1].replace("&amp;", "&")).content.decode()
    assert re.findall(r"/console/promoters/mem_\w+", first) != re.findall(r"/console/promoters/mem_\w+", second)
    why = re.findall(r'hx-get="(/console/periods/[^"]*/why/mem_\w+)"', first + second)
    told = [text(doors.console, one) for one in why]
    assert any(squeezed("was taken back") in one for one in told)


def test_the_operator_sees_the_running_periods(doors: Doors) -> None:
    page = text(doors.console, "/console/periods/running")
    assert squeezed("Own sales so far ¥200.00") in page
    assert squeezed("Would be paid ¥1.00 1 promoter") in page
    assert squeezed("Fund ¥2.00") in page


def test_strange_addresses_are_refused(doors: Doors) -> None:
    for path in ("/console/periods/per_0", "/console/periods/x", "/console/periods/x/why/y", "/portal/rewards/per_0"):
        client = doors.portal if "portal" in path else doors.console
        assert client.get(path).status_code == 404, path


def test_the_promoter_reads_rewards_among_the_earnings(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.interfaces.portal import views as portal

    page = doors.portal.get("/portal/earnings").content.decode()
    titles = re.findall(r"Reward for 2026-\d\d(?:, adjusted)?", page)
    assert titles == ["Reward for 2026-01, adjusted"] * 2 + ["Reward for 2026-01"] * 2
    told = "".join(text(doors.portal, link) for link in set(re.findall(r'href="(/portal/rewards/per_\w+)"', page)))
    assert squeezed("Between ¥100.00 and ¥500.00: ¥400.00 at 1% is ¥4.00.") in told
    assert squeezed("own sales: ¥700.00 of ¥1000.00 of all who share make ¥7.00") in told
    assert squeezed("Adjusted") in told
    assert "Reward for" not in doors.portal.get("/portal/earnings?state=pending").content.decode()
    monkeypatch.setattr(portal, "PAGE", 2)
    seen: list[str] = []
    path = "/portal/earnings"
    for _ in range(10):
        part = doors.portal.get(path).content.decode()
        seen += re.findall(r'class="earning" href="([^"]+)"', part)
        following = re.search(r'hx-get="(\?[^"]*cursor=[^"]*)"', part)
        if following is None:
            break
        path = "/portal/earnings" + following[1].replace("&amp;", "&")
    assert seen == re.findall(r'class="earning" href="([^"]+)"', page)
    assert len(seen) == 6


def test_the_promoter_sees_how_the_month_stands(doors: Doors) -> None:
    page = text(doors.portal, "/portal/")
    assert squeezed("Own sales so far ¥200.00") in page
    assert squeezed("¥300.00 more and you reach ¥500.00: ¥4.00 in all, and 2% from there on.") in page


def test_the_rewards_of_one_promoter_each_with_its_why(doors: Doors) -> None:
    from rongshu.kernel.ids import outside

    me = outside("mem", doors.shop.ids["c"])
    page = doors.console.get(f"/console/promoters/{me}?view=rewards").content.decode()
    assert len(re.findall(r'href="/console/periods/per_\w+">2026-01', page)) == 4
    assert page.count("Adjusted") == 2
    for address in set(re.findall(r'hx-get="(/console/periods/[^"]*/why/mem_\w+)"', page)):
        assert squeezed("was taken back") in text(doors.console, address)
    nobody = outside("mem", doors.shop.ids["d"])
    assert "No rewards yet" in doors.console.get(f"/console/promoters/{nobody}?view=rewards").content.decode()


def test_who_may_not_see_periods_has_no_such_tab(doors: Doors) -> None:
    from rongshu.kernel.access.actions import add_login
    from rongshu.kernel.access.rules import Role
    from rongshu.kernel.ids import outside
    from tests.factories import TESTER

    with doors.shop.scope():
        add_login(name=f"s{doors.shop.tenant}", password=PASSWORD, role=Role.SUPPORT, by=TESTER, now=utc_now())
    support = doors._client("console", "account", f"s{doors.shop.tenant}")
    me = outside("mem", doors.shop.ids["c"])
    assert "view=rewards" not in support.get(f"/console/promoters/{me}").content.decode()
    asked_all_the_same = support.get(f"/console/promoters/{me}?view=rewards").content.decode()
    assert "/console/periods/" not in asked_all_the_same
