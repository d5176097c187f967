"""Console pages of tiers, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import growth as growth_pages
from rongshu.interfaces.console.pages import tiers as pages
from rongshu.interfaces.faces.parts import Cursor, Money, Person
from rongshu.interfaces.faces.tier_parts import GrowthLine, TierStep
from tests.interfaces.samples_card import GOLD, LEAF, ONYX

NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)
VERSIONS = (
    pages.TierVersionRow(3, "scheduled", datetime(2027, 1, 1, tzinfo=UTC), "何静"),
    pages.TierVersionRow(2, "in_force", NOW, "何静"),
    pages.TierVersionRow(1, "past", datetime(2026, 1, 1, tzinfo=UTC), "何静"),
)
FIELDS = (
    pages.TierFields(0, 1, "leaf", "新叶", "Leaf", "bronze", "leaf", "1", points="1.2"),
    pages.TierFields(1, 2, "gold", "金卡", "Gold", "gold", "crown", "2000", "1500", "5%", "1.5", True, "100", "cpk_1", support="400-800-0000", early="24"),
    pages.TierFields(2, 3),
)  # fmt: skip
LOOK = pages.LadderLook(
    12_480, 1_204, 12, ("无等级", "新叶", "金卡", "黑卡"),
    (
        pages.MoveRow("无等级", 3_004, ((2_804, 0), (200, 1), (0, 1), (0, 1))),
        pages.MoveRow("新叶", 8_412, ((0, -1), (7_408, 0), (1_004, 1), (0, 1))),
        pages.MoveRow("老金卡", 1_064, ((0, 0), (12, -1), (1_040, 0), (12, 0))),
    ),
    (
        pages.TierCostRow("新叶", 7_620, 8_412, 1_220, Money(41_200_300), Money(0), 82_400, Money(82_400)),
        pages.TierCostRow("金卡", 2_044, 1_064, 88, Money(88_120_000), Money(4_406_000), 440_600, Money(440_600)),
        pages.TierCostRow("黑卡", 12, 0, 0, Money(2_400_000), Money(240_000), 24_000, Money(24_000)),
    ),
    Money(5_193_000), Money(3_810_200), ("没有人会是黑卡。", "金卡要求的不到新叶的 1.25 倍：多数人感觉不到差别。"),
)  # fmt: skip


def tiers() -> pages.Tiers:
    rows = (
        pages.TierRow(LEAF, 1, 8_412, 79),
        pages.TierRow(GOLD, 1_500, 2_044, 19),
        pages.TierRow(ONYX, 8_000, 112, 1),
    )
    return pages.Tiers(
        rows,
        "今年的成长值。",
        30,
        VERSIONS,
        ("每消费 ¥1.00 得 1。", "首单多 20。", "完善资料：20（最多 1 次）"),
        VERSIONS[1:],
    )


def ladder(**more: Any) -> pages.LadderForm:
    return pages.LadderForm(
        FIELDS, "year", "12", "30", "", 2, (("bronze", "古铜"), ("silver", "银"), ("gold", "金")), (("leaf", "叶"), ("star", "星"), ("crown", "冠")),
        (("cpk_1", "生日券"), ("cpk_2", "周年券")), **more,
    )  # fmt: skip


def growth(**more: Any) -> pages.GrowthForm:
    acts = (pages.ActivityFields(0, "profile", "完善资料", "20", ever="1"), pages.ActivityFields(1))
    return pages.GrowthForm("1.00", "1", "20", acts, "", 1, **more)


def growth_of() -> growth_pages.GrowthOf:
    lines = (
        GrowthLine(NOW, "订单", "A-1024", 389), GrowthLine(NOW, "手工", "门店活动补录", 20), GrowthLine(NOW, "退款", "A-1001", -120),
    )  # fmt: skip
    steps = (TierStep(NOW, "银卡", "金卡", "成长值达到", 2_031), TierStep(NOW, "银卡", "银卡", "评定保级", 812))
    card = growth_pages.CardHeld("3841 0022 9187 4405", "邀请领取", NOW, Person("mem_2", "王磊", ""))
    return growth_pages.GrowthOf(
        "mem_1", "林秀英", "金卡", 3_120, 5_210, lines, steps, Cursor("z"), card, True, ref="r"
    )


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "growth_of": (growth_of, "members"),
    "growth_of_none": (
        lambda: replace(growth_of(), rows=(), steps=(), tier="", window=0, total=0, card=None, cursor=Cursor()), "members",
    ),
    "growth_of_wrong": (
        lambda: replace(growth_of(), values={"growth": "-9000", "reason": "录错"}, problem="最多只能扣 5,210。", at="growth"), "members",
    ),
    "tiers": (tiers, "members"),
    "tiers_none": (lambda: replace(tiers(), rows=(), counts="", grace=0, versions=(), growth=(), growth_versions=()), "members"),
    "ladder_of_tiers": (ladder, "members"),
    "ladder_of_tiers_look": (lambda: ladder(look=LOOK), "members"),
    "ladder_of_tiers_wrong": (
        lambda: replace(
            ladder(problems=(("tiers[1].growth", "1 太小，至少要 2。"),), wrong=frozenset(["months"])),
            tiers=(FIELDS[0], replace(FIELDS[1], growth="1", wrong=frozenset(["growth"]))),
        ),
        "members",
    ),
    "growth_rules": (lambda: growth(tried=(1_204, 389_204, 420_114)), "members"),
    "growth_rules_wrong": (lambda: growth(problems=(("spending.per", "“一元”不是金额。"),), wrong=frozenset(["spending.per"])), "members"),
}  # fmt: skip
