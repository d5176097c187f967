"""Price rules in the console: written by form into a draft, tried, published; the same reasons as over the API."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commerce.prices.queries import draft, rules_at
from rongshu.domain.marketing.segments.actions import create_segment
from rongshu.engine.prices.rules import read_rules
from rongshu.interfaces.console.price_form import fields_of, rule_of
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)

RULES = """
currency: CNY
member_prices:
- {id: gold, name: Gold, of: {categories: [tea]}, discount: 10%, when: {tiers: [gold]}}
sales:
- {id: d11, name: D11, fixed: "9.90", with_member_price: true,
   when: {from: 2026-11-11, to: "2026-11-12 20:00", weekdays: [1, 7], hours: 10:00-24:00, first_order: false}}
bundles:
- {id: b, name: Half, parts: [{pieces: 2, of: {skus: [a, b]}}, {}], cheapest: 50%, times: 3, goes_with: [sale]}
reductions:
- {id: r, name: Full, steps: [{spend: "300", minus: "40"}, {spend: "600", discount: 20%}]}
- {id: r2, name: Each, each: {spend: "100", minus: "10", times: 2}}
- {id: r3, name: Pieces, steps: [{pieces: 2, discount: 10%}]}
shipping:
- {id: s, name: Free, spend: "99"}
"""


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.107.{next(_addresses)}")  # signing in is rate limited
    assert client.post("/console/sign-in", {"account": shop.reader, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


def words(client: Client, path: str, form: dict[str, object] | None = None) -> str:
    answer = client.get(path) if form is None else client.post(path, form, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    """What somebody reads of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))


def test_every_rule_stands_in_its_fields() -> None:
    rules = read_rules(RULES)
    document = rules.canonical()
    for group in ("member_prices", "sales", "bundles", "reductions", "shipping"):
        document[group] = [rule_of(group, fields_of(group, rule), rule["id"]) for rule in document[group]]
    assert read_rules(document) == rules


def test_a_rule_is_drafted_tried_published_changed_and_removed(operator: Client, shop: Shop) -> None:
    new = "/console/offers/prices/sales/new"
    bad = words(operator, new, {"name": "Tea week", "how": "discount", "amount": "ten", "revision": "0"})
    assert "is not a percentage" in bad and 'value="ten"' in bad and 'aria-invalid="true"' in bad
    kept = words(
        operator, new, {"name": "Tea week", "how": "discount", "amount": "10", "skus": "T1，T2", "revision": "0"}
    )
    assert "Tea week" in kept and "10% off each" in kept and "T1, T2" in kept
    assert "Somebody else" in words(operator, new, {"name": "X", "how": "minus", "amount": "1", "revision": "0"})
    with tenant_scope(shop.house.id):
        (rule,) = draft().document["sales"]  # type: ignore[union-attr]
        assert not rules_at(utc_now())[1].sales
    tried = "/console/offers/prices/test?sku0=T1&qty0=2&price0=50"
    assert "To pay ¥100.00" in text(words(operator, tried))
    seen = text(words(operator, tried + "&rules=draft"))
    assert "90.00" in seen and "Tea week" in seen and "by the draft" in seen
    assert "Version 1" in words(
        operator, "/console/offers/prices", {"do": "publish", "revision": "1", "reason": "spring"}
    )
    assert "To pay ¥90.00" in text(words(operator, tried))
    path = f"/console/offers/prices/sales/{rule['id']}"
    assert 'value="10%"' in words(operator, path)
    assert "Removed" in words(operator, path, {"do": "remove", "revision": "0"})
    assert "Tea week" in words(operator, "/console/offers/prices", {"do": "discard", "revision": "1"})
    with tenant_scope(shop.house.id):
        assert draft() is None and rules_at(utc_now())[0] == 1


def test_a_rule_names_segments_by_ticking_them(operator: Client, shop: Shop) -> None:
    with tenant_scope(shop.house.id):
        made = create_segment(name="Old friends", document={"fact": "orders", "at_least": 0}, by=TESTER, now=utc_now())
    called, new = outside("seg", made.id), "/console/offers/prices/sales/new"
    assert f'name="segments" value="{called}"' in words(operator, new)
    rule = {"name": "For friends", "how": "minus", "amount": "5", "revision": "0", "segments": [called, "gone"]}
    assert "groups Old friends, gone" in words(operator, new, rule)
    with tenant_scope(shop.house.id):
        (kept,) = [one for one in draft().document["sales"] if one["name"] == "For friends"]  # type: ignore[union-attr]
        assert kept["when"]["segments"] == [called, "gone"]
    again = words(operator, f"/console/offers/prices/sales/{kept['id']}")
    assert f'value="{called}" checked' in again and 'value="gone" checked' in again
    words(operator, "/console/offers/prices", {"do": "discard", "revision": "1"})


def test_the_text_is_refused_with_its_places(operator: Client) -> None:
    page = "/console/offers/prices"
    refused = words(operator, page, {"do": "text", "revision": "0", "text": RULES.replace("10%", "ten", 1)})
    assert "member_prices[0].discount" in refused and "discount: ten" in refused
    assert "Full" in words(operator, page, {"do": "text", "revision": "0", "text": RULES})
    assert "begin now or later" in words(
        operator, page, {"do": "publish", "revision": "1", "begins": "2020-01-01T00:00"}
    )
    moved = words(operator, "/console/offers/prices/reductions/r2", {"do": "up", "revision": "1"})
    assert moved.index("For every 100.00") < moved.index("from 300.00")
    assert operator.get("/console/offers/prices/nothing/new").status_code == 404
    assert operator.get("/console/offers/prices/sales/nothing").status_code == 404


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("sku0=UNKNOWN&qty0=1", "has no price here"),
        ("sku0=T1&qty0=x&price0=1", "is not a whole number"),
        ("sku0=T1&price0=dear", "is not an amount"),
        ("sku0=T1&price0=1&member=nobody", "no member nobody"),
    ],
)
def test_the_tester_says_what_is_wrong(operator: Client, query: str, said: str) -> None:
    assert said in words(operator, f"/console/offers/prices/test?{query}")
