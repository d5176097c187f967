"""Points that end soon are told of once for each number of days; what is owed in points is counted by the day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import override

from rongshu.domain.commerce.mall.actions import Terms, make_item
from rongshu.domain.marketing.messages import points as telling
from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.marketing.messages.words import say
from rongshu.domain.members.points import reminding
from rongshu.domain.members.points.actions import adjust_points, expire_due, publish_rules, reserve_points, spend_points
from rongshu.domain.members.points.report import count_report, kept_reports
from rongshu.domain.members.profiles.actions import add_member
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.queries import balances_of
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 1, 4, tzinfo=UTC)
RULES = """
currency: CNY
validity: {days: 60}
remind: [7, 30]
offset: {worth: "1.00", least: 100, step: 100, share: 50%}
"""


def test_each_number_of_days_is_told_once_whatever_the_batch() -> None:
    with tenant_scope(found(now=NOW - timedelta(days=9)).id):
        publish_rules(source=RULES, reason="", by=TESTER, now=NOW)
        early = sorted(new_id() for _ in range(5))
        late = new_id()
        for at, member in enumerate(early):
            adjust_points(member_id=member, points=100 + at, reason="why", ref=f"a{at}", by=TESTER, now=NOW)
            adjust_points(member_id=member, points=10, reason="why", ref=f"b{at}", by=TESTER, now=NOW)
        adjust_points(member_id=late, points=3, reason="why", ref="late", by=TESTER, now=NOW + timedelta(days=10))
        assert reminding.due_reminders(now=NOW + timedelta(days=20)) == []
        then, seen = NOW + timedelta(days=31), []
        while batch := reminding.due_reminders(now=then, limit=2):
            seen += batch
        assert [(one.member_id, one.points, one.days) for one in seen] == [
            (member, 110 + at, 30) for at, member in enumerate(early)
        ]
        spend_points(ref="s", member_id=early[0], points=109, what="mug", now=then)
        spend_points(ref="t", member_id=early[1], points=111, what="mug", now=then)
        soon = reminding.due_reminders(now=NOW + timedelta(days=54))
        assert [(one.member_id, one.points, one.days) for one in soon] == [
            # Of those that end in 7 days what is left; of the one that ends in 30 all.
            (late, 3, 30),
            (early[0], 1, 7),
            *((member, 112 + at, 7) for at, member in enumerate(early[2:])),
        ]
        assert reminding.due_reminders(now=NOW + timedelta(days=54, hours=1)) == []


def test_members_read_how_many_end_when_and_what_they_take_off() -> None:
    with tenant_scope(found(now=NOW - timedelta(days=9)).id):
        publish_rules(source=RULES, reason="", by=TESTER, now=NOW)
        member = new_id()
        adjust_points(member_id=member, points=250, reason="why", ref="a", by=TESTER, now=NOW)
        then = NOW + timedelta(days=31)
        telling.tell_of_ending_points(now=then)
        telling.tell_of_ending_points(now=then)
        (message,) = Message.objects.filter(recipient=member)
        with override("en"):
            said = say(message.kind, message.data, "CNY")
            assert said.title == "250 points end on April 30, 2026" and "take ¥2.00 off" in said.text
        with override("zh-hans"):
            assert "可抵 ¥2.00" in say(message.kind, message.data, "CNY").text


def test_what_could_be_had_is_named() -> None:
    with tenant_scope(found(now=NOW - timedelta(days=9)).id):
        publish_rules(source=RULES, reason="", by=TESTER, now=NOW)
        for name, points, more in (
            ("cup", 100, {}), ("lamp", 200, {}), ("gone", 240, {"stock": 0}), ("car", 900, {}), ("over", 250, {"open": False}),
        ):  # fmt: skip
            terms = Terms(name=name, kind="privilege", points=points, sale_from=NOW, **more)  # type: ignore[arg-type]
            make_item(terms=terms, by=TESTER, now=NOW)
        rich = add_member(external_id="rich", by=TESTER, now=NOW).id
        poor = add_member(external_id="poor", by=TESTER, now=NOW).id
        for member, points in ((rich, 250), (poor, 50)):
            adjust_points(member_id=member, points=points, reason="why", ref=f"a{member}", by=TESTER, now=NOW)
        telling.tell_of_ending_points(now=NOW + timedelta(days=31))
        use = {one.recipient: one.data["use"] for one in Message.objects.all()}
        assert use[rich]["en"] == "All your points are enough for “lamp”, or take ¥2.00 off an order."
        assert use[rich]["zh"] == "您的积分可以换“lamp”，或下单抵 ¥2.00。"
        assert use[poor]["en"] == "See what could be had for them."


def test_the_report_of_a_day_holds_with_the_ledger() -> None:
    with tenant_scope(found(now=NOW - timedelta(days=9)).id):
        assert not count_report(now=NOW)
        publish_rules(source=RULES, reason="", by=TESTER, now=NOW)
        members = [new_id() for _ in range(4)]
        for at, member in enumerate(members):
            adjust_points(member_id=member, points=100, reason="why", ref=f"a{at}", by=TESTER, now=NOW)
        spend_points(ref="s", member_id=members[0], points=60, what="mug", now=NOW + timedelta(days=1))
        spend_points(ref="t", member_id=members[1], points=40, what="mug", now=NOW + timedelta(days=45))
        later = NOW + timedelta(days=70)
        while expire_due(now=later):
            pass
        for at, member in enumerate(members):
            adjust_points(member_id=member, points=50, reason="why", ref=f"c{at}", by=TESTER, now=later)
        adjust_points(member_id=members[3], points=-10, reason="why", ref="d", by=TESTER, now=later)
        reserve_points(ref="r", member_id=members[2], points=20, now=later)
        assert count_report(now=later) and not count_report(now=later)
        (kept,) = kept_reports()
        report = kept.report
        assert [(one.month, one.granted, one.used, one.expired, one.back, one.left) for one in report.earned] == [
            ("2026-05", 200, 20, 0, 10, 170),
            ("2026-03", 400, 100, 300, 0, 0),
        ]
        assert (report.over_used, report.over_expired) == (100, 300)
        assert [(one.month, one.left) for one in report.ending] == [("2026-07", 170)]
        assert report.forecast == 128  # 170 × 300 / 400: nothing had been used so long before the end; halves upwards
        held = balances_of(members, (Book.POINTS,))
        assert report.left == sum(books[Book.POINTS] for books in held.values())
