"""A small tenant with people, orders and refunds, brought in by the roads that real data takes."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.commerce.inbox import actions as inbox
from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, end_promoter, enrol_promoters
from rongshu.domain.referral.standings.actions import refresh_standings
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.shapes import OrderIn, RefundIn
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

PASSWORD = "a banyan grows"
PLAN = """
name: spring
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
overrides:
  - {id: beauty, level: 1, when: {category: [beauty]}, rate: 15%}
caps: {order: 25%}
release: {after: completed, days: 15}
"""
ORDERS = 45


@dataclass(frozen=True, slots=True)
class Shop:
    """The tenant, and the names that open its doors."""

    house: House
    owner: str
    reader: str
    """An operator of their own, for whoever signs in often: signing in is rate limited."""
    support: str
    promoter: str
    """The phone of 林秀英: level 1 of every order."""
    order: str
    """Our id of the order that has a refund."""
    ref: str


_numbers = itertools.count(13_800_000_000 + os.getpid() % 100_000 * 1000)


def open_shop() -> Shop:
    """Founds it, as of now."""
    now = utc_now()
    since = now - timedelta(days=60)
    house = found(now=since)
    phone = str(next(_numbers))
    with tenant_scope(house.id):
        publish_plan(text=PLAN, effective_from=since, by=TESTER, now=since)
        top, middle, direct, fresh, _buyer = (
            add_member(
                external_id=f"m{n}", phone=phone if name == "林秀英" else None, name=name, by=TESTER, now=since
            ).id
            for n, name in enumerate(("周国强", "王磊", "林秀英", "陈晓雯", "赵敏"))
        )
        enrol_promoters(
            joinings=[Joining(top, None, since), Joining(middle, top, since), Joining(direct, middle, since), Joining(fresh, direct, since)],
            by=TESTER, now=since,
        )  # fmt: skip
        end_promoter(promoter_id=middle, by=TESTER, now=since + timedelta(days=1))
        owner, reader, support = (f"{name}-{house.slug}" for name in ("owner", "reader", "support"))
        add_login(name=owner, password=PASSWORD, role=Role.OWNER, by=TESTER, now=now)
        add_login(name=reader, password=PASSWORD, role=Role.OPERATOR, by=TESTER, now=now)
        add_login(name=support, password=PASSWORD, role=Role.SUPPORT, by=TESTER, now=now)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=direct, by=TESTER, now=now)
        accepted = accept_orders(orders=[_order(n, now) for n in range(ORDERS)], tenant=house, by=TESTER, now=now)
        assert [result.problem for result in accepted.results if result.problem is not None] == []
        order = outside("ord", accepted.results[0].id)
    _work(house, now)
    with tenant_scope(house.id):
        refund: RefundIn = {
            "id": "R-1",
            "order": "T-0",
            "refunded_at": now,
            "lines": [{"line_no": 2, "amount": "50.00"}],
        }
        accept_refunds(refunds=[refund], tenant=house, by=TESTER, now=now)
    _work(house, now)
    with tenant_scope(house.id):
        refresh_standings(now=now)
        inbox.refuse(kind=inbox.REFUNDS, payload=b"[]", error="order api:T-1 has no line 9", now=now)
    return Shop(house, owner, reader, support, phone, order, "T-0")


def _order(number: int, now: datetime) -> OrderIn:
    return {
        "id": f"T-{number}",
        "paid_at": now - timedelta(hours=number),
        "buyer": "m4",
        "promoter": "m2",
        "channel": "mini-programme",
        "lines": [
            {"line_no": 1, "sku": "CM-050", "category": "beauty/cream", "qty": 2, "paid": f"{389 + number}.00"},
            {"line_no": 2, "sku": "CL-120", "category": "home", "qty": 1, "paid": "129.00"},
        ],
    }


def _work(house: House, now: datetime) -> None:
    while work_off(house.id, now=now):
        pass
    deliver_all(now=now)
