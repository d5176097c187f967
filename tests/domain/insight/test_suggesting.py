"""Suggestions for promoters: learned from real orders, used only where they beat the best sellers, and never another tenant's."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from rongshu.domain.commerce.products.actions import Described, put_products, share_product
from rongshu.domain.insight.suggesting.actions import learn_suggestions
from rongshu.domain.insight.suggesting.models import Affinity
from rongshu.domain.insight.suggesting.queries import learned_last, suggested_for
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.work import work_off
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

SELLERS, KIND = 60, 8
SKUS = [f"{kind}{number}" for kind in "abcd" for number in range(KIND)]


def sold(tenant: int, now: datetime, *, by_kind: bool) -> dict[str, int]:
    """Sellers who sell products of one kind, or of both without any order in it; half a year of it."""
    random = np.random.default_rng(7)
    since = now - timedelta(days=200)
    with tenant_scope(tenant):
        put_products(products=[Described(sku, f"Product {sku}") for sku in SKUS], by=TESTER, now=since)
        people = ensure_members(external_ids=[f"s{n}" for n in range(SELLERS)] + ["new", "x"], now=since)
        joinings = [Joining(one, None, since) for name, one in people.items() if name != "x"]
        enrol_promoters(joinings=joinings, by=TESTER, now=since)
        orders = []
        for seller in range(SELLERS):
            own = SKUS[seller % 4 * KIND :][:KIND] if by_kind else SKUS
            chosen = random.permutation(own)
            for place, sku in enumerate(chosen[:KIND]):
                days = 150 - 20 * place if place < 6 else 10
                orders.append(
                    {
                        "id": f"{seller}-{place}", "paid_at": now - timedelta(days=days, minutes=seller), "buyer": "x",
                        "promoter": f"s{seller}", "lines": [{"sku": str(sku), "paid": "10.00"}],
                    }
                )  # fmt: skip
        accepted = accept_orders(orders=orders, tenant=house(), by=TESTER, now=now)  # type: ignore[arg-type]
        assert {one.problem for one in accepted.results} == {None}
    while work_off(tenant, now=now):
        pass
    return people


def test_who_sells_a_kind_is_shown_the_rest_of_it_and_why(tenant: int, now: datetime) -> None:
    people = sold(tenant, now, by_kind=True)
    with tenant_scope(tenant):
        enrolled = people["new"]
        first = [
            {"id": f"new-{sku}", "paid_at": now - timedelta(days=3), "buyer": "x", "promoter": "new", "lines": [{"sku": sku, "paid": "10.00"}]}
            for sku in ("a0", "a1", "a2")
        ]  # fmt: skip
        accept_orders(orders=first, tenant=house(), by=TESTER, now=now)  # type: ignore[arg-type]
    while work_off(tenant, now=now):
        pass
    with tenant_scope(tenant):
        assert learn_suggestions(now=now) == len(SKUS)
        assert learn_suggestions(now=now) == 0, "once a day is enough"
        last = learned_last()
        assert last is not None and last.used and last.measured > last.measured_popular
        shown = suggested_for(enrolled, limit=4)
        assert {one.product.sku for one in shown} <= {f"a{n}" for n in range(3, KIND)} and len(shown) == 4
        assert all(one.because is not None and one.because.sku in ("a0", "a1", "a2") for one in shown)
        share_product(sku=shown[0].product.sku, on=False, by=TESTER, now=now)
        assert shown[0].product.sku not in {one.product.sku for one in suggested_for(enrolled, limit=5)}
        assert suggested_for(people["x"], limit=3)[0].because is None, "who has sold nothing is shown what sells best"
    other = found(now=now).id
    with tenant_scope(other):
        assert suggested_for(enrolled) == [] and not Affinity.objects.exists()
        assert learn_suggestions(now=now) == 0


def test_what_beats_nothing_is_not_used(tenant: int, now: datetime) -> None:
    people = sold(tenant, now, by_kind=False)
    with tenant_scope(tenant):
        assert learn_suggestions(now=now) == len(SKUS)
        last = learned_last()
        assert last is not None
        if not last.used:
            assert not Affinity.objects.exists()
            assert all(one.because is None for one in suggested_for(people["s0"]))
        assert last.used == (last.measured > last.measured_popular)
