"""Sample pages about re-ratings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from rongshu.interfaces.console.pages import rerating as pages
from rongshu.interfaces.faces.parts import Cursor, Money, Person, Progress, Words
from rongshu.interfaces.portal.pages import rerating as portal

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
LIN = Person("mem_7k2m", "林秀英", "13812345678")
CHEN = Person("mem_2c8d", "陈晓雯", "15022223333")


def _yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


def _row(state: str) -> pages.ReratingRow:
    return pages.ReratingRow(
        id="rrt_01jd6z9x3k", state=state, since=NOW - timedelta(days=9), last=NOW - timedelta(days=2), version=4,
        reason="四号方案的二级比例写错了", asked_by="hejing", asked_at=NOW - timedelta(hours=2), changed=128,
        gains=_yuan(1842.5), losses=_yuan(-96.4),
    )  # fmt: skip


def reratings() -> pages.Reratings:
    return pages.Reratings(
        rows=tuple(_row(state) for state in ("previewed", "posting", "posted", "rejected", "preparing")),
        cursor=Cursor("z"),
        credits=(
            pages.CreditRow("ord_01", "T20251122-1042", NOW - timedelta(days=3), LIN, CHEN, "收银台传错了推广码", NOW, "hejing"),
            pages.CreditRow("ord_02", "T20251122-1043", NOW - timedelta(days=3), LIN, None, "员工内购", NOW, "hejing"),
        ),
        waiting=2,
        waiting_from=(NOW - timedelta(days=3)).date(),
        waiting_to=(NOW - timedelta(days=3)).date(),
        may_ask=True,
    )  # fmt: skip


def no_reratings() -> pages.Reratings:
    return pages.Reratings((), Cursor(), (), 0, None, None, may_ask=True)


def rerating(state: str = "previewed") -> pages.Rerating:
    rows = (
        pages.DifferenceRow(LIN, "level", 1, 1, _yuan(58.5), _yuan(0)),
        pages.DifferenceRow(CHEN, "level", 1, 1, _yuan(0), _yuan(58.5)),
    )
    return pages.Rerating(
        row=_row(state), preview="prv_01", previewed_at=NOW, stale=False, failure="", orders=1204, corrected=2,
        decided_by="" if state == "previewed" else "zhouguoqiang", decided_at=None if state == "previewed" else NOW,
        decision="", posted_at=None,
        causes=(pages.CauseRow("attribution", 2, _yuan(0)), pages.CauseRow("plan", 120, _yuan(1842.5))),
        people=(pages.GainRow(CHEN, _yuan(137.65), 4), pages.GainRow(LIN, _yuan(-96.4), 10)),
        differences=(
            pages.OrderRow("ord_01", "T20251122-1042", NOW - timedelta(days=3), "attribution", LIN, CHEN, _yuan(0), rows),
        ),
        cursor=Cursor("z"), progress=Progress("入账中", 40, 128) if state == "posting" else None,
        may_decide=state == "previewed", may_ask=state == "previewed", own=False,
    )  # fmt: skip


def rerating_order() -> pages.ReratedOrder:
    why = Words(
        zh="第 1 行（CM-050）。第 1 层为 15%。¥390.00 × 15% = ¥58.50。",
        en="Line 1 (CM-050). Level 1 earns 15%. ¥390.00 × 15% = ¥58.50.",
    )
    none = Words(zh="订单没有归属任何推广员。", en="The order is credited to nobody.")
    return pages.ReratedOrder(
        "rrt_01jd6z9x3k", "ord_01", "T20251122-1042", posted=False,
        old=pages.Side("春季 #3", "/console/plans", None, _yuan(0), (), none),
        new=pages.Side("春季 #4", "/console/plans", CHEN, _yuan(58.5), (pages.SideRow(CHEN, "level", 1, 1, _yuan(58.5), why),), None),
    )  # fmt: skip


def corrected() -> portal.Corrected:
    return portal.Corrected(
        rows=(portal.CorrectedRow("ord_01", "T20251122-1042", NOW, "收银台传错了推广码", _yuan(58.5), _yuan(0)),),
        cursor=Cursor(),
    )


CONSOLE = {
    "reratings": (reratings, "reratings"), "no_reratings": (no_reratings, "reratings"), "rerating": (rerating, "reratings"),
    "rerating_posting": (lambda: rerating("posting"), "reratings"), "rerating_order": (rerating_order, "reratings"),
    "rerating_new": (lambda: pages.NewRerating(((4, "春季"), (3, "春季")), problem="时段的结束须晚于开始。"), "reratings"),
    "rerating_credits": (lambda: pages.CorrectCredits("T-1,m3", "", "没有订单 T-1。"), "reratings"),
    "order_promoter": (lambda: pages.CorrectPromoter("ord_01", "T20251122-1042", NOW, LIN, CHEN), "orders"),
}  # fmt: skip
PORTAL = {"corrected": (corrected, "earnings")}
ENGLISH = tuple(
    words.en
    for side in (rerating_order().old, rerating_order().new)
    for words in (side.nothing, *(row.why for row in side.rows))
    if words is not None
)
