"""Files of declarations, as rows of texts.

China: the columns of 个人所得税扣缴申报表 (State Taxation Administration, Announcement 2019 No. 7, annex), items of remuneration of
labour; forms are revised from time to time, and the tax office's own is the one that counts. Platforms: identity and income by quarter
as Order 810 of the State Council (2025) and STA Announcement 2025 No. 15 ask for. United States: a year's sums for Form 1099-NEC.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from rongshu.domain.settlement.declarations.queries import PersonMonth, PersonPaid
from rongshu.domain.settlement.payees.actions import Papers
from rongshu.engine.money import format_units
from rongshu.engine.tax import Cumulative, NoFigure, us_reported
from rongshu.engine.tax.working import Working, working

CN_HEAD = (
    "序号", "姓名", "身份证件类型", "身份证件号码", "纳税人识别号", "是否为非居民个人", "所得项目",
    "收入", "费用", "免税收入", "减除费用",
    "基本养老保险费", "基本医疗保险费", "失业保险费", "住房公积金",
    "年金", "商业健康保险", "税延养老保险", "财产原值", "允许扣除的税费", "其他",
    "累计收入额", "累计减除费用", "累计专项扣除",
    "子女教育", "赡养老人", "住房贷款利息", "住房租金", "继续教育", "累计其他扣除",
    "减按计税比例", "准予扣除的捐赠额",
    "应纳税所得额", "税率/预扣率", "速算扣除数", "应纳税额", "减免税额", "已缴税额", "应补/退税额", "备注",
)  # fmt: skip
"""The form's forty columns, in its order."""
_KINDS = {"cn_id": "居民身份证", "passport": "护照", "other": "其他证件"}
PLATFORM_HEAD = ("name", "document_kind", "document", "gross", "returned", "net", "payments", "tax_withheld")
US_HEAD = (
    "name",
    "document_kind",
    "document",
    "resident",
    "box_1_nonemployee_compensation",
    "box_4_tax_withheld",
    "report",
)


def as_csv(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows as CSV in UTF-8 with a byte-order mark: the same rows are the same bytes."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _shown(text: str) -> str:
    """A text no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def working_of(line: PersonMonth, month: date) -> Working | None:
    """How the figures come to a month's tax; None where no figures are known for its days."""
    year = Cumulative(line.year_income, line.year_tax, line.year_months, line.year_months > 0)
    try:
        return working(line.method, line.gross, month, year)
    except NoFigure:
        return None


def cn_rows(
    lines: Sequence[PersonMonth], papers: Mapping[int, Papers], month: date, currency: str
) -> list[tuple[str, ...]]:
    """One row a person and method that withholds. What was withheld and is not what the month's figures ask for stands in the remarks."""
    rows: list[tuple[str, ...]] = []
    for line in lines:
        if line.method == "none":
            continue
        person, how = papers[line.payee_id], working_of(line, month)

        def money(units: int) -> str:
            return format_units(units, currency)

        cells = dict.fromkeys(CN_HEAD, "")
        cells |= {
            "序号": str(len(rows) + 1),
            "姓名": _shown(person.name),
            "身份证件类型": _KINDS[person.document_kind],
            "身份证件号码": f"'{person.document}",
            "纳税人识别号": f"'{person.document}" if person.document_kind == "cn_id" else "",
            "是否为非居民个人": "否" if line.resident else "是",
            "所得项目": "劳务报酬所得",
            "收入": money(line.gross),
        }
        if how is None:
            cells["备注"] = f"实际扣缴 {money(line.tax)}；该期间无已知税率表，须人工核对"
        else:
            total = line.method == "platform"
            cells |= {
                "费用": money(how.fee),
                "应纳税所得额": money(how.taxable),
                "税率/预扣率": f"{how.ppm / 10_000:g}%",
                "速算扣除数": money(how.quick),
                "应纳税额": money(how.total_tax if total else how.due),
                "已缴税额": money(how.before),
                "应补/退税额": money(how.due),
            }
            if total:
                cells |= {
                    "累计收入额": money(how.total_income - (how.total_income + 2) // 5),
                    "累计减除费用": money(how.total_allowance),
                }
            if how.due != line.tax:
                cells["备注"] = f"实际扣缴 {money(line.tax)}，与本表计算相差 {money(line.tax - how.due)}"
        rows.append(tuple(cells[name] for name in CN_HEAD))
    return rows


def platform_rows(found: Sequence[PersonPaid], papers: Mapping[int, Papers], currency: str) -> list[tuple[object, ...]]:
    """A quarter by person: identity, gross, what came back, net, how many payments, and what was withheld."""
    return [
        (
            _shown(papers[one.payee_id].name), papers[one.payee_id].document_kind, f"'{papers[one.payee_id].document}",
            *(format_units(units, currency) for units in (one.gross, one.returned, one.net)), one.payments,
            format_units(one.tax, currency),
        )
        for one in found
    ]  # fmt: skip


def us_rows(
    found: Sequence[PersonPaid], papers: Mapping[int, Papers], year: int, currency: str
) -> list[tuple[object, ...]]:
    """A year by person as Form 1099-NEC sums it; `report` says whether a US person's year reaches the threshold, `?` where no figure is known."""
    rows: list[tuple[object, ...]] = []
    for one in found:
        person = papers[one.payee_id]
        try:
            report = "yes" if us_reported(one.net, date(year, 12, 31)) else "no"
        except NoFigure:
            report = "?"
        rows.append(
            (
                _shown(person.name), person.document_kind, f"'{person.document}", "yes" if person.resident else "no",
                format_units(one.net, currency), format_units(one.tax, currency), report,
            )
        )  # fmt: skip
    return rows
