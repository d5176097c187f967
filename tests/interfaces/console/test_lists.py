"""Lists go on without losing or repeating a row; filters find what they name; nobody sees another tenant's rows."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from rongshu.interfaces.console.views import ledger, orders, promoters
from rongshu.interfaces.portal import views as portal

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


_addresses = itertools.count(1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


def _client(shop: Shop, face: str = "console") -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.100.{next(_addresses)}")  # signing in is rate limited
    field, name = ("account", shop.owner) if face == "console" else ("phone", shop.promoter)
    assert client.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
    return client


@pytest.fixture
def operator(shop: Shop) -> Client:
    return _client(shop)


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (orders, promoters, ledger, portal):
        monkeypatch.setattr(module, "PAGE", 7)


def _walk(client: Client, path: str, row: str) -> list[str]:
    """What `row` finds on a page and on every one after it."""
    found: list[str] = []
    for _ in range(100):
        response = client.get(path)
        assert response.status_code == 200
        page = response.content.decode()
        found += re.findall(row, page)
        following = re.search(r'(?:rel="next" href|hx-get)="(\?[^"]*cursor=[^"]*)"', page)
        if following is None:
            return found
        path = path.split("?")[0] + following[1].replace("&amp;", "&")
    raise AssertionError("a list without an end")


ORDER = r'<td data-at="lead"><a class="row-link" href="[^"]*">([^<]+)</a>'
PERSON = r'<td data-at="lead"><a class="row-link" href="[^"]*/(mem_\w+)">'


def test_every_order_once_latest_first(operator: Client) -> None:
    assert _walk(operator, "/console/orders", ORDER) == [f"T-{n}" for n in range(45)]


def test_orders_by_buyer_promoter_and_state(operator: Client, shop: Shop) -> None:
    everything = [f"T-{n}" for n in range(45)]
    (promoter,) = _walk(operator, f"/console/promoters?q={shop.promoter}", PERSON)
    assert _walk(operator, f"/console/orders?promoter={promoter}", ORDER) == everything
    response = operator.get("/console/orders?q=m4")
    assert response.status_code == 302 and "buyer=mem_" in response["Location"]
    assert _walk(operator, response["Location"], ORDER) == everything
    assert _walk(operator, "/console/orders?state=part_refunded", ORDER) == ["T-0"]
    assert _walk(operator, "/console/orders?state=paid", ORDER) == everything[1:]
    assert _walk(operator, "/console/orders?state=cancelled", ORDER) == []


def test_orders_by_day(operator: Client, shop: Shop) -> None:
    today = timezone.now().astimezone(shop.house.zone).date()
    early = _walk(operator, f"/console/orders?until={today - timedelta(days=1)}", ORDER)
    late = _walk(operator, f"/console/orders?since={today}", ORDER)
    assert sorted([*early, *late]) == sorted(f"T-{n}" for n in range(45))
    assert late and early and not set(early) & set(late)
    assert "不是日期" in operator.get("/console/orders?since=soon").content.decode()


@pytest.mark.parametrize("sort", ["-team_sales", "-team_size", "-joined"])
def test_every_promoter_once(operator: Client, sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(promoters, "PAGE", 1)
    found = _walk(operator, f"/console/promoters?sort={sort}", PERSON)
    assert len(found) == len(set(found)) == 4


def test_every_commission_of_a_promoter_once(operator: Client, shop: Shop) -> None:
    (promoter,) = _walk(operator, f"/console/promoters?q={shop.promoter}", PERSON)
    found = _walk(operator, f"/console/promoters/{promoter}", r'<header><span><a href="[^"]*">(T-\d+)</a>')
    assert found == [f"T-{n}" for n in range(45)]


def test_a_team_by_depth(operator: Client) -> None:
    top = _walk(operator, "/console/promoters?q=m0", PERSON)[0]
    for depth, name in ((1, "王磊"), (2, "林秀英"), (3, "陈晓雯")):
        page = operator.get(f"/console/promoters/{top}?view=team&depth={depth}").content.decode()
        assert re.findall(r'class="row-link"[^>]*>([^<]+)<', page) == [name]


def test_every_transfer_once(operator: Client) -> None:
    found = _walk(operator, "/console/ledger", r'<span class="transfer-sum">')
    assert len(found) == 45 * 2 + 1  # two lines an order, one reversal


def test_every_earning_once(shop: Shop) -> None:
    client = _client(shop, "portal")
    found = _walk(client, "/portal/earnings", r'class="earning" href="/portal/earnings/(ord_\w+)"')
    assert len(found) == len(set(found)) == 45
    client.defaults["HTTP_HX_REQUEST"] = "true"
    part = client.get("/portal/earnings").content.decode()
    assert "<html" not in part and part.count('class="earning"') == 7


def test_a_page_asks_as_often_for_many_rows_as_for_few(operator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, module in (("/console/orders", orders), ("/console/promoters", promoters), ("/console/ledger", ledger)):
        asked = []
        for size in (2, 40):
            monkeypatch.setattr(module, "PAGE", size)
            with CaptureQueriesContext(connection) as queries:
                assert operator.get(path).status_code == 200
            asked.append(len(queries))
        assert asked[0] == asked[1]


def test_another_tenants_rows_are_not_there(shop: Shop) -> None:
    from tests.e2e.shop import open_shop

    stranger = _client(open_shop())
    assert stranger.get(f"/console/orders/{shop.order}").status_code == 404
    assert stranger.get(f"/console/search?q={shop.promoter}").content.decode().count("mem_") == 0


@pytest.mark.parametrize(
    "path",
    [
        "/console/",
        "/console/orders",
        "/console/plans/draft",
        "/console/ledger",
        "/portal/",
        "/portal/team",
        "/portal/earnings/ord_1",
    ],
)
def test_a_stranger_is_shown_the_door(path: str) -> None:
    response = Client(HTTP_HOST="localhost").get(path)
    assert response.status_code == 302 and "/sign-in?next=" in response["Location"]


def test_writing_needs_a_token_and_a_post(shop: Shop) -> None:
    client = Client(HTTP_HOST="localhost", enforce_csrf_checks=True)
    assert client.post("/console/sign-in", {"account": shop.owner, "password": "x"}).status_code == 403
    operator = _client(shop)
    for path in ("/console/ledger/run", "/console/refused/inb_0000000000000", "/console/sign-out", "/language"):
        assert operator.get(path).status_code == 405


def test_after_signing_in_nobody_is_sent_elsewhere(shop: Shop) -> None:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="198.51.100.200")
    for wanted in ("https://evil.example/", "//evil.example/", "/portal/"):
        response = client.post("/console/sign-in", {"account": shop.owner, "password": PASSWORD, "next": wanted})
        assert response["Location"] == "/console/"
        client.post("/console/sign-out")


def test_guessing_is_slowed(shop: Shop) -> None:
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR="203.0.113.9")
    answers = [
        client.post("/console/sign-in", {"account": "guess", "password": "x"}).content.decode() for _ in range(11)
    ]
    assert "账号或密码不对" in answers[9] and "尝试次数过多" in answers[10]
