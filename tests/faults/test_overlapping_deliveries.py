"""Two workers deliver events at once: what one holds, the other passes over, and what comes later may be delivered first."""

from __future__ import annotations

import threading
from datetime import datetime

from django.db import connection

from rongshu.domain.commerce.orders.models import Order
from rongshu.domain.referral.standings.actions import count_refunds, count_sales
from rongshu.domain.referral.standings.models import Sales
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import EVENTS
from rongshu.kernel.outbox.actions import deliver
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER
from tests.faults.small import ONE, house_with_plan


def _bring_in(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        accept_orders(orders=[ONE], tenant=house, by=TESTER, now=now)
    work_off(house.id, now=now)


def test_a_refund_delivered_before_its_sale_is_taken_off_all_the_same(now: datetime) -> None:
    house = house_with_plan(now)
    _bring_in(house, now)
    holding, go_on = threading.Event(), threading.Event()
    slow = {**EVENTS, "order.paid": (*EVENTS["order.paid"], lambda _: (holding.set(), go_on.wait(20)))}

    def first_worker() -> None:
        with tenant_scope(house.id):
            deliver(slow, now=now)
        connection.close()

    first = threading.Thread(target=first_worker)
    first.start()
    try:
        assert holding.wait(20)
        with tenant_scope(house.id):
            refund = {"id": "R1", "order": ONE["id"], "refunded_at": now, "lines": [{"line_no": 1, "amount": "30.00"}]}
            accept_refunds(refunds=[refund], tenant=house, by=TESTER, now=now)
        work_off(house.id, now=now)

        def second_worker() -> None:
            with tenant_scope(house.id):
                deliver(EVENTS, now=now)
            connection.close()

        second = threading.Thread(target=second_worker)
        second.start()
        second.join(1.0)  # it may have to wait for the first one
    finally:
        go_on.set()
        first.join(20)
    second.join(20)
    with tenant_scope(house.id):
        while deliver(EVENTS, now=now):
            pass
        (sales,) = Sales.objects.all()
        assert (sales.orders, sales.sales) == (1, 7_000)


def test_what_comes_first_does_not_matter(now: datetime) -> None:
    house = house_with_plan(now)
    _bring_in(house, now)
    with tenant_scope(house.id):
        order = Order.objects.get().id
        count_refunds(orders=[order], amounts=[3_000])
        count_sales(orders=[order])
        (sales,) = Sales.objects.all()
        assert (sales.orders, sales.sales) == (1, 7_000)
