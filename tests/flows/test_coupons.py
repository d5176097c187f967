"""Coupons that come by themselves, expire and are told of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.domain.commerce.coupons.actions import Terms, make_kind, send_coupons
from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.flows.intake.accept import accept_orders
from rongshu.flows.intake.shapes import ORDERS
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import CLOCK, deliver_all
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def kind(occasion: str, **more: Any) -> int:
    terms = Terms(
        name=occasion or "spring", kind="fixed", amount=100, valid_from=NOW, per_person=0, occasion=occasion, **more
    )
    return int(make_kind(terms=terms, by=TESTER, now=NOW).id)


def member(name: str) -> int:
    return int(add_member(external_id=name, by=TESTER, now=NOW).id)


def enrol(member_id: int, inviter: int | None, joined: datetime = NOW) -> None:
    enrol_promoters(joinings=[Joining(member_id, inviter, joined)], by=TESTER, now=NOW)


def got(house: House) -> dict[str, list[str]]:
    from rongshu.domain.members.profiles.queries import shown_names

    with tenant_scope(house.id):
        rows = list(Coupon.objects.order_by("way", "id"))
        names = shown_names([one.member_id for one in rows])
        listed: dict[str, list[str]] = {}
        for one in rows:
            listed.setdefault(one.way, []).append(names[one.member_id])
    return listed


def order(house: House, number: int, buyer: str, paid_at: datetime) -> None:
    body = [
        {"id": f"o{number}", "paid_at": paid_at.isoformat(), "buyer": buyer, "lines": [{"sku": "A", "paid": "9.99"}]}
    ]
    with tenant_scope(house.id):
        accept_orders(orders=ORDERS.validate_python(body), tenant=house, by=TESTER, now=NOW)
    while work_off(house.id, now=NOW):
        pass


def test_a_new_member_and_both_sides_of_an_invitation() -> None:
    house = found(now=NOW)
    with tenant_scope(house.id):
        for occasion in ("new_member", "invited_joined", "inviter_joined", "invited_bought", "inviter_bought"):
            kind(occasion)
        ann, bo, old = member("ann"), member("bo"), member("old")
        enrol(ann, None, NOW - 400 * DAY)
        enrol(bo, ann)
        enrol(old, ann, NOW - 90 * DAY)
    deliver_all(now=NOW)
    first = {"new_member": ["ann", "bo", "old"], "invited_joined": ["bo"], "inviter_joined": ["ann"]}
    assert got(house) == first
    order(house, 1, "old", NOW - 60 * DAY)
    order(house, 2, "bo", NOW - DAY)
    order(house, 3, "bo", NOW)
    order(house, 4, "stranger", NOW)
    deliver_all(now=NOW)
    deliver_all(now=NOW)
    assert got(house) == first | {"invited_bought": ["bo"], "inviter_bought": ["ann"]}


def test_told_reminded_and_over_by_the_clock() -> None:
    house = found(now=NOW)
    with tenant_scope(house.id):
        spring = kind("", days=10, remind_days=3)
        ann = member("ann")
        send_coupons(kind_id=spring, member_ids=[ann], ref="spring", by=TESTER, now=NOW)
    deliver_all(now=NOW)
    jobs = {job.name: job.work for job in CLOCK}

    def look(at: datetime) -> tuple[list[str], str]:
        with tenant_scope(house.id):
            jobs["coupons ending"](now=at)
            jobs["coupons over"](now=at)
            told = list(Message.objects.filter(recipient=ann).order_by("id").values_list("kind", flat=True))
            return told, Coupon.objects.get().state

    assert look(NOW + 6 * DAY) == (["coupon.given"], "held")
    assert look(NOW + 8 * DAY) == (["coupon.given", "coupon.ending"], "held")
    assert look(NOW + 9 * DAY) == (["coupon.given", "coupon.ending"], "held")
    assert look(NOW + 10 * DAY) == (["coupon.given", "coupon.ending"], "expired")
