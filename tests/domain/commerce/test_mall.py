"""The mall: exchanges are once, hold the stock, and give points back to where they came from."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from rongshu.domain.commerce.coupons.actions import Terms as CouponTerms
from rongshu.domain.commerce.coupons.actions import make_kind
from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.commerce.mall.actions import (
    Terms,
    cancel_exchange,
    change_item,
    exchange,
    finish_exchange,
    finish_old,
    forget_addresses,
    make_item,
    send_exchange,
)
from rongshu.domain.commerce.mall.addresses import Address, opened
from rongshu.domain.commerce.mall.models import MallExchange, MallItem
from rongshu.domain.commerce.mall.queries import best_for, exchange_named, exchange_of, exchanges, on_sale, waiting
from rongshu.domain.members.points.actions import adjust_points, publish_rules
from rongshu.domain.members.points.models import PointsLot
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

DAY = timedelta(days=1)
RULES = "currency: CNY\nvalidity: {days: 60}\n"
HOME = Address("林小美", "138 0013 8000", "上海市徐汇区某路 1 号 101 室")


def member(name: str, points: int, now: datetime) -> Member:
    made = add_member(external_id=name, by=TESTER, now=now)
    if points:
        adjust_points(member_id=made.id, points=points, reason="start", ref=f"start:{name}", by=TESTER, now=now)
    return made


def goods(now: datetime, **more: Any) -> MallItem:
    return make_item(terms=replace(Terms("Mug", "goods", 100, now), **more), by=TESTER, now=now)


def refused(code: str, **asked: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        exchange(**{"key": "k", "address": HOME, "by": TESTER, **asked})
    assert caught.value.code == code, caught.value.code
    return caught.value


@pytest.fixture
def club(tenant: int, now: datetime) -> int:
    with tenant_scope(tenant):
        publish_rules(source=RULES, reason="", by=TESTER, now=now)
    return tenant


def test_goods_are_asked_for_sent_and_arrive(club: int, now: datetime) -> None:
    with tenant_scope(club):
        ann, mug = member("ann", 150, now), goods(now, stock=5)
        one = exchange(item_id=mug.id, member=ann, key="k", address=HOME, points=100, by=TESTER, now=now)
        assert exchange(item_id=mug.id, member=ann, key="k", address=HOME, by=TESTER, now=now).id == one.id
        have = standing(ann.id, now=now)
        assert (have.usable, have.reserved) == (50, 100)
        kept = exchange_of(one.id)
        assert kept.address is not None and "林小美".encode() not in bytes(kept.address)
        assert opened(kept.address) == Address("林小美", "13800138000", "上海市徐汇区某路 1 号 101 室")
        assert (waiting().asked, waiting().sent) == (1, 0)
        with pytest.raises(Refusal):
            send_exchange(exchange_id=one.id, carrier="SF", tracking=" ", by=TESTER, now=now)
        send_exchange(exchange_id=one.id, carrier="SF", tracking="1", by=TESTER, now=now)
        send_exchange(exchange_id=one.id, carrier="SF", tracking="12", by=TESTER, now=now)
        assert standing(ann.id, now=now).reserved == 0 and exchange_of(one.id).tracking == "12"
        with pytest.raises(Refusal):
            cancel_exchange(exchange_id=one.id, member_id=ann.id, by=TESTER, now=now)
        assert finish_old(now=now + 29 * DAY) == 0
        assert finish_exchange(exchange_id=one.id, member_id=ann.id, by=TESTER, now=now).state == "done"
        with pytest.raises(Refusal):
            cancel_exchange(exchange_id=one.id, by=TESTER, now=now)
        assert forget_addresses(member_id=ann.id) == 1 and exchange_of(one.id).address is None
        assert exchange_named(outside("exc", one.id).upper()) == one.id and exchange_named("rubbish") == 0


def test_what_is_cancelled_goes_back_to_its_lots_and_to_the_stock(club: int, now: datetime) -> None:
    with tenant_scope(club):
        ann, mug = member("ann", 60, now), goods(now, stock=1, per_member=1)
        adjust_points(member_id=ann.id, points=60, reason="more", ref="more", by=TESTER, now=now + DAY)
        before = list(PointsLot.objects.filter(member_id=ann.id).order_by("id").values_list("id", "left"))
        at = now + 2 * DAY
        one = exchange(item_id=mug.id, member=ann, key="k", address=HOME, by=TESTER, now=at)
        refused("per_member", item_id=mug.id, member=ann, key="again", now=at)
        assert cancel_exchange(exchange_id=one.id, member_id=ann.id, by=TESTER, now=at).back == 100
        cancel_exchange(exchange_id=one.id, member_id=ann.id, by=TESTER, now=at)
        assert list(PointsLot.objects.filter(member_id=ann.id).order_by("id").values_list("id", "left")) == before
        assert MallItem.objects.get(id=mug.id).taken == 0
        two = exchange(item_id=mug.id, member=ann, key="again", address=HOME, by=TESTER, now=at)
        send_exchange(exchange_id=two.id, carrier="SF", tracking="1", by=TESTER, now=at)
        back = cancel_exchange(exchange_id=two.id, reason="came back", by=TESTER, now=at)
        assert (back.back, back.reason, standing(ann.id, now=at).usable) == (100, "came back", 120)
        assert [row.state for row in exchanges(member_id=ann.id)] == ["cancelled", "cancelled"]


def test_a_coupon_is_there_at_once_and_a_privilege_when_it_is_given(club: int, now: datetime) -> None:
    with tenant_scope(club):
        ann = member("ann", 100, now)
        ten = make_kind(terms=CouponTerms(name="ten", kind="fixed", amount=1000, valid_from=now), by=TESTER, now=now)
        item = make_item(terms=Terms("Ten off", "coupon", 40, now, coupon_kind_id=ten.id), by=TESTER, now=now)
        got = exchange(item_id=item.id, member=ann, key="k", by=TESTER, now=now)
        assert (got.state, Coupon.objects.get(id=got.coupon_id).member_id) == ("done", ann.id)
        refused("per_person", item_id=item.id, member=ann, key="k2", now=now)  # of the coupon: one a person
        assert standing(ann.id, now=now).usable == 60
        tea = make_item(terms=Terms("Tea time", "privilege", 60, now), by=TESTER, now=now)
        asked = exchange(item_id=tea.id, member=ann, key="tea", by=TESTER, now=now)
        assert standing(ann.id, now=now).reserved == 60
        assert finish_exchange(exchange_id=asked.id, by=TESTER, now=now).state == "done"
        assert standing(ann.id, now=now).reserved == 0


def test_every_refusal_leaves_everything_as_it_was(club: int, now: datetime) -> None:
    with tenant_scope(club):
        ann, mug = member("ann", 99, now), goods(now, stock=1)
        refused("points_short", item_id=mug.id, member=ann, now=now)
        adjust_points(member_id=ann.id, points=500, reason="more", ref="more", by=TESTER, now=now)
        assert refused("no_address", item_id=mug.id, member=ann, now=now, address=None).at == "place"
        assert refused("no_name", item_id=mug.id, member=ann, now=now, address=replace(HOME, name=" ")).at == "name"
        bad = [replace(HOME, phone="12"), replace(HOME, place="x")]
        assert [refused(code, item_id=mug.id, member=ann, now=now, address=one).at for code, one in zip(("bad_phone", "no_place"), bad, strict=True)] == ["phone", "place"]  # fmt: skip
        refused("price_changed_points", item_id=mug.id, member=ann, now=now, points=90)
        refused("bad_key", item_id=mug.id, member=ann, now=now, key="")
        refused("unknown_item", item_id=1, member=ann, now=now)
        later = goods(now, sale_from=now + DAY, sale_until=now + 2 * DAY)
        refused("not_yet", item_id=later.id, member=ann, now=now)
        refused("not_on_sale", item_id=later.id, member=ann, now=now + 2 * DAY)
        shut = goods(now, open=False)
        refused("not_on_sale", item_id=shut.id, member=ann, now=now)
        bo = member("bo", 100, now)
        exchange(item_id=mug.id, member=bo, key="k", address=HOME, by=TESTER, now=now)
        refused("none_left", item_id=mug.id, member=ann, now=now)
        assert standing(ann.id, now=now).usable == 599 and MallExchange.objects.count() == 1
        assert [one.id for one in on_sale(now=now)] == [mug.id]
        found = best_for(100, tier="", member_id=ann.id, now=now + DAY)
        assert found is not None and found.id == later.id


@pytest.mark.parametrize(
    ("more", "at"),
    [
        ({"name": " "}, "name"), ({"kind": "luck"}, "kind"), ({"points": 0}, "points"), ({"stock": -1}, "stock"),
        ({"per_member": -1}, "per_member"), ({"kind": "coupon"}, "coupon"), ({"tier": "gold"}, "tier"), ({"picture": "x"}, "picture"),
        ({"sale_until": datetime(2000, 1, 1).astimezone()}, "sale_until"), ({"note": "x" * 501}, "note"),
    ],
)  # fmt: skip
def test_items_that_cannot_be(club: int, now: datetime, more: dict[str, Any], at: str) -> None:
    with tenant_scope(club), pytest.raises(Refusal) as caught:
        goods(now, **more)
    assert caught.value.at == at


def test_a_changed_item_keeps_what_was_taken(club: int, now: datetime) -> None:
    with tenant_scope(club):
        ann, mug = member("ann", 200, now), goods(now, stock=2)
        one = exchange(item_id=mug.id, member=ann, key="k", address=HOME, by=TESTER, now=now)
        with pytest.raises(Refusal) as caught:
            change_item(item_id=mug.id, terms=Terms("Mug", "goods", 120, now, stock=0), by=TESTER, now=now)
        assert caught.value.at == "stock"
        change_item(item_id=mug.id, terms=Terms("Big mug", "goods", 120, now, stock=1), by=TESTER, now=now)
        assert (exchange_of(one.id).name, exchange_of(one.id).points) == ("Mug", 100)


def test_five_hundred_race_for_a_hundred(club: int, now: datetime) -> None:
    with tenant_scope(club):
        mug = goods(now, stock=100)
        people = [member(f"m{number}", 100, now) for number in range(500)]
    ready, refusals = threading.Barrier(8), []

    def run(mine: list[Member]) -> None:
        try:
            ready.wait()
            for one in mine:
                try:
                    with tenant_scope(club):
                        exchange(item_id=mug.id, member=one, key="race", address=HOME, by=TESTER, now=now)
                except Refusal as refusal:
                    refusals.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(people[at::8],)) for at in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with tenant_scope(club):
        assert refusals == ["none_left"] * 400
        assert MallItem.objects.get(id=mug.id).taken == 100 == MallExchange.objects.count()
        spent = [standing(one.id, now=now).usable for one in people]
        assert sorted(spent) == [0] * 100 + [100] * 400
