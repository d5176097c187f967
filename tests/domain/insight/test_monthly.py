"""The tenant's month adds up to the orders, the commissions and the ledger."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Sum

from rongshu.domain.commerce.orders.models import OrderLine
from rongshu.domain.insight.monthly.queries import month_figures
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.models import Balance


def test_months_add_up_to_the_books() -> None:
    from tests.e2e.shop import ORDERS, open_shop

    house = open_shop().house
    with tenant_scope(house.id):
        this = month_figures(utc_now().astimezone(house.zone).date())
        before = month_figures(this.since - timedelta(days=1))
        both = (this, before)
        assert sum(one.orders for one in both) == ORDERS
        lines = OrderLine.objects.aggregate(paid=Sum("paid"), back=Sum("refunded"))
        assert sum(one.paid for one in both) == lines["paid"]
        assert sum(one.sold for one in both) == lines["paid"] - lines["back"] and lines["back"] == 50_00
        cost = -Balance.objects.filter(book=Book.EXPENSE).aggregate(sum=Sum("amount"))["sum"]
        assert sum(one.cost for one in both) == cost > 0
        assert sum(one.taken_back for one in both) > 0
        for one in both:
            for parts in (one.by_kind, one.by_category):
                assert sum(part.accrued for part in parts) == one.accrued
                assert sum(part.reversed for part in parts) == one.taken_back
            assert sum(part.paid for part in one.by_category) == one.sold
        assert {part.category for one in both for part in one.by_category} == {"beauty/cream", "home"}
        full = max(both, key=lambda one: one.sold)
        assert full.ratio is not None
        assert abs(full.ratio * full.sold - full.cost * 1_000_000) <= full.sold
        empty = month_figures(before.since - timedelta(days=40))
        assert (empty.orders, empty.cost, empty.ratio, list(empty.by_kind)) == (0, 0, None, [])
