"""Why not them: an order's page says of any promoter what was there of theirs and why it did not win."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.test import Client

from rongshu.domain.commerce.orders.queries import find_order
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.bonds.actions import give_bond
from rongshu.domain.referral.clicks.actions import Met, record_touches
from rongshu.domain.referral.links.actions import ensure_codes
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.interfaces.console.test_links import enter

if TYPE_CHECKING:
    from tests.e2e.shop import Shop


@pytest.fixture(scope="module")
def shop() -> Shop:
    """m4 belongs to m2, entered a code of m3 long ago and lately, and bought with m0's code and without."""
    from tests.e2e.shop import open_shop

    made, now = open_shop(), utc_now()
    with tenant_scope(made.house.id):
        m0, m2, m3, buyer = (find_member(f"m{n}").id for n in (0, 2, 3, 4))
        give_bond(
            member_id=buyer, promoter_id=m2, until=None, reason="old customer", by=TESTER, now=now - timedelta(days=20)
        )
        code = ensure_codes(promoter_ids=[m0], by=TESTER, now=now - timedelta(days=20))[m0]
        record_touches(met=[Met(buyer, m3, "entry", now - timedelta(days=days)) for days in (50, 3)])
        for name, more in (("W-1", {}), ("W-2", {"code": code})):
            entry = {
                "id": name,
                "paid_at": now - timedelta(hours=1),
                "buyer": "m4",
                "lines": [{"sku": "x", "paid": "10.00"}],
                **more,
            }
            accepted = accept_orders(orders=[entry], tenant=made.house, by=TESTER, now=now)
            assert accepted.results[0].problem is None
    while work_off(made.house.id, now=now):
        pass
    return made


@pytest.fixture(scope="module")
def operator(shop: Shop) -> Client:
    return enter(shop.support)


def ask(client: Client, shop: Shop, order: str, who: str) -> str:
    with tenant_scope(shop.house.id):
        identifier = outside("ord", find_order(order))
    page = client.get(f"/console/orders/{identifier}?other={who}").content.decode()
    part = re.search(r'id="other">(.*?)</section>', page, re.DOTALL)
    assert part is not None
    return " ".join(re.sub(r"<[^>]+>", " ", part[1]).split())


def test_whoever_tried_to_snatch_the_customer_reads_why_not(operator: Client, shop: Shop) -> None:
    said = ask(operator, shop, "W-1", "m3")
    assert "No code of theirs came with the order." in said and "The buyer never belonged to them before." in said
    assert said.count("The buyer entered a code of theirs") == 2
    assert "A way that is asked earlier had already named somebody." in said
    assert "longer before the payment than the policy" in said


def test_the_holder_who_lost_one_to_a_code(operator: Client, shop: Shop) -> None:
    said = ask(operator, shop, "W-2", "m2")
    assert "The buyer belonged to them. A way that is asked earlier had already named somebody." in said
    assert "Nothing of theirs is known to have met the buyer." in said
    assert "The order is credited to them." in ask(operator, shop, "W-2", "m0")


def test_who_was_not_active_or_is_nobody(operator: Client, shop: Shop) -> None:
    assert "nothing of theirs could count" in ask(operator, shop, "W-1", "m1")
    assert "not a promoter" in ask(operator, shop, "W-1", "m4")
    assert "no policy was asked" in ask(operator, shop, "T-0", "m3")
