"""Pages of points, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from rongshu.interfaces.console.pages import points as console
from rongshu.interfaces.faces import points_parts as parts
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.portal.pages import points as portal

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
LOTS = (
    parts.PointsLotRow(86, 120, "订单", date(2026, 12, 1), soon=True),
    parts.PointsLotRow(30, 30, "完善资料", date(2027, 11, 20)),
    parts.PointsLotRow(230, 230, "订单", date(2027, 11, 21), from_day=date(2026, 11, 27)),
    parts.PointsLotRow(5, 5, "人工发放", None),
)
LINES = (
    parts.PointsLine(NOW, "订单", "等级 1.5 倍", 230),
    parts.PointsLine(NOW, "占用或使用 · 马克杯", "", -34),
    parts.PointsLine(NOW, "签到", "连续 7 天 · 封顶前 10", 5),
    parts.PointsLine(NOW, "过期", "", -1200),
)
WAYS = ("每消费 ¥1.00 得 1 积分。", "茶：2 倍积分。", "积分有效至次年年底。")


def mine() -> portal.Points:
    return portal.Points(121, 230, 40, 0, Money(100), LOTS, WAYS, LINES, Cursor("a1"), 6, True, 5)


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "points": (mine, "me"),
    "points_none": (lambda: portal.Points(0, 0, 0, 0, None, (), (), ()), "me"),
    "points_owed": (lambda: replace(mine(), usable=0, worth=None, owed=300, may_sign=False, lots=()), "me"),
}

VALUES = {
    "per": "1.00", "points": "1", "rounding": "down", "products": "茶叶 | tea | 2", "first_order": "100",
    "sign_in": "1, 2, 5", "tasks": "profile | 完善资料 | 30 | 1", "validity": "years", "lasts": "1",
    "refunded": "back", "worth": "1.00", "least": "100", "step": "100", "share": "50%", "remind": "30, 7",
}  # fmt: skip
VERSIONS = (
    console.PointsVersionRow(2, "in_force", NOW, "王琳", "双十一之后"),
    console.PointsVersionRow(1, "past", NOW, "王琳", ""),
)
OWED = console.PointsOwed(
    NOW, 540_000, Money(540_000), 81_000, Money(81_000), 15,
    tuple(
        console.EarnedMonth(f"2026-{month:02}", 120_000 + month * 900, 40_000, 3_000 * (12 - month), 1_200, 60_000)
        for month in range(11, 2, -1)
    ),
    (console.EndingMonth("2026-12", 90_000, 60_000), console.EndingMonth("2027-12", 445_000, 21_000), console.EndingMonth("", 5_000, 0)),
)  # fmt: skip


def overview() -> console.Points:
    return console.Points(WAYS, VERSIONS, OWED)


def rules() -> console.PointsRules:
    return console.PointsRules(VALUES, "currency: CNY\nspending: {per: '1.00', points: 1}\n", 2)


def one() -> console.PointsOf:
    return console.PointsOf("mem_1", "林小美", 121, 230, 40, 0, LOTS, LINES, Cursor("a1"), ref="r")


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "points": (overview, "offers"),
    "points_none": (lambda: console.Points((), ()), "offers"),
    "points_rules": (rules, "offers"),
    "points_rules_tried": (lambda: replace(rules(), ways=WAYS, tried=(8_120, 1_204_000, 1_530_220)), "offers"),
    "points_rules_refused": (
        lambda: replace(rules(), problems=(("spending.per", "0 太小，至少为 1。"),), wrong=frozenset(["spending.per"])), "offers",
    ),
    "points_of": (one, "members"),
    "points_of_refused": (
        lambda: replace(one(), values={"points": "-900", "reason": ""}, problem="请写明原因；会员和审计都会看到。", at="reason"), "members",
    ),
}  # fmt: skip
