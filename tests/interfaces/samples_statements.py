"""Sample pages of statements, months declared and the tenant's month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from rongshu.interfaces.console.pages import statements as pages
from rongshu.interfaces.console.pages import transparency as openings
from rongshu.interfaces.faces.papers.rows import StatementRow
from rongshu.interfaces.faces.parts import Chart, Cursor, Panel
from rongshu.interfaces.portal.pages import balance as balances
from rongshu.interfaces.portal.pages import statements as portal
from tests.interfaces.samples_money import CHEN, LIN, NOW, _yuan

SUMS = (("佣金解冻", _yuan(3200)), ("退款冲回", _yuan(-33.5)), ("已付给您", _yuan(-760)), ("代扣税款", _yuan(-40)))
LINES = (
    StatementRow(NOW, "paid", "已付给您", _yuan(-760), "withdrawal", "wdr_0am6k61nr0200", "", ""),
    StatementRow(NOW, "reversed", "退款冲回", _yuan(-33.5), "order", "ord_01", "536365", "2026-10"),
    StatementRow(NOW, "reward", "周期奖励", _yuan(120), "period", "per_01", "2026-10-01 – 2026-10-31", ""),
    StatementRow(NOW, "released", "佣金解冻", _yuan(3200), "release", "rel_01", "", ""),
)


def statement() -> portal.StatementPage:
    return portal.StatementPage(
        month=date(2026, 11, 1), earlier="2026-10", later="", opening=_yuan(120), sums=SUMS, closing=_yuan(2486.5),
        lines=tuple(portal.StatementLine(row, "z" if row.source == "withdrawal" else "") for row in LINES), more=12,
        years=(2026, 2025),
    )  # fmt: skip


def statement_empty() -> portal.StatementPage:
    return portal.StatementPage(date(2026, 11, 1), "2026-10", "2026-12", _yuan(0), (), _yuan(0), (), 0)


def released() -> portal.ReleasedPage:
    rows = (
        portal.ReleasedRow("ord_01", "536365", NOW - timedelta(days=20), _yuan(33.5), _yuan(0)),
        portal.ReleasedRow("ord_02", "536366", NOW - timedelta(days=21), _yuan(12), _yuan(4)),
    )
    return portal.ReleasedPage(NOW, _yuan(41.5), rows, 3, "2026-11")


def console_statement() -> pages.PromoterStatement:
    return pages.PromoterStatement(
        person=LIN, month=date(2026, 11, 1), earlier="2026-10", later="", opening=_yuan(120), sums=SUMS, closing=_yuan(2486.5),
        rows=LINES, more=12, years=(2026, 2025), may_certify=True,
    )  # fmt: skip


def console_released() -> pages.Released:
    rows = (pages.ReleasedRow("ord_01", "536365", NOW - timedelta(days=20), _yuan(33.5), _yuan(4)),)
    return pages.Released(CHEN, NOW, _yuan(29.5), rows, 1, "2026-11")


def _month(month: str, filed: int, changed: int = 0, *, over: bool = True) -> pages.TaxMonth:
    return pages.TaxMonth(
        month=month, people=1284, gross=_yuan(862_045.5), tax=_yuan(61_204.12), under_way=0 if over else 3, over=over, filed=filed,
        filed_at=NOW if filed else None, filed_by="周会计" if filed else "", changed=changed,
    )  # fmt: skip


PAYER = {"name": "榕树商贸有限公司", "tax_id": "91350100M000100Y43", "address": "福州市鼓楼区五一北路 1 号"}


def taxes() -> pages.Taxes:
    months = (_month("2026-11", 0, over=False), _month("2026-10", 0), _month("2026-09", 1, 2), _month("2026-08", 1))
    return pages.Taxes(PAYER, NOW, months, ("2026-Q4", "2026-Q3"), (2026,), dollars=True, may_declare=True)


def taxes_none() -> pages.Taxes:
    empty = dict.fromkeys(PAYER, "")
    return pages.Taxes(empty, None, (), (), (), False, True, "请填写扣缴义务人的完整注册名称。", "name")


def tax_month() -> pages.TaxMonthPage:
    first = pages.FiledReturn(
        0, NOW - timedelta(days=40), "周会计", 1285, _yuan(864_045.5), _yuan(61_564.12), "3f" * 32
    )
    changed = pages.ChangedRow(LIN, "林**", "劳务报酬（按月）", _yuan(5000), _yuan(3000), _yuan(800), _yuan(440))
    turned = pages.TurnedRow(NOW, "wdr_0am6k61nr0200", _yuan(-2000), _yuan(-360))
    return pages.TaxMonthPage(
        _month("2026-09", 1, 1), (first,), (changed,), (turned,), (12, _yuan(410.2), _yuan(24.61)), False, True
    )  # fmt: skip


def tax_month_open() -> pages.TaxMonthPage:
    return pages.TaxMonthPage(_month("2026-11", 0, over=False), (), (), (), None, True, True, "请先填写扣缴义务人。")


def month_report() -> pages.MonthReport:
    names = (
        "客户实付",
        "其中至今未退",
        "这些订单的佣金",
        "至今冲回",
        "已结束周期的奖励",
        "当前成本",
        "本月解冻",
        "本月冲回",
        "已付给推广员",
        "代扣税款",
    )
    amounts = (1_204_000, 1_180_300, 98_204.5, 1_930.2, 6_000, 102_274.3, 91_000, 2_044.1, 71_220.4, 5_120.1)
    sums = tuple(
        pages.Sum(name, _yuan(amount), _yuan(amount * 0.93)) for name, amount in zip(names, amounts, strict=True)
    )
    kinds = (
        pages.ReportRow("第 1 层", _yuan(80_000), _yuan(1_500), 815_000, _yuan(76_100)),
        pages.ReportRow("级差", _yuan(18_204.5), _yuan(430.2), 185_000, _yuan(0)),
    )
    categories = (
        pages.ReportRow("美妆", _yuan(60_000), _yuan(1_500), 607_000, _yuan(55_000), 92_000),
        pages.ReportRow("未分类", _yuan(38_204.5), _yuan(0), 393_000, _yuan(36_000), None),
    )
    days = tuple(date(2026, 10, 1 + at) for at in range(31))
    paid = tuple(3_500_000 + 91_000 * (at * 7 % 11) for at in range(31))
    chart = Chart(
        "paid-and-commission", "客户实付中有多少给了推广员？", "¥98,204.50 / ¥1,204,000.00：8.2%。", days,
        (Panel("实付", "bar", paid, "CNY"), Panel("佣金", "line", tuple(one // 12 for one in paid), "CNY")),
    )  # fmt: skip
    return pages.MonthReport(date(2026, 10, 1), "2026-09", "2026-11", sums, 86_650, 84_120, kinds, categories, chart)


def month_report_empty() -> pages.MonthReport:
    return pages.MonthReport(date(2026, 10, 1), "2026-09", "", (), None, None, (), (), None)


def balance(amount: float | None = 2486.5) -> balances.MyLeaf:
    when = datetime(2026, 11, 1, tzinfo=UTC)
    mine = None if amount is None else _yuan(amount)
    return balances.MyLeaf(3, when, mine, _yuan(1_204_386.5), 12_480, 14, "/transparency/demo")


def transparency(rows: int = 3) -> openings.Transparency:
    found = tuple(
        openings.PublicationRow(
            number, datetime(2026, 8 + number, 1, tzinfo=UTC), 12_480, _yuan(3_204_000 + number), _yuan(2_000_000), _yuan(1_204_000.5),
            _yuan(120), "系统" if number > 1 else "ann",
        )
        for number in range(rows, 0, -1)
    )  # fmt: skip
    return openings.Transparency(rows > 0, False, "/transparency/demo", found, Cursor(None), True)


CONSOLE = {
    "transparency": (transparency, "money"), "transparency_none": (lambda: transparency(0), "money"),
    "statement": (console_statement, "money"), "statement_released": (console_released, "money"),
    "taxes": (taxes, "money"), "taxes_none": (taxes_none, "money"), "tax_month": (tax_month, "money"),
    "tax_month_open": (tax_month_open, "money"), "month_report": (month_report, "money"),
    "month_report_empty": (month_report_empty, "money"),
}  # fmt: skip
PORTAL = {
    "balance": (balance, "home"), "balance_nothing": (lambda: balance(None), "home"), "balance_none": (balances.MyLeaf, "home"),
    "statement": (statement, "home"), "statement_empty": (statement_empty, "home"), "released": (released, "home"),
}  # fmt: skip
