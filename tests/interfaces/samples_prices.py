"""Pages of price rules, filled as a shop would have them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.console.pages import prices as pages
from rongshu.interfaces.faces.parts import Money

LONG = "双十一预售：山茶花精华与玻尿酸保湿面霜一起买更划算"
STEPS = tuple(pages.StepFields(at, ("300", "600", "", "", "")[at], ("40", "100", "", "", "")[at]) for at in range(5))
PARTS = tuple(pages.PartFields(at, "2" if at == 0 else "", "", "tea/green" if at == 0 else "", "") for at in range(4))
DAYS = tuple(pages.Choice(str(day), name, day > 5) for day, name in enumerate("一二三四五六日", 1))


def rules() -> pages.Prices:
    gold = pages.RuleCard("gold", "金卡茶叶", "每件优惠 10%", "tea", ("等级 gold",), "changed")
    groups = (
        pages.RuleGroup("member_prices", "会员价", "在会员等级折扣之外；同一件商品取最低价。", (gold,)),
        pages.RuleGroup(
            "sales", "限时特价", "在所选日期与时段内有效。",
            (pages.RuleCard("d11", LONG, "每件 9.90", "SKU-1, SKU-2", ("2026-11-11 00:00 起", "2026-11-12 20:00 止", "周六, 周日", "10:00-22:00"), "new"),),
        ),
        pages.RuleGroup("bundles", "组合优惠", "一起购买。", (pages.RuleCard("half", "第二件半价", "2 × 任意商品：最便宜的一件优惠 50%", "", (), "removed"),)),
        pages.RuleGroup("reductions", "满减", "满额立减。", (replace(gold, id="full", name="满 300 减 40", what="满 300.00：减 40.00；满 600.00：减 100.00", on="", when=(), state="same"),)),
        pages.RuleGroup("shipping", "运费", "按用券前的商品金额。", ()),
    )  # fmt: skip
    rows = (
        pages.VersionRow(3, "scheduled", datetime(2026, 11, 11, tzinfo=UTC), "林", "双十一"),
        pages.VersionRow(2, "in_force", datetime(2026, 6, 1, tzinfo=UTC), "林", "改包邮门槛"),
        pages.VersionRow(1, "past", datetime(2026, 5, 1, tzinfo=UTC), "林", ""),
    )
    return pages.Prices(groups, 3, 4, 3, 2, rows, "currency: CNY\n")


def rule(group: str = "sales") -> pages.PriceRule:
    how = (pages.Choice("discount", "优惠百分比", False), pages.Choice("fixed", "每件定价", True))
    goes = (pages.Choice("member_price", "会员价", True), pages.Choice("sale", "限时特价", False))
    values = {"name": LONG, "amount": "9.90", "skus": "SKU-1, SKU-2", "from": "2026-11-11T00:00", "tiers": "gold", "hours_from": "10:00", "hours_to": "22:00"}  # fmt: skip
    counted = (pages.Choice("spend", "满多少元", True), pages.Choice("each", "每满多少元", False))
    return pages.PriceRule(
        group, "限时特价", "d11", 4, values, how if group in ("sales", "bundles") else (), counted, STEPS, PARTS,
        goes if group in ("bundles", "reductions") else (), DAYS, (pages.Choice("gold", "金卡", True), pages.Choice("black", "黑卡", False)), ("tea", "tea/green"),
        segments=(pages.Choice("seg_1", "老客", True), pages.Choice("seg_2", "新客", False)),
    )  # fmt: skip


def tester() -> pages.PriceTester:
    steps = (
        pages.StepRow("会员价", "金卡茶叶", Money(2_000)),
        pages.StepRow("满减", "满 100 减 10", Money(1_000)),
        pages.StepRow("优惠券", "新人券", Money(500)),
        pages.StepRow("积分", "积分", Money(120)),
    )
    misses = (pages.MissRow(LONG, "“金卡茶叶”更低：90.00，而不是 98.00。", ""), pages.MissRow("第二件半价", "还差 1 件。", "再加上这么多件。"))  # fmt: skip
    line = pages.ResultLine(
        "T1", "正山小种红茶礼盒 250 克", 2, Money(10_000), Money(9_000), Money(16_380), steps, misses
    )
    result = pages.Result(
        (line, replace(line, sku="T2", title="", qty=1, unit=Money(10_000), paid=Money(10_000), steps=(), misses=())),
        Money(30_000), (("会员价", Money(2_000)), ("满减", Money(1_000)), ("优惠券", Money(500)), ("积分", Money(120))),
        Money(26_380), Money(1_200), Money(0), Money(26_380), ("试用装",), 120, (pages.MissRow("满 500 减 80", "还差 220.00。", "再买这么多。"),), (), 2,
    )  # fmt: skip
    rows = tuple(pages.CartRow(at, ("T1", "T2", "", "")[at], ("2", "1", "", "")[at], "") for at in range(4))
    return pages.PriceTester(rows, {"member": "13900000001", "coupons": "best", "points": "most"}, (pages.Choice("gold", "金卡", False),), True, (("T1", "正山小种"),), result)  # fmt: skip


CONSOLE: dict[str, tuple[Callable[[], Any], str]] = {
    "prices": (rules, "offers"),
    "prices_none": (lambda: replace(rules(), groups=tuple(replace(one, rules=()) for one in rules().groups), revision=0, in_force=0, versions=()), "offers"),
    "prices_refused": (lambda: replace(rules(), problems=(("sales[0].discount", "“ten”不是百分数。"),)), "offers"),
    "prices_seen": (lambda: replace(rules(), may_set=False), "offers"),
    "price_rule": (rule, "offers"),
    "price_rule_reduction": (lambda: rule("reductions"), "offers"),
    "price_rule_bundle": (lambda: rule("bundles"), "offers"),
    "price_rule_wrong": (lambda: replace(rule(), problems=(("fixed", "“1.234”的小数位太多。"),), wrong=frozenset({"amount"})), "offers"),
    "price_tester": (tester, "offers"),
    "price_tester_empty": (lambda: replace(tester(), result=None, problem="T2 没有价格。", at="lines.1.price"), "offers"),
}  # fmt: skip
