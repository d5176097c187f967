"""Pages of members filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import duplicates as duplicate_pages
from rongshu.interfaces.console.pages import members as pages
from rongshu.interfaces.console.pages.profiles import TagPart
from rongshu.interfaces.faces.parts import Cursor, Erasing, Money, Person

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
ROW = pages.MemberRow(Person("mem_7k2m", "林秀英", "138****5678"), "金卡", NOW, "active", 41, Money(1_284_050), 12_840)
TIERS = (("silver", "银卡"), ("gold", "金卡"))


MERGED = pages.Merged(
    "mrg_1", Person("mem_4", "林小姐", "138****5678"), ROW.person, "同一手机号，门店核实过", NOW, "何静", 3, 260,
)  # fmt: skip


def members() -> pages.Members:
    rows = (
        ROW,
        replace(ROW, person=Person("mem_8x6y", "赵敏", "137****2222"), tier="", life="", orders=0, net=Money(0), points=0),
        replace(ROW, person=Person("mem_9f3a", "欧阳名字很长很长一直写到第二行才放得下的一位会员", ""), life="lost", tier="银卡"),
    )  # fmt: skip
    tags = (("tag_1", "品酒会"), ("tag_2", "老朋友"))
    return pages.Members("", "", TIERS, rows, Cursor("z"), "", (("CN-GD", "广东"), ("CN-HI", "海南")), "", tags, tags)


def member() -> pages.MemberPage:
    lots = (pages.LotRow(840, 1_000, NOW, True), pages.LotRow(12_000, 12_000, None, False))
    return pages.MemberPage(
        ROW, "u-1004", "l***@example.com", True, pages.TierNow("金卡", 8_200, 12_840, "黑卡", 1_800, 82, NOW, NOW),
        12_840, 300, 100, 20, lots,
        (pages.CouponRow("cpn_1", "满 100 减 10", "held", NOW), pages.CouponRow("cpn_2", "包邮", "reserved", None)),
        ("高价值会员", "一年内买过面霜"),
        (pages.OrderOfMember("ord_1", "2026112200017", NOW, Money(38_900), Money(0), ("CM-050", "T1")),), NOW, NOW, Cursor("z"),
        tags=(TagPart("tag_1", "品酒会", False, NOW, "王店长"), TagPart("tag_2", "唤醒", True, NOW, "高价值会员")),
        erasing=Erasing("mem_1"), merged=(MERGED,),
    )  # fmt: skip


def fresh() -> pages.MemberPage:
    bare = replace(ROW, tier="", life="", orders=0, net=Money(0), points=0)
    return replace(member(), row=bare, tier=None, usable=0, pending=0, reserved=0, owed=0, lots=(), coupons=(), segments=(), orders=(), tags=(), promotes=False, cursor=Cursor())  # fmt: skip


OTHER = replace(ROW, person=Person("mem_4", "林小姐", ""), tier="", life="new", orders=1, net=Money(12_900), points=129)
PAIRS = duplicate_pages.Duplicates(
    "suspected",
    (
        duplicate_pages.Suspected(ROW, OTHER, ("name_birthday", "phone")),
        duplicate_pages.Suspected(OTHER, ROW, ("external_id",)),
    ),
    cursor=Cursor("z"),
)
UNDONE = replace(MERGED, id="mrg_2", undone_at=NOW, undone_who="王店长", orders=0, points=0)
TOGETHER = duplicate_pages.Together(
    duplicate_pages.Side(ROW, "u-1004", "l***@example.com", "1990-05-01", "浙江 杭州", 12_840, True),
    duplicate_pages.Side(OTHER, "wx-88213", "", "1990-05-01", "", 129, False),
    ("phone", "name_birthday"), 1, 129, 129, 2, ("城市", "偏好"),
)  # fmt: skip


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "members": (members, "members"),
    "members_none": (lambda: replace(members(), tiers=(), rows=(), cursor=Cursor()), "members"),
    "members_not_found": (lambda: replace(members(), q="139", rows=(), cursor=Cursor()), "members"),
    "member": (member, "members"),
    "member_merged": (lambda: replace(fresh(), heir=ROW.person, erasing=None), "members"),
    "duplicates": (lambda: PAIRS, "members"),
    "duplicates_none": (lambda: duplicate_pages.Duplicates("suspected"), "members"),
    "duplicates_merged": (lambda: duplicate_pages.Duplicates("merged", merged=(MERGED, UNDONE)), "members"),
    "duplicates_merged_none": (lambda: duplicate_pages.Duplicates("merged"), "members"),
    "duplicate": (lambda: TOGETHER, "members"),
    "duplicate_wrong": (
        lambda: replace(
            TOGETHER,
            stays=TOGETHER.goes,
            goes=TOGETHER.stays,
            alike=(),
            apart=True,
            problem="被合并的一位是推广员；请反过来合并，保留推广员。",
        ),
        "members",
    ),
    "duplicate_no_reason": (lambda: replace(TOGETHER, wrong="请说明原因。", reason="?"), "members"),
    "member_fresh": (fresh, "members"),
    "member_erased": (
        lambda: replace(fresh(), external_id="erased-mem_1", email="", erasing=Erasing("mem_1", NOW)),
        "members",
    ),
}
