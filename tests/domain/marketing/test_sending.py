"""A coupon to everybody in a segment: in portions, twice without effect, by two at once, stopped in the middle."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from rongshu.domain.commerce.coupons.actions import Terms, make_kind, open_kind, send_coupons
from rongshu.domain.commerce.coupons.models import Coupon, CouponKind
from rongshu.domain.marketing.segments.actions import create_segment, end_segment
from rongshu.domain.marketing.segments.models import Segment
from rongshu.domain.marketing.sending import actions
from rongshu.domain.marketing.sending.actions import ask_sending, go_on, stop_sending
from rongshu.domain.marketing.sending.models import Sending
from rongshu.domain.marketing.sending.queries import sending, sendings
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

PEOPLE = 25


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PORTION", 10)


def everybody(tenant: int, now: datetime) -> Segment:
    """A segment of all, PEOPLE of them, as it was looked at."""
    Member.objects.bulk_create(
        Member(tenant_id=tenant, id=number, external_id=f"m{number}", created_at=now) for number in range(1, PEOPLE + 1)
    )
    return create_segment(name="all", document={"fact": "orders", "at_least": 0}, by=TESTER, now=now)


def coupon(now: datetime, **more: Any) -> CouponKind:
    return make_kind(terms=Terms(name="ten", kind="fixed", amount=1000, valid_from=now, **more), by=TESTER, now=now)


def on(now: datetime) -> int:
    with transaction.atomic():
        return go_on(now=now)


def test_everybody_gets_one_whatever_is_repeated(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        to, kind = everybody(tenant, now), coupon(now)
        assert send_coupons(kind_id=kind.id, member_ids=[3], ref="by hand", by=TESTER, now=now) == 1
        asked = ask_sending(kind_id=kind.id, segment_id=to.id, ref="r", by=TESTER, now=now)
        assert ask_sending(kind_id=kind.id, segment_id=to.id, ref="r", by=TESTER, now=now).id == asked.id
        assert [on(now) for _ in range(4)] == [10, 10, 5, 0]
        done = sending(asked.id)
        assert (done.state, done.looked_at, done.given, done.size) == ("done", PEOPLE, PEOPLE - 1, PEOPLE)
        assert Coupon.objects.filter(kind_id=kind.id).count() == PEOPLE  # one each: member 3 had enough
        Sending.objects.filter(id=asked.id).update(state="running", after_id=0)  # as after a portion that was not kept
        assert sum(on(now) for _ in range(4)) == PEOPLE
        assert Coupon.objects.filter(kind_id=kind.id).count() == PEOPLE
        assert [one.id for one in sendings(kind_id=kind.id)] == [asked.id]


@pytest.mark.parametrize(
    ("code", "how"),
    [("segment_ended", "end"), ("segment_empty", "empty"), ("kind_closed", "close"), ("too_few_left", "few"), ("bad_ref", "ref"), ("kind_over", "late")],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused_before_it_begins(tenant: int, now: datetime, code: str, how: str) -> None:
    with tenant_scope(tenant):
        to = everybody(tenant, now)
        kind = coupon(now, number=24 if how == "few" else None, valid_until=now + timedelta(days=1))
        if how == "end":
            end_segment(segment_id=to.id, by=TESTER, now=now)
        elif how == "empty":
            Segment.objects.filter(id=to.id).update(size=0)
        elif how == "close":
            open_kind(kind_id=kind.id, open=False, by=TESTER, now=now)
        at = now + timedelta(days=2) if how == "late" else now
        with pytest.raises(Refusal) as refused:
            ask_sending(kind_id=kind.id, segment_id=to.id, ref="" if how == "ref" else "r", by=TESTER, now=at)
        assert refused.value.code == code and not Sending.objects.exists()


def test_it_stops_when_none_is_left_or_nobody_may_have_one(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        to, short, closing = everybody(tenant, now), coupon(now, number=PEOPLE, per_person=2), coupon(now)
        first = ask_sending(kind_id=short.id, segment_id=to.id, ref="a", by=TESTER, now=now)
        send_coupons(kind_id=short.id, member_ids=range(1, 14), ref="meanwhile", by=TESTER, now=now)
        second = ask_sending(kind_id=closing.id, segment_id=to.id, ref="b", by=TESTER, now=now)
        assert on(now) == 10 and on(now) == 10
        open_kind(kind_id=closing.id, open=False, by=TESTER, now=now)
        while on(now):
            pass
        states = [(one.state, one.why, one.given) for one in (sending(first.id), sending(second.id))]
        assert states == [("stopped", "none_left", 12), ("stopped", "closed", 0)]
        third = ask_sending(kind_id=coupon(now).id, segment_id=to.id, ref="c", by=TESTER, now=now)
        on(now)
        stop_sending(sending_id=third.id, by=TESTER, now=now)
        assert on(now) == 0
        assert (sending(third.id).why, sending(third.id).given) == ("by_hand", 10)


def test_two_workers_share_the_work(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        to, kind = everybody(tenant, now), coupon(now)
        ask_sending(kind_id=kind.id, segment_id=to.id, ref="r", by=TESTER, now=now)
    both = threading.Barrier(2)

    def work() -> None:
        try:
            with tenant_scope(tenant):
                both.wait()
                for _ in range(6):
                    on(now)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    with tenant_scope(tenant):
        while on(now):
            pass
        assert Coupon.objects.filter(kind_id=kind.id).count() == PEOPLE == CouponKind.objects.get(id=kind.id).given
