"""The member card: each door, whoever was there before, races, and that only orders of holders bring points and growth value."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction

from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.members.cards.actions import ask_card, decide, give_card, held_card, publish_doors
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.models import Card, CardRequest
from rongshu.domain.members.cards.queries import card_by_number, requests
from rongshu.domain.members.points.actions import publish_rules
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.actions import add_member
from rongshu.flows.carding import apply_for_card, card_standing, inviter_by, open_card
from rongshu.flows.intake.accept import accept_orders, accept_refunds
from rongshu.flows.intake.shapes import OrderIn, RefundIn
from rongshu.flows.intake.work import work_off
from rongshu.flows.table import deliver_all
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

DAY = timedelta(days=1)
PLAN = "name: spring\ncurrency: CNY\nlevels: {1: {rate: 10%}}\n"
POINTS = "currency: CNY\nspending: {per: '1.00', points: 1}\nvalidity: {days: 365}\n"


@pytest.fixture
def house(now: datetime) -> House:
    made = found(now=now - 9 * DAY)
    with tenant_scope(made.id):
        publish_plan(text=PLAN, effective_from=now - 9 * DAY, by=TESTER, now=now - 9 * DAY)
        publish_rules(source=POINTS, reason="", by=TESTER, now=now - 9 * DAY)
    return made


def member(name: str, at: datetime) -> int:
    return int(add_member(external_id=name, by=TESTER, now=at).id)


def refused(code: str, *, member_id: int, now: datetime, invited_by: int | None = None) -> None:
    with pytest.raises(Refusal) as caught:
        open_card(member_id=member_id, invited_by=invited_by, by=TESTER, now=now)
    assert caught.value.code == code


def buys(house: House, name: str, number: str, paid: str, at: datetime, sku: str = "T1") -> None:
    order: OrderIn = {
        "id": number, "buyer": name, "paid_at": at,
        "lines": [{"line_no": 1, "sku": sku, "category": "tea", "qty": 1, "paid": paid}],
    }  # fmt: skip
    with tenant_scope(house.id):
        accept_orders(orders=[order], tenant=house, by=TESTER, now=at)
    settle(house, at)


def settle(house: House, at: datetime) -> None:
    while work_off(house.id, now=at):
        pass
    deliver_all(now=at)


def points(house: House, member_id: int, now: datetime) -> int:
    with tenant_scope(house.id):
        have = standing(member_id, now=now + DAY)
        return have.usable + have.pending


def test_without_doors_everybody_is_as_before(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        one = member("ann", now)
        assert card_standing(member_id=one, now=now).card is None
        refused("no_card", member_id=one, now=now)
    buys(house, "ann", "O-1", "100.00", now)
    with tenant_scope(house.id):
        assert standing(one, now=now).usable == 100


def test_each_door_opens_for_whom_it_is_meant(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        one, other = member("ann", now), member("bo", now)
        publish_doors(doors=Doors(present=False), by=TESTER, now=now)
        refused("doors_shut", member_id=one, now=now)
        publish_doors(doors=Doors(invite=True, present=False), by=TESTER, now=now)
        refused("doors_shut", member_id=one, now=now)
        refused("doors_shut", member_id=one, invited_by=one, now=now)
        first = give_card(member_id=other, way="hand", by=TESTER, now=now)
        assert inviter_by(first.number, now=now) == other and inviter_by("1", now=now) is None
        card = open_card(member_id=one, invited_by=other, by=TESTER, now=now)
        assert (card.way, card.invited_by, card.version) == ("invite", other, 2)
        assert open_card(member_id=one, by=TESTER, now=now).number == card.number
        assert card_by_number(f"{card.number[:4]} {card.number[4:]}").member_id == one
        third = member("cy", now)
        publish_doors(doors=Doors(claim=True, present=False), by=TESTER, now=now)
        assert open_card(member_id=third, by=TESTER, now=now).way == "claim"
        numbers = list(Card.objects.values_list("number", flat=True))
        for number in numbers:  # the check digit of every card
            digits = [int(one) for one in reversed(number)]
            assert (
                len(number) == 16 and not sum(sum(divmod(one * (1 + at % 2), 10)) for at, one in enumerate(digits)) % 10
            )


def test_whoever_was_there_before_holds_one_if_the_doors_say_so(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        early = member("ann", now - DAY)
        publish_doors(doors=Doors(claim=True), by=TESTER, now=now)
        late = member("bo", now)
        card = held_card(member_id=early, now=now)
        assert card is not None and (card.way, card.got_at) == ("before", now - DAY)
        assert held_card(member_id=late, now=now) is None
    buys(house, "ann", "O-1", "10.00", now)
    buys(house, "bo", "O-2", "10.00", now)
    assert (points(house, early, now), points(house, late, now)) == (10, 0)


def test_only_orders_of_holders_bring_points_and_the_order_that_opens_the_door_does(
    house: House, now: datetime
) -> None:
    with tenant_scope(house.id):
        one, other = member("ann", now), member("bo", now)
        publish_doors(doors=Doors(spend=10_000, buy=("VIP",), present=False), by=TESTER, now=now)
    buys(house, "ann", "O-1", "60.00", now)
    assert points(house, one, now) == 0
    refund: RefundIn = {"id": "R-1", "order": "O-1", "refunded_at": now, "lines": [{"line_no": 1, "amount": "10.00"}]}
    with tenant_scope(house.id):
        accept_refunds(refunds=[refund], tenant=house, by=TESTER, now=now)
    settle(house, now)
    with tenant_scope(house.id):
        stands = card_standing(member_id=one, now=now)
        assert (stands.spent, stands.way) == (5_000, "")
    buys(house, "ann", "O-2", "49.99", now + timedelta(hours=1))
    assert points(house, one, now) == 0
    buys(house, "ann", "O-3", "0.01", now + timedelta(hours=2))
    buys(house, "ann", "O-4", "7.00", now + timedelta(hours=3))
    assert points(house, one, now) == 7
    buys(house, "bo", "O-5", "3.00", now, sku="VIP")
    assert points(house, other, now) == 3
    with tenant_scope(house.id):
        assert sorted(Card.objects.values_list("way", flat=True)) == ["buy", "spend"]
        assert Message.objects.filter(kind="card.given").count() == 2
    buys(house, "ann", "O-0", "9.00", now - timedelta(minutes=1))  # paid before there were doors
    buys(house, "ann", "O-00", "9.00", now + timedelta(minutes=1))  # paid before she held the card
    assert points(house, one, now) == 16


def test_requests_are_decided_once_and_the_reason_is_told(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        one, other = member("ann", now), member("bo", now)
        with pytest.raises(Refusal):
            apply_for_card(member_id=one, said="", by=TESTER, now=now)
        publish_doors(doors=Doors(approve=True, present=False), by=TESTER, now=now)
        asked = [apply_for_card(member_id=each, said="please", by=TESTER, now=now).id for each in (one, other)]
        assert apply_for_card(member_id=one, said="again", by=TESTER, now=now).id == asked[0]
        assert [row.id for row in requests()] == asked[::-1]
        with pytest.raises(Refusal):
            decide(requests=asked, approve=False, reason=" ", by=TESTER, now=now)
        assert decide(requests=asked[:1], approve=True, reason="", by=TESTER, now=now) == 1
        assert decide(requests=asked, approve=False, reason="no orders yet", by=TESTER, now=now) == 1
        assert decide(requests=asked, approve=True, reason="", by=TESTER, now=now) == 0
        assert card_standing(member_id=other, now=now).refused == "no orders yet"
        assert [row.state for row in CardRequest.objects.order_by("id")] == ["approved", "refused"]
    deliver_all(now=now)
    with tenant_scope(house.id):
        told = {(row.kind, row.recipient) for row in Message.objects.filter(kind__startswith="card.")}
        assert told == {("card.given", one), ("card.refused", other)}
        again = ask_card(member_id=other, said="now I have some", by=TESTER, now=now)
        assert again.id not in asked and card_standing(member_id=other, now=now).waiting


def test_a_card_is_given_once_however_many_ask(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        one = member("ann", now)
        publish_doors(doors=Doors(claim=True, present=False), by=TESTER, now=now)
    ready, got = threading.Barrier(4), []

    def take() -> None:
        try:
            with tenant_scope(house.id):
                ready.wait()
                with transaction.atomic():
                    got.append(open_card(member_id=one, by=TESTER, now=now).number)
        finally:
            connection.close()

    threads = [threading.Thread(target=take) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(got) == 4 and len(set(got)) == 1


def test_doors_that_cannot_be(house: House, now: datetime) -> None:
    with tenant_scope(house.id):
        for doors, at in ((Doors(spend=-1), "spend"), (Doors(buy=("",)), "buy"), (Doors(terms="x" * 10_001), "terms")):
            with pytest.raises(Refusal) as caught:
                publish_doors(doors=doors, by=TESTER, now=now)
            assert caught.value.at == at
