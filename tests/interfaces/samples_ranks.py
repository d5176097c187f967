"""Pages of ranks filled with data as a shop would have them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from rongshu.engine.plan import read_plan
from rongshu.engine.ranks import Missing, read_ladder, write_ladder
from rongshu.interfaces.console.ladder_form import form_of
from rongshu.interfaces.console.pages import promoters as console_promoters
from rongshu.interfaces.console.pages import ranks as pages
from rongshu.interfaces.faces.parts import Person
from rongshu.interfaces.faces.rank_words import NEED_NAMES, NEED_RISKS, Step, brings, steps_of, terms_of
from rongshu.interfaces.portal.pages import home as portal_home

AT = datetime(2026, 11, 22, 11, 30, tzinfo=UTC)
LADDER = read_ladder(
    """
currency: CNY
window: {months: 3}
upgrade: at_once
retention: {months: 3}
grace: {days: 30}
downgrade: by_one
ranks:
  - {name: gold, title: {zh: 金牌, en: Gold}, needs: {own_sales: "20000.00", own_orders: 30, team_size: 5}}
"""
)
PLAN = read_plan(
    """
name: spring
currency: CNY
levels: {1: {rate: 10%}}
overrides:
  - {id: beauty, level: 1, when: {rank: gold, category: beauty}, rate: 18%}
  - {id: flat, level: 1, when: {rank: gold}, fixed: "5.00"}
boosts: [{id: gold, when: {rank: gold}, add: 1%}]
differential: {ranks: {gold: 7%}}
pools: [{id: gold-1, share: 1%, eligible: {rank: gold}}]
"""
)


def needs() -> tuple[tuple[str, str, str], ...]:
    return (
        (str(NEED_NAMES["own_sales"]), "¥20,000.00", ""),
        (str(NEED_NAMES["own_orders"]), "30", ""),
        (str(NEED_NAMES["team_size"]), "5", str(NEED_RISKS["team_size"])),
    )


def minded() -> tuple[tuple[str, str], ...]:
    return ((str(NEED_NAMES["team_size"]), str(NEED_RISKS["team_size"])),)


def rows(after: bool = False) -> tuple[pages.RankRow, ...]:
    return (
        pages.RankRow("gold", "金牌", needs(), 18, 2, 20 if after else None),
        pages.RankRow("old", "老会员", (), 3, 0, 3 if after else None),
        pages.RankRow("", "无等级", (), 980, 98, 978 if after else None),
    )


def ranks() -> pages.Ranks:
    version = pages.LadderVersionRow(2, AT, "何静")
    first = pages.LadderVersionRow(1, AT.replace(month=3), "何静")
    return pages.Ranks(
        version, rows(), 1001, terms_of(LADDER), (version, first), write_ladder(LADDER), minded(), AT, may_edit=True
    )


def no_ladder() -> pages.Ranks:
    return pages.Ranks(None, rows()[2:], 980, (), (), "", (), None, may_edit=True)


def ladder(wrong: bool = False, form: bool = False) -> pages.LadderDraft:
    text = write_ladder(LADDER)
    if wrong:
        return pages.LadderDraft(0, text, (pages.LadderProblem("ranks[0].needs", "等级必须有要求"),))
    if form:
        problem = pages.LadderProblem("ranks[1].needs.own_sales", "低于下一等级的要求")
        ranks = [
            *LADDER.canonical()["ranks"],
            {"name": "jade", "needs": {"own_sales": "100.00", "team_sales": "0.001"}},
        ]
        shown = form_of(LADDER.canonical() | {"ranks": ranks}, frozenset([problem.path]))
        return pages.LadderDraft(2, text, (problem,), form=shown)
    moves = (
        pages.MoveRow(Person("mem_7k2m", "林秀英"), "无等级", "金牌", rises=True),
        pages.MoveRow(Person("mem_4b1e", "王磊"), "金牌", "无等级", rises=False),
    )
    thresholds = (("金牌", str(NEED_NAMES["own_sales"]), "¥20,000.00", "¥12,000.00"),)
    shown = pages.LadderPreview(
        3, 1, rows(after=True), moves, "1a", True, ("金牌遥不可及：没有人各项要求都过半。",), text, thresholds, minded()
    )
    return pages.LadderDraft(2, text, preview=shown)


def steps() -> tuple[Step, ...]:
    return steps_of((Missing("own_sales", 2_000_000, 1_530_000), Missing("own_orders", 30, 31)), "CNY")


def promoter_rank(shown: console_promoters.Promoter) -> console_promoters.Promoter:
    changes = (
        pages.RankChangeRow(AT, "金牌", "银牌", "人工设定", "手误更正", "何静"),
        pages.RankChangeRow(AT.replace(month=10), "无等级", "金牌", "达标", "个人销售额 ¥21,000.00", "系统"),
    )
    rank = pages.PromoterRank(
        "银牌",
        AT,
        AT.replace(year=2027),
        True,
        "金牌",
        steps(),
        AT,
        changes,
        (("gold", "金牌"), ("", "无等级")),
        "silver",
    )
    return replace(shown, view="rank", ranked=rank)


def home_rank(shown: portal_home.Home) -> portal_home.Home:
    rank = portal_home.MyRank("银牌", True, "金牌", steps(), brings(PLAN, "silver", "gold"), AT)
    return replace(shown, rank=rank)


def home_top(shown: portal_home.Home) -> portal_home.Home:
    return replace(shown, rank=portal_home.MyRank("金牌", False, "", (), (), AT))
