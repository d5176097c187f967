"""The attribution policy in the console: read in words, tried on past orders, published from a day on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.attribution.queries import policy, policy_history
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.engine.attribution import Policy
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_links import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

PATH = "/console/promotion/attribution"
FORM = {
    "place_code": "1", "place_bond": "2", "place_touch": "3", "place_store": "4", "touch": "last", "window_click": "30",
    "window_scan": "30", "window_entry": "30", "bonds_code": "yes", "bonds_touch": "yes", "bond_days": "0", "bond_extends": "yes",
    "self_credit": "yes",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    from tests.e2e.shop import open_shop

    made = open_shop()
    now = utc_now()
    with tenant_scope(made.house.id):
        buyer, holder = find_member("m4").id, find_member("m2").id
        give_bond(
            member_id=buyer,
            promoter_id=holder,
            until=None,
            reason="old customer",
            by=TESTER,
            now=now - timedelta(days=10),
        )
        entry = {
            "id": "B-1",
            "paid_at": now - timedelta(hours=1),
            "buyer": "m4",
            "lines": [{"sku": "CM-050", "category": "beauty", "paid": "100.00"}],
        }
        accepted = accept_orders(orders=[entry], tenant=made.house, by=TESTER, now=now)
        assert accepted.results[0].problem is None
    while work_off(made.house.id, now=now):
        pass
    yield made


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.reader)


def window(shop: Shop) -> dict[str, str]:
    today = utc_now().astimezone(shop.house.zone).date()
    return {"since": str(today - timedelta(days=2)), "until": str(today)}


def test_what_is_in_force_is_said_in_words(operator: Client) -> None:
    page = operator.get(PATH).content.decode()
    assert (
        "The policy every tenant begins with" in page
        and "A bond lasts for ever." in page
        and "What the draft does" not in page
    )


def test_the_form_as_it_stands_is_what_is_in_force(operator: Client, shop: Shop) -> None:
    page = operator.post(PATH, {**FORM, **window(shop), "do": "try"}).content.decode()
    assert "Every order of this time would go where it went." in page and "What the draft does" not in page


def test_a_draft_tried_says_whose_orders_move_and_why(operator: Client, shop: Shop) -> None:
    draft = {**FORM, **window(shop), "place_bond": "0", "bonds_code": "", "bonds_touch": ""}
    page = operator.post(PATH, {**draft, "do": "try"}).content.decode()
    assert "B-1" in page and "林秀英" in page and "no bond is asked for" in page and "data-new" in page
    rows = operator.post(PATH, {**draft, "do": "file"}).content.decode("utf-8-sig").splitlines()
    assert len(rows) == 2 and rows[1].startswith("B-1,") and ",100.00,15.00," in rows[1]
    assert "whom the buyer belongs to" in rows[1] and rows[1].endswith(",,,nobody was found")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"place_bond": "1"}, "Two ways cannot be asked at the same place."),
        ({"bond_days": "ten"}, "Days are whole numbers."),
        ({"window_click": "99999"}, "This is below the least or beyond the most days."),
        ({"place_code": "0"}, "This needs a method that the policy does not ask."),
        ({"since": "soon"}, "This is no day"),
        ({"since": "2020-01-01"}, "within a year"),
    ],
)
def test_what_does_not_fit_is_said(operator: Client, shop: Shop, change: dict[str, str], words: str) -> None:
    response = operator.post(PATH, {**FORM, **window(shop), **change, "do": "try"})
    page = response.content.decode()
    assert response.status_code == 200 and words in page and 'aria-invalid="true"' in page


def test_published_from_a_day_to_come_it_waits_for_that_day(operator: Client, shop: Shop) -> None:
    now = utc_now()
    day = now.astimezone(shop.house.zone).date() + timedelta(days=3)
    draft = {**FORM, "touch": "first", "do": "publish", "begins": str(day)}
    assert "Say why." in operator.post(PATH, draft).content.decode()
    past = operator.post(PATH, {**draft, "begins": "2020-01-01", "reason": "test"}).content.decode()
    assert "never in the past" in past
    assert operator.post(PATH, {**draft, "reason": "first touch from then"}).status_code == 302
    with tenant_scope(shop.house.id):
        assert policy(now)[1] == Policy() and policy(now + timedelta(days=5))[1].touch == "first"
        assert [one.reason for one in policy_history()] == ["first touch from then"]
    page = operator.get(PATH).content.decode()
    assert "Scheduled" in page and "first touch from then" in page


def test_support_reads_and_does_not_publish(shop: Shop) -> None:
    client = enter(shop.support)
    assert "Publish" not in client.get(PATH).content.decode()
    assert client.post(PATH, {**FORM, "do": "publish", "reason": "mine", "touch": "first"}).status_code == 403
