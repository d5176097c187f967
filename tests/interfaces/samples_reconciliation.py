"""Sample pages of reconciliation."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from rongshu.interfaces.console.pages import reconciliation as pages
from rongshu.interfaces.faces.parts import Cursor, Money

NOW = datetime(2026, 11, 22, 11, 32, tzinfo=UTC)
DAY = date(2026, 11, 21)


def _yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


def _cash(*, agrees: bool, provider: str = "wechat", name: str = "微信支付") -> pages.CashLine:
    return pages.CashLine(
        provider, name, DAY, _yuan(182_340.5), _yuan(182_340.5 if agrees else 181_380.5), _yuan(182_340.5 if agrees else 181_370),
        _yuan(0 if agrees else -10.5), 0 if agrees else 3, _yuan(0 if agrees else 2_400),
    )  # fmt: skip


def _day(number: int = 0, *, agrees: bool = True, provider: str = "wechat", name: str = "微信支付") -> pages.DayRow:
    return pages.DayRow(
        provider, name, DAY - timedelta(days=number), 1284 if agrees else 312, 1284 if agrees else 309, 0 if agrees else 1,
        0 if agrees else 2, 1_000_000 if agrees else 990_384, _yuan(182_340.5), _yuan(182_340.5),
        _yuan(0 if agrees else -10.5),
    )  # fmt: skip


def _row(kind: str, state: str = "open", ours: float = 960, theirs: float = 0) -> pages.DifferenceRow:
    extra = kind == "extra"
    return pages.DifferenceRow(
        "dif_0am6k61nr0200", kind, state, "微信支付", DAY, _yuan(ours), _yuan(theirs), "" if extra else "wdr_0am6k61nr0200",
        "4200002931202611218801" if extra else "", NOW,
    )  # fmt: skip


def reconciliation() -> pages.Reconciliation:
    return pages.Reconciliation(
        cash=(_cash(agrees=False), _cash(agrees=True, provider="bank", name="银行文件")),
        rows=(_day(0, agrees=False), _day(0, provider="bank", name="银行文件"), _day(1), _day(2)),
        cursor=Cursor("z"),
        waiting=2,
        may_bring=True,
    )


def no_reconciliation() -> pages.Reconciliation:
    return pages.Reconciliation((), (), Cursor(), 0, may_bring=True)


def day() -> pages.OneDay:
    return pages.OneDay(
        cash=_cash(agrees=False),
        row=_day(0, agrees=False),
        payments_amount=_yuan(299_520),
        lines=311,
        lines_amount=_yuan(300_480),
        source="fetched",
        reconciled_at=NOW,
        differences=(_row("missing"), _row("extra", "explained", 0, 960), _row("amount", "proposed", 960, 970.5)),
        bridge=(
            pages.BridgeRow("", "4200002931202611218801", "dif_0am6k61nr0200", "extra", "explained", _yuan(-960)),
            pages.BridgeRow("wdr_0am6k61nr0200", "", "dif_0am6k61nr0200", "missing", "open", _yuan(960)),
            pages.BridgeRow("wdr_0am6k61nr0201", "", "", "", "", _yuan(-960)),
        ),
        bridge_count=3,
        moves=(
            pages.MoveRow("fee", DAY, _yuan(-12.4), "", "system", by_hand=False),
            pages.MoveRow("deposit", DAY, _yuan(200_000), "", "system", by_hand=False),
            pages.MoveRow("opening", DAY - timedelta(days=20), _yuan(50_000), "网银余额", "周会计", by_hand=True),
        ),
    )


def clean_day() -> pages.OneDay:
    return pages.OneDay(
        _cash(agrees=True), _day(), _yuan(299_520), 1284, _yuan(299_520), "uploaded", NOW, (), (), 0, ()
    )  # fmt: skip


def differences() -> pages.Differences:
    rows = (_row("missing"), _row("extra", "open", 0, 960), _row("amount", "proposed", 960, 970.5), _row("came_back"))
    return pages.Differences("waiting", rows, Cursor("z"), 4, may_decide=True)


def no_differences() -> pages.Differences:
    return pages.Differences("decided", (), Cursor(), 0, may_decide=True)


def difference(kind: str = "came_back", state: str = "open", problem: str = "") -> pages.OneDifference:
    decisions = {"came_back": ("explain", "give_back"), "extra": ("explain", "write_off")}[kind]
    decided = state != "open"
    return pages.OneDifference(
        row=_row(kind, state),
        provider="wechat",
        lines=(
            pages.LineRow("paid", NOW - timedelta(days=2), _yuan(960), "wdr0am6k61nr0200", "1330002931", ""),
            pages.LineRow("returned", NOW, _yuan(960), "wdr0am6k61nr0200", "1330002931", "退汇 户名不符"),
        ),
        decisions=decisions,
        decision="write_off" if decided else "",
        reason="渠道重复付款，已追讨未果" if decided else "",
        who="周会计" if decided else "",
        second="何静" if state == "settled" else "",
        decided_at=NOW if decided else None,
        own=False,
        may_decide=True,
        may_confirm=True,
        problem=problem,
    )


def bring(*, wrong: bool = False) -> pages.BringBill:
    columns = (("date", "日期"), ("out", "支出金额"), ("in", "收入金额"), ("balance", "余额"), ("memo", "用途"))
    return pages.BringBill(
        providers=(("bank", "银行文件"), ("manual", "人工打款")),
        columns=columns,
        key="csh_0am6k61nr0200",
        today=NOW.date(),
        typed={"cash_amount": "1,0", "cash_reason": "转账"} if wrong else {},
        problems=("第 7 行“交易日期”：31/05/2026 不是年份在前的日期。未作任何更改。",) if wrong else (),
        problem="1,0 不是金额；请写成 1234.50。" if wrong else "",
        at="cash_amount" if wrong else "",
    )


CONSOLE = {
    "reconciliation": (reconciliation, "money"), "no_reconciliation": (no_reconciliation, "money"),
    "reconciliation_day": (day, "money"), "reconciliation_clean_day": (clean_day, "money"),
    "differences": (differences, "money"), "no_differences": (no_differences, "money"), "difference": (difference, "money"),
    "difference_proposed": (lambda: difference("extra", "proposed"), "money"),
    "difference_settled": (lambda: difference("extra", "settled"), "money"),
    "difference_refused": (lambda: difference(problem="请写明原因；会留存。"), "money"),
    "reconciliation_bring": (bring, "money"), "reconciliation_bring_wrong": (lambda: bring(wrong=True), "money"),
}  # fmt: skip
