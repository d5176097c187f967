"""Console pages of segments, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.interfaces.console.pages import rfm
from rongshu.interfaces.console.pages import segments as pages
from rongshu.interfaces.console.pages.members import MemberRow
from rongshu.interfaces.faces.parts import Money, Person

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
PEOPLE = (Person("mem_1", "林秀英", "138****2417"), Person("mem_2", "赵敏", "159****0038"), Person("mem_3", "mem_3"))
ROW = pages.SegmentRow(
    "seg_1", "金卡以上、近 30 天没买", "等级：金卡、黑卡 并且 距上次下单天数至少 30", 1_204, NOW,
    pages.Trend("0.0,20.1 20.0,18.0 40.0,18.9 60.0,12.2 80.0,9.0 100.0,4.4 120.0,1.0", 612, 1_204), "唤醒",
)  # fmt: skip
ROWS = (
    ROW,
    pages.SegmentRow("seg_2", "新客", "人生阶段：新", 88, NOW - timedelta(minutes=40)),
)
TIERS = (
    pages.Option("leaf", "新叶"),
    pages.Option("gold", "金卡", True),
    pages.Option("onyx", "黑卡", True),
    pages.Option("old-gold", "old-gold"),
)
FACTS = (
    pages.FactOption("资料", (pages.Option("joined_days", "入会天数"), pages.Option("tier", "等级"))),
    pages.FactOption("购买", (pages.Option("orders", "订单数"), pages.Option("paid", "净支付金额"))),
)
GROUPS = (
    pages.GroupFields(
        0, 1, "all",
        (
            pages.ConditionFields("g0-r0", "tier", "等级", "choice", options=TIERS),
            pages.ConditionFields("g0-r1", "paid", "净支付金额", "money", least="500", most="20000.00"),
            pages.ConditionFields("g0-r2", "bought_sku", "买过其中的商品", "text", True, values="TEA-01, TEA-02", days="90", window=True),
        ),
    ),
    pages.GroupFields(
        1, 2, "any",
        (
            pages.ConditionFields("g1-r0", "points_expiring", "即将到期的积分", "number", least="100", days="30", window=True, ahead=True),
            pages.ConditionFields("g1-r2", "field.shoe", "鞋码", "decimal", least="41.5"),
            pages.ConditionFields("g1-r3", "field.wedding", "纪念日", "day", least="2026-05-01", most="2026-05-31"),
            pages.ConditionFields("g1-r1", "promotes", "在推广", "yes_no", yes=False),
        ),
    ),
)  # fmt: skip
LOOK = pages.SegmentLook(1_204, 12_480, "等级：金卡、黑卡 并且 净支付金额 500.00 到 20000.00", PEOPLE)


TAGS = (pages.Option("tag_1", "唤醒", True), pages.Option("tag_2", "品酒会"))


def segments(*rows: pages.SegmentRow, **more: Any) -> pages.Segments:
    return pages.Segments(rows, may_set=True, **more)


def segment(**more: Any) -> pages.SegmentPage:
    looks = (pages.LookRow(NOW, 1_204, 31, 4, 2), pages.LookRow(NOW - timedelta(hours=1), 1_177, 0, 2, 2))
    members = tuple((person, NOW - timedelta(days=at)) for at, person in enumerate(PEOPLE))
    page = pages.SegmentPage(ROW, 2, members, looks, NOW + timedelta(hours=1), may_set=True)
    return replace(page, **more)


def form(**more: Any) -> pages.SegmentForm:
    page = pages.SegmentForm("", "金卡以上", 0, "all", GROUPS, FACTS, LOOK, "CNY", tags=TAGS)
    return replace(page, **more)


def refused() -> pages.SegmentForm:
    wrong = replace(
        GROUPS[0].rows[1],
        least="abc",
        most="",
        problems=('"abc" 不是金额；写成这样："5.00"',),
        wrong=frozenset(["least"]),
    )
    return form(
        id="seg_1", name="", problem="给这个分群起个名字，最多 60 个字。", at="name",
        groups=(replace(GROUPS[0], rows=(GROUPS[0].rows[0], wrong)),),
        look=pages.SegmentLook(problems=("净支付金额：\"abc\" 不是金额；写成这样：\"5.00\"",)),
    )  # fmt: skip


LIVES = (
    ("new", 212, 51_000),
    ("active", 1_904, 462_000),
    ("cooling", 640, 155_000),
    ("sleeping", 801, 194_000),
    ("lost", 563, 138_000),
)
EDGES = [NOW - timedelta(days=days) for days in (220, 120, 61, 19)]


def map_of_buyers() -> rfm.Rfm:
    rows = []
    for score in (5, 4, 3, 2, 1):
        cells = tuple(
            rfm.HeatCell(
                members, heat, Money(members * 31_277), f"recency={score}&frequency={at}", f"最近 {score}，频次 {at}"
            )
            for at, (members, heat) in enumerate(((0, 0), (41, 1), (96, 2), (203, 3), (412, 5)), 1)
        )
        after, until = (EDGES[score - 2] if score > 1 else None), (EDGES[score - 1] if score < 5 else None)
        rows.append(rfm.HeatRow(score, after, until, cells))
    lives = tuple(rfm.LifeRow(life, members, ppm, f"life={life}") for life, members, ppm in LIVES)
    columns = ((1, "1"), (2, "–"), (3, "2–3"), (4, "4–6"), (5, "7 以上"))
    return rfm.Rfm(
        lives, tuple(rows), columns, 4_120, NOW, ("新：30 天内第一次购买，且只买过一次。", "1.5 倍节奏没下单为冷却。")
    )


def behind(*rows: MemberRow) -> rfm.Behind:
    return rfm.Behind("最近分 5 并且 频次分 5", len(rows), "recency=5&frequency=5", rows, may_set=True)


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "segments": (lambda: segments(*ROWS), "members"),
    "no_segments": (segments, "members"),
    "archived_segments": (lambda: segments(replace(ROW, ended_at=NOW, size=0), archived=True), "members"),
    "segment": (segment, "members"),
    "segment_empty": (lambda: segment(members=(), looks=()), "members"),
    "segment_ended": (lambda: segment(row=replace(ROW, ended_at=NOW), members=(), due_at=None), "members"),
    "segment_form": (form, "members"),
    "segment_new_form": (lambda: form(name="", groups=(pages.GroupFields(0, 1, "all", ()),), look=pages.SegmentLook(), tags=()), "members"),
    "segment_refused": (refused, "members"),
    "rfm": (map_of_buyers, "members"),
    "rfm_empty": (lambda: rfm.Rfm((), (), (), 0, None), "members"),
    "rfm_members": (lambda: behind(MemberRow(PEOPLE[0], "金卡", NOW, "active", 12, Money(481_200), 640)), "members"),
    "rfm_members_none": (behind, "members"),
    "segment_text": (lambda: form(groups=(), text='{"not": {"all": [{"fact": "orders", "at_least": 2}]}}'), "members"),
}  # fmt: skip
