"""Sample pages of the portal's customers and team."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.portal.pages import channels as ways
from rongshu.interfaces.portal.pages import customers as bonds
from rongshu.interfaces.portal.pages import goals as aims
from rongshu.interfaces.portal.pages import team as teams
from rongshu.interfaces.portal.pages import training as lessons

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)


def customers(rows: bool = True, only: bool = False) -> bonds.Customers:
    listed = (
        bonds.Customer("林秀英", "138****5678", NOW - timedelta(days=29), NOW, 0, 3, NOW, Money(12_840)),
        bonds.Customer("赵敏", "", NOW - timedelta(days=25), NOW + timedelta(days=5), 5, 1, NOW, Money(990)),
        bonds.Customer("mem_7k2m9q", "", NOW, NOW + timedelta(days=28), 28, 0, None, Money(0)),
        bonds.Customer("王小明", "186****1111", NOW - timedelta(days=400), None, None, 41, NOW, Money(1_203_377)),
    )
    held, ending = ("999+", "3") if rows else ("0", "0")
    return bonds.Customers(held, ending, only, 30, listed if rows else (), Cursor("n" if rows else None))


def tree(rows: bool = True) -> teams.Tree:
    way = (teams.Step("mem_1", "周国强"), teams.Step("mem_2", "Alice Wong"))
    states = ("active", "new", "sleeping", "ended")
    names = ("陈晓雯", "王磊", "欧阳晓雪", "一位名字写得特别特别长的推广员朋友")
    listed = tuple(
        teams.TeamMember(name, NOW, Money(0), (12_345, 0, 3, 1)[n], states[n], f"mem_{n}")
        for n, name in enumerate(names)
    )
    return teams.Tree(way, listed if rows else (), Cursor("n" if rows else None))


def training(rows: bool = True, stuck: bool = False) -> lessons.Training:
    listed = (
        lessons.Trainee("mem_1", "陈晓雯", NOW, (True, False, False), "分享第一条链接给一位老顾客", False, False),
        lessons.Trainee("mem_2", "一位名字写得特别特别长的推广员朋友", NOW - timedelta(days=20), (False, False, False), "看懂佣金规则", True, False),
        lessons.Trainee("mem_3", "Alice Wong", NOW - timedelta(days=20), (True, True, False), "加入新人群", True, True),
        lessons.Trainee("mem_4", "王磊", NOW - timedelta(days=40), (True, True, True), "", False, False),
    )  # fmt: skip
    steps = tuple(map(lessons.StepCount, ("看懂佣金规则", "分享第一条链接给一位老顾客", "加入新人群"), (412, 230, 95)))
    return lessons.Training(
        steps, 500, 95, 40 if rows else 0, 500, 7, stuck, listed if rows else (), Cursor("n" if rows else None)
    )


def goals(rows: bool = True) -> aims.Goals:
    today = NOW.date()
    listed = (
        aims.Reached("active", 21, 20, 100, today + timedelta(days=8), 8),
        aims.Reached("members", 3, 12_500, 0, today, 0),
        aims.Reached(
            "sales", 31_820_055, 120_000_000, 26, today - timedelta(days=1), -1, Money(31_820_055), Money(120_000_000)
        ),
    )
    last = today + timedelta(days=366)
    return aims.Goals(listed if rows else (), today, last, until=today + timedelta(days=8), currency="CNY", as_of=NOW)


def goals_refused() -> aims.Goals:
    return replace(goals(False), what="sales", wanted="很多", at="wanted", problem="请填写大于 0 的数字。")


def with_goals() -> teams.Team:
    return replace(searched(), q="", goals=goals().goals)


def searched() -> teams.Team:
    one = teams.TeamMember("陈晓雯", NOW, Money(812_050), 12, "active", "mem_1")
    return teams.Team(312, Money(31_820_000), "", (teams.Generation(1, 28),), 1, (one,), Cursor(), q="13812345678")


def channels(by: str = "channel", rows: bool = True) -> ways.Channels:
    names = {"channel": ("社群", "朋友圈", "归属您的顾客", "海报"), "day": ("11/22", "11/21", "11/20", "11/19")}.get(
        by, ("山茶花精华面霜 50 毫升", "复古针织手提包，一个名字很长很长、要在两行里才放得下的商品", "护手霜", "茶")
    )
    listed = tuple(
        ways.Row(
            name, 4_812 - n * 400, 1_611 - n * 200, 96 - n * 20, Money(1_284_000 - n * 320_000), 100 - n * 25, n != 2
        )
        for n, name in enumerate(names)
    )
    bars = tuple(ways.Bar(NOW.date() - timedelta(days=29 - n), n * 10, (n * 37) % 61, (n * 13) % 41) for n in range(30))
    steps = (
        ways.NextStep("社群每位访客带来的订单是朋友圈的 3 倍：多在那里分享", "30 天内社群 200 位访客带来 30 单，朋友圈 400 位访客带来 20 单。", "/portal/share", "share-2"),
        ways.NextStep("4 位顾客与您的归属将在 7 天内到期", "到期前下单可以保留，前提是品牌规则允许延长。", "/portal/customers", "hourglass"),
    )  # fmt: skip
    total = ways.Row("合计", 19_231, 6_204, 301, Money(4_812_077), 0)
    nothing = ways.Row("合计", 0, 0, 0, Money(0), 0)
    if not rows:
        return ways.Channels(by, 30, (), nothing, ())
    return ways.Channels(by, 30, listed, total, bars, 61, 12, steps)


PORTAL: dict[str, tuple[Callable[[], Any], str]] = {
    "customers": (customers, "team"),
    "channels": (channels, "share"),
    "channels_product": (lambda: channels("product"), "share"),
    "channels_day": (lambda: channels("day"), "share"),
    "channels_none": (lambda: channels(rows=False), "share"),
    "tree": (tree, "team"),
    "tree_none": (lambda: tree(False), "team"),
    "training": (training, "team"),
    "training_nobody_stuck": (lambda: training(False, stuck=True), "team"),
    "training_nobody": (lambda: replace(training(False), people=0), "team"),
    "training_no_steps": (lambda: replace(training(False), steps=()), "team"),
    "goals": (goals, "team"),
    "goals_none": (lambda: goals(False), "team"),
    "goals_refused": (goals_refused, "team"),
    "team_goals": (with_goals, "team"),
    "team_search": (searched, "team"),
    "team_search_none": (lambda: replace(searched(), rows=(), found=False), "team"),
    "customers_none": (lambda: customers(False), "team"),
    "customers_ending_none": (lambda: customers(False, True), "team"),
}
