"""Gifts of birthdays and anniversaries: once a year, on the tenant's day, whatever is repeated, missed or run at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from rongshu.domain.commerce.coupons.actions import Terms, make_kind, open_kind
from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.members.gifts.models import GiftDay
from rongshu.domain.members.points.actions import publish_rules
from rongshu.domain.members.points.findings import points_findings
from rongshu.domain.members.points.queries import standing
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.actions import publish_ladder
from rongshu.flows import gifts
from rongshu.flows.gifts import give_gifts
from rongshu.flows.table import deliver_all
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found
from tests.races.threads import together, untroubled

SHANGHAI = ZoneInfo("Asia/Shanghai")
POINTS = "currency: CNY\nspending: {per: '1.00', points: 1}\nbirthday: 50\n"
LADDER = """
ladder: 1
currency: CNY
window: ever
grace: 30
tiers:
  - code: gold
    title: {{zh: 金卡, en: Gold}}
    growth: 100
    benefits: {{gifts: {{birthday: {{points: 200, coupon: {kind}}}, anniversary: {{points: 30}}}}}}
"""


def day(year: int, month: int, number: int, hour: int = 1) -> datetime:
    """An instant of a day in Shanghai."""
    return datetime(year, month, number, hour, tzinfo=SHANGHAI)


def a_house(at: datetime, *, ladder: bool = True, points: bool = True) -> tuple[House, int]:
    house = found(now=at)
    with tenant_scope(house.id):
        kind = make_kind(
            terms=Terms(name="cake", kind="fixed", amount=1000, valid_from=at, per_person=0), by=TESTER, now=at
        )
        if points:
            publish_rules(source=POINTS, reason="", by=TESTER, now=at)
        if ladder:
            publish_ladder(source=LADDER.format(kind=outside("cpk", kind.id)), by=TESTER, now=at)
    return house, kind.id


def person(name: str, joined: datetime, born: int | None = None, **more: Any) -> int:
    return int(Member.add(external_id=name, birth_day=born, created_at=joined, **more).id)


def run(house: House, at: datetime) -> None:
    with tenant_scope(house.id):
        while give_gifts(now=at):
            pass
    deliver_all(now=at)


def has(member: int, at: datetime) -> int:
    return standing(member, now=at).usable


def test_a_birthday_brings_points_and_a_coupon_once_a_year() -> None:
    joined, at = day(2025, 1, 10), day(2026, 5, 1)
    house, _kind = a_house(joined)
    with tenant_scope(house.id):
        gold, plain = person("gold", joined, 501, tier="gold"), person("plain", joined, 501)
        other, merged = person("other", joined, 502), person("merged", joined, 501, heir_id=gold)
    for _ in range(3):
        run(house, at)
    with tenant_scope(house.id):
        assert [has(one, at) for one in (gold, plain, other, merged)] == [250, 50, 0, 0]
        assert [one.member_id for one in Coupon.objects.filter(way="gift")] == [gold]
        told = {one.recipient: one.data["gift"]["en"] for one in Message.objects.filter(kind="gift.birthday")}
        assert told == {gold: "250 points and the coupon “cake”", plain: "50 points"}
        assert not Message.objects.filter(kind="coupon.given").exists()
        assert not any(one.differences for one in points_findings())
    run(house, day(2027, 5, 1))
    with tenant_scope(house.id):
        assert has(gold, day(2027, 5, 1)) == 500 and Coupon.objects.filter(way="gift").count() == 2


def test_the_day_is_the_tenants() -> None:
    before, begun = datetime(2026, 4, 30, 15, 59, tzinfo=UTC), datetime(2026, 4, 30, 16, 0, tzinfo=UTC)
    house, _kind = a_house(before - timedelta(days=9))
    with tenant_scope(house.id):
        one = person("one", before, 501)
    run(house, before)
    with tenant_scope(house.id):
        assert has(one, before) == 0
    run(house, begun)
    with tenant_scope(house.id):
        assert has(one, begun) == 50


def test_a_leap_day_is_kept_on_the_28th() -> None:
    house, _kind = a_house(day(2024, 2, 1))
    with tenant_scope(house.id):
        leap = person("leap", day(2024, 2, 29), 229, tier="gold")
        usual = person("usual", day(2024, 2, 28), 228, tier="gold")
    run(house, day(2024, 2, 29))
    with tenant_scope(house.id):
        assert has(leap, day(2024, 3, 1)) == 250, "no anniversary on the day of joining itself"
        assert has(usual, day(2024, 3, 1)) == 0, "gifts began on the 29th"
    run(house, day(2025, 2, 28))
    run(house, day(2025, 3, 1))
    with tenant_scope(house.id):
        assert has(leap, day(2025, 3, 1)) == 2 * 250 + 30
        assert has(usual, day(2025, 3, 1)) == 250 + 30


def test_days_missed_are_made_up_as_they_were_promised_but_none_before_gifts_began() -> None:
    house, _kind = a_house(day(2026, 1, 1), ladder=False, points=False)
    with tenant_scope(house.id):
        early, missed, late = (
            person(name, day(2025, 6, 1), born) for name, born in (("e", 502), ("m", 505), ("l", 520))
        )
    run(house, day(2026, 5, 2))
    with tenant_scope(house.id):
        assert not GiftDay.objects.exists()
        publish_rules(source=POINTS, reason="", by=TESTER, now=day(2026, 5, 3))
    run(house, day(2026, 5, 3))
    run(house, day(2026, 5, 8))
    with tenant_scope(house.id):
        assert [has(one, day(2026, 5, 8)) for one in (early, missed, late)] == [0, 50, 0]
        publish_rules(source=POINTS.replace("50", "70"), reason="", by=TESTER, now=day(2026, 5, 21))
    run(house, day(2026, 5, 22))
    with tenant_scope(house.id):
        assert has(late, day(2026, 5, 22)) == 50, "what was promised on the 20th"
        person("far", day(2025, 6, 1), 601)
    run(house, day(2026, 6, 20))
    with tenant_scope(house.id):
        assert has(Member.objects.get(external_id="far").id, day(2026, 6, 20)) == 0, "more than a week ago"


def test_a_coupon_that_is_no_more_keeps_no_points_back() -> None:
    at = day(2026, 5, 1)
    house, kind = a_house(at)
    with tenant_scope(house.id):
        gold = person("gold", at, 501, tier="gold")
        open_kind(kind_id=kind, open=False, by=TESTER, now=at)
    run(house, at)
    with tenant_scope(house.id):
        assert has(gold, at) == 250 and not Coupon.objects.exists()
        assert Message.objects.get(kind="gift.birthday").data["gift"]["en"] == "250 points"


def test_a_portion_repeated_and_two_at_once_give_nothing_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gifts, "PORTION", 4)
    at = day(2026, 5, 1)
    house, _kind = a_house(at)
    with tenant_scope(house.id):
        people = [person(f"m{number}", at, 501, tier="gold") for number in range(10)]

    def work() -> None:
        for _ in range(6):
            with tenant_scope(house.id), transaction.atomic():
                give_gifts(now=at)

    untroubled(together(work, work, work))
    run(house, at)
    with tenant_scope(house.id):
        GiftDay.objects.update(after_id=0, done_at=None)  # as after work that was lost
    run(house, at)
    with tenant_scope(house.id):
        assert [has(one, at) for one in people] == [250] * 10
        assert Coupon.objects.filter(way="gift").count() == 10
        assert Message.objects.filter(kind="gift.birthday").count() == 10
        assert GiftDay.objects.filter(done_at__isnull=True).count() == 0
