"""A cart quoted for a member: their tier's benefits, their coupons, their points, the products' prices."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongshu.domain.commerce.prices.actions import publish_rules
from rongshu.domain.commerce.products.actions import Described, put_products
from rongshu.domain.marketing.segments.actions import create_segment, end_segment
from rongshu.domain.members.points.actions import adjust_points
from rongshu.domain.members.points.actions import publish_rules as publish_points
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.models import TierVersion
from rongshu.engine.prices.frames import MOST_POINTS
from rongshu.flows.quoting import Quoted, Wanted, WantedLine, quote
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

SHANGHAI = ZoneInfo("Asia/Shanghai")
LADDER = {
    "ladder": 1,
    "currency": "CNY",
    "tiers": [
        {"code": "plain", "title": {"zh": "普通", "en": "Plain"}, "growth": 10},
        {
            "code": "gold", "title": {"zh": "金卡", "en": "Gold"}, "growth": 1000,
            "benefits": {"discount": "5%", "free_shipping": True, "early_access_hours": 24},
        },
    ],
}  # fmt: skip
ONE = WantedLine(1, "T1", 2)


@pytest.fixture
def member(tenant: int, now: datetime) -> Member:
    """A gold member with 500 points; 100 of them are worth 1.00, for half of the goods."""
    before = now - timedelta(days=1)
    with tenant_scope(tenant):
        TierVersion.add(number=1, document=LADDER, effective_from=before, at=before, actor="test")
        offset = {"worth": "1.00", "share": "50%", "step": 100}
        publish_points(source={"currency": "CNY", "offset": offset}, reason="", by=TESTER, now=before)
        put_products(products=[Described("T1", "Tea", "tea", 10_000), Described("T2", "Pot")], by=TESTER, now=before)
        found = Member.add(external_id="lin", tier="gold", created_at=before)
        adjust_points(member_id=found.id, points=500, reason="welcome", ref="w", by=TESTER, now=before)
        return found  # type: ignore[no-any-return]


def quoted(tenant: int, now: datetime, member: Member | None, **wanted: object) -> Quoted:
    with tenant_scope(tenant):
        return quote(wanted=Wanted(lines=[ONE], **wanted), member=member, now=now)  # type: ignore[arg-type]


def test_the_tier_and_the_points_count(tenant: int, now: datetime, member: Member) -> None:
    got = quoted(tenant, now, member, shipping=800, points=MOST_POINTS)
    assert [(step.rule, step.minus) for step in got.priced.lines[0].steps] == [("tier", 1_000), ("points", 500)]
    assert (got.priced.payable, got.priced.shipping, got.priced.points, got.known.points) == (18_500, 0, 500, 500)
    assert got.titles == {"T1": "Tea"} and got.version == 0
    guest = quoted(tenant, now, None, shipping=800, points=MOST_POINTS)
    assert guest.priced.payable == 20_800 and guest.priced.points == 0
    with tenant_scope(tenant):
        as_if = quote(wanted=Wanted(lines=[ONE]), member=None, tier="gold", now=now)
        plain = quote(wanted=Wanted(lines=[ONE]), member=member, tier="plain", now=now)
    assert (as_if.priced.payable, plain.priced.payable) == (19_000, 20_000)


def test_a_tier_with_early_access_and_a_first_order(tenant: int, now: datetime, member: Member) -> None:
    begins = f"{now.astimezone(SHANGHAI) + timedelta(hours=20):%Y-%m-%d %H:%M}"
    sale = {"id": "s", "name": "S", "minus": "20", "when": {"from": begins, "first_order": True}}
    with tenant_scope(tenant):
        publish_rules(source={"currency": "CNY", "sales": [sale]}, reason="", by=TESTER, now=now - timedelta(hours=1))
    assert quoted(tenant, now, member).priced.payable == 16_000
    guest = quoted(tenant, now, None)
    assert guest.priced.payable == 20_000 and guest.priced.lines[0].not_applied[0].code == "too_early"


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([], "bad_lines"),
        ([WantedLine(1, "T2", 1)], "no_price"),
        ([ONE, ONE], "line_twice"),
        ([WantedLine(1, "T1", 0)], "bad_qty"),
        ([WantedLine(1, "T1", 1_000_000, 10**9)], "bad_price"),
    ],
)
def test_what_cannot_be_priced(tenant: int, now: datetime, member: Member, lines: list[WantedLine], code: str) -> None:
    with tenant_scope(tenant), pytest.raises(Refusal) as refused:
        quote(wanted=Wanted(lines=lines), member=member, now=now)
    assert refused.value.code == code


def test_a_rule_for_a_segment_holds_for_whoever_is_in_it(tenant: int, now: datetime, member: Member) -> None:
    with tenant_scope(tenant):
        other = Member.add(external_id="wang", tier="", created_at=now)
        gold = create_segment(name="Gold", document={"fact": "tier", "in": ["gold"]}, by=TESTER, now=now)
        for number, called in enumerate((outside("seg", gold.id), "Gold")):
            sale = {"id": "s", "name": "S", "minus": "20", "when": {"segments": [called]}, "with_member_price": False}
            publish_rules(
                source={"currency": "CNY", "sales": [sale]}, reason="", by=TESTER, now=now - timedelta(hours=2 - number)
            )
            assert quoted(tenant, now, member).priced.payable == 16_000
            assert [quoted(tenant, now, one).priced.payable for one in (other, None)] == [20_000, 20_000]
        assert quoted(tenant, now, other).priced.lines[0].not_applied[0].code == "other_segment"
        end_segment(segment_id=gold.id, by=TESTER, now=now)
        assert quoted(tenant, now, member).known.segments == frozenset()


def test_segments_are_read_only_where_rules_ask_and_in_one_statement(
    tenant: int, now: datetime, member: Member
) -> None:
    def publish(when: dict[str, Any], at: datetime) -> None:
        sale = {"id": "s", "name": "S", "minus": "20", "when": when}
        publish_rules(source={"currency": "CNY", "sales": [sale]}, reason="", by=TESTER, now=at)

    with tenant_scope(tenant):
        create_segment(name="Gold", document={"fact": "tier", "in": ["gold"]}, by=TESTER, now=now)
        publish({"tiers": ["gold"]}, now - timedelta(hours=2))
        quoted(tenant, now, member)
        with CaptureQueriesContext(connection) as without:
            quoted(tenant, now, member)
        publish({"segments": ["Gold"]}, now - timedelta(hours=1))
        quoted(tenant, now, member)
        with CaptureQueriesContext(connection) as asked:
            quoted(tenant, now, member)
        assert len(asked) == len(without) + 1 and not any("marketing_segment" in one["sql"] for one in without)
