"""A bank's statement as CSV: what its columns mean, its rows as lines of a bill, and every place that cannot be read.

Banks write what they like above the heading and call their columns by many names; known ones are recognised, others are named by whoever
uploads the file. UTF-8 or GB18030; oldest or newest first; one signed amount, an amount with its direction, or two columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rongshu.domain.settlement.reconciliation.lines import Line, withdrawal_in
from rongshu.domain.settlement.reconciliation.models import DEPOSIT, FEE, PAID, RETURNED
from rongshu.engine.money import MoneyError, parse_units

MOST_ROWS = 50_000
_LOOKED_AT = 30
"""Rows in which the heading has to be."""
NAMES: dict[str, tuple[str, ...]] = {
    "date": (
        "date", "transaction date", "booking date", "posting date", "value date", "日期", "交易日期", "记账日期", "入账日期",
        "交易时间", "记账时间", "入账时间", "transaction time", "datetime", "date and time",
    ),
    "time": ("time", "时间"),
    "out": ("debit", "out", "withdrawal", "withdrawals", "paid out", "money out", "借方", "借方金额", "借方发生额", "支出", "支出金额", "转出金额", "付款金额"),
    "in": ("credit", "in", "deposit", "deposits", "paid in", "money in", "贷方", "贷方金额", "贷方发生额", "收入", "收入金额", "转入金额", "收款金额"),
    "amount": ("amount", "金额", "交易金额", "发生额"),
    "direction": ("direction", "type", "debit/credit", "dr/cr", "收支", "收/支", "借贷", "借贷标志", "收支类型", "借/贷"),
    "balance": ("balance", "余额", "账户余额", "账面余额", "本次余额"),
    "serial": ("serial", "our reference", "merchant order no", "客户流水号", "商户订单号", "商家订单号", "业务编号", "企业流水号"),
    "reference": ("reference", "bank reference", "transaction id", "流水号", "交易流水号", "银行流水号", "交易号", "凭证号"),
    "memo": ("memo", "description", "purpose", "details", "narrative", "摘要", "用途", "附言", "备注", "交易说明"),
}  # fmt: skip
_OUT = ("借", "支", "付", "出", "转出", "debit", "dr", "d", "out", "-")
_IN = ("贷", "收", "入", "转入", "credit", "cr", "c", "in", "+")
_FEES = re.compile(r"手续费|服务费|管理费|工本费|汇划费|\bfees?\b|\bcharges?\b|\bcommission charge\b", re.IGNORECASE)
_BACK = re.compile(r"退汇|退回|退票|冲正|退款|\breturn(ed)?\b|\breversal\b|\bbounced?\b|\brefund(ed)?\b", re.IGNORECASE)
_TOTALS = ("合计", "总计", "小计", "total", "本页")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?!\d)|(\d{4})(\d{2})(\d{2})(?!\d)")
_CLOCK = re.compile(r"(\d{1,2}):?(\d{2})(?::?(\d{2}))?(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place that cannot be read: row of the file (from 1), column by its own heading, code, and the value found."""

    row: int
    column: str
    code: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """A statement's lines, oldest first, the balance after each day's last line where the file has balances, and the days it names."""

    lines: tuple[Line, ...]
    balances: Mapping[date, int]
    since: date
    until: date


def read(
    content: bytes, *, currency: str, zone: ZoneInfo, columns: Mapping[str, str] | None = None
) -> Read | list[Unreadable]:
    """Reads a statement. `columns` names the columns of the file by role (see NAMES) where they are not recognised."""
    text = _text(content)
    if text is None:
        return [Unreadable(1, "", "encoding")]
    rows = [
        [cell.strip().strip("\ufeff") for cell in row]
        for row in csv.reader(io.StringIO(text), delimiter=_delimiter(text))
    ]
    if len(rows) > MOST_ROWS:
        return [Unreadable(len(rows), "", "too_long", str(MOST_ROWS))]
    head, roles, lacking = _heading(rows, columns or {})
    if lacking:
        return lacking
    table = _Table(rows[head], roles, currency, zone)
    found: list[tuple[Line, int | None]] = []
    wrong: list[Unreadable] = []
    for number, row in enumerate(rows[head + 1 :], head + 2):
        if not any(row) or any(cell.lower().startswith(_TOTALS) for cell in row if cell):
            continue
        line = table.line(number, row, wrong)
        if line is not None:
            found.append(line)
    if wrong:
        return wrong
    if not found:
        return [Unreadable(head + 1, "", "no_rows")]
    if found[0][0].at > found[-1][0].at:
        found.reverse()
    found = [found[i] for i in sorted(range(len(found)), key=lambda i: found[i][0].at)]
    days = [line.at.astimezone(zone).date() for line, _ in found]
    balances = {day: balance for day, (_, balance) in zip(days, found, strict=True) if balance is not None}
    return Read(tuple(line for line, _ in found), balances, days[0], days[-1])


def _text(content: bytes) -> str | None:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if "\x00" in text else text
    return None


def _delimiter(text: str) -> str:
    start = "\n".join(text.splitlines()[:_LOOKED_AT])
    return max(",;\t", key=start.count)


def _heading(rows: Sequence[Sequence[str]], named: Mapping[str, str]) -> tuple[int, dict[str, int], list[Unreadable]]:
    """The heading's row and which column plays which role; or what it lacks."""
    best: tuple[int, dict[str, int]] = (0, {})
    for at, row in enumerate(rows[:_LOOKED_AT]):
        roles = _roles(row, named)
        if len(roles) > len(best[1]):
            best = (at, roles)
    at, roles = best
    wrong = [
        Unreadable(at + 1, name, "no_such_column", name)
        for role, name in named.items()
        if name.strip() and role not in roles
    ]
    if "date" not in roles:
        wrong.append(Unreadable(at + 1, "date", "no_column", " · ".join(rows[at][:12]) if rows else ""))
    if not {"amount", "out", "in"} & set(roles):
        wrong.append(Unreadable(at + 1, "amount", "no_column", " · ".join(rows[at][:12]) if rows else ""))
    return at, roles, wrong


def _roles(row: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    cells = [re.sub(r"[(\uff08].*?[)\uff09]|\s+", " ", cell.lower()).strip() for cell in row]
    roles: dict[str, int] = {}
    for role, names in NAMES.items():
        given = named.get(role, "").strip().lower()
        for name in (given,) if given else names:
            if (at := next((i for i, cell in enumerate(cells) if name in (cell, row[i].lower())), None)) is not None:
                roles.setdefault(role, at)
    return roles


@dataclass(frozen=True, slots=True)
class _Table:
    head: Sequence[str]
    roles: Mapping[str, int]
    currency: str
    zone: ZoneInfo

    def cell(self, row: Sequence[str], role: str) -> str:
        at = self.roles.get(role)
        return row[at].lstrip("'").strip() if at is not None and at < len(row) else ""

    def wrong(self, number: int, role: str, code: str, value: str) -> Unreadable:
        at = self.roles.get(role)
        return Unreadable(number, self.head[at] if at is not None else role, code, value)

    def line(self, number: int, row: Sequence[str], wrong: list[Unreadable]) -> tuple[Line, int | None] | None:
        """One row; what cannot be read of it goes to `wrong`."""
        before = len(wrong)
        at = self._instant(number, row, wrong)
        signed = self._signed(number, row, wrong)
        balance = self._units(number, row, "balance", wrong)
        if len(wrong) > before or at is None or signed is None:
            return None
        memo, serial = self.cell(row, "memo"), self.cell(row, "serial")
        ours = withdrawal_in(serial, memo, self.cell(row, "reference")) is not None
        if signed < 0:
            kind = FEE if not ours and _FEES.search(memo) else PAID
        else:
            kind = RETURNED if ours or _BACK.search(memo) else DEPOSIT
        return Line(kind, abs(signed), at, serial, self.cell(row, "reference"), memo[:500]), balance

    def _instant(self, number: int, row: Sequence[str], wrong: list[Unreadable]) -> datetime | None:
        text, clock = self.cell(row, "date"), self.cell(row, "time")
        found = _DATE.match(text)
        if found is None:
            wrong.append(self.wrong(number, "date", "bad_date", text))
            return None
        rest = clock or text[found.end() :].strip(" T日")
        try:
            day = date(*(int(part) for part in found.groups() if part is not None))
            hour = _CLOCK.match(rest) if rest else None
            if rest and hour is None:
                raise ValueError
            hours, minutes, seconds = (int(part or 0) for part in hour.groups()) if hour else (0, 0, 0)
            moment = time(hours, minutes, seconds)
        except ValueError:
            wrong.append(self.wrong(number, "date", "bad_date", f"{text} {clock}".strip()))
            return None
        return datetime.combine(day, moment, self.zone)

    def _signed(self, number: int, row: Sequence[str], wrong: list[Unreadable]) -> int | None:
        """What came (above 0) or went; None with an entry in `wrong`."""
        before = len(wrong)
        if "out" in self.roles or "in" in self.roles:
            out, came = self._units(number, row, "out", wrong) or 0, self._units(number, row, "in", wrong) or 0
            if len(wrong) > before:
                return None
            if (out == 0) == (came == 0):
                wrong.append(
                    self.wrong(number, "out" if "out" in self.roles else "in", "no_amount", self.cell(row, "out"))
                )
                return None
            return abs(came) if came else -abs(out)
        amount = self._units(number, row, "amount", wrong)
        if len(wrong) > before:
            return None
        if not amount:
            wrong.append(self.wrong(number, "amount", "no_amount", self.cell(row, "amount")))
            return None
        direction = self.cell(row, "direction").lower()
        if not direction:
            return amount
        for sign, words in ((-1, _OUT), (1, _IN)):
            if direction in words or direction.startswith(tuple(word for word in words if len(word) > 1 or word > "z")):
                return sign * abs(amount)
        wrong.append(self.wrong(number, "direction", "bad_direction", direction))
        return None

    def _units(self, number: int, row: Sequence[str], role: str, wrong: list[Unreadable]) -> int | None:
        """An amount in minor units; None where the cell is empty or cannot be read."""
        text = self.cell(row, role)
        plain = re.sub(r"[,\uff0c\s\u00a5\uffe5$€£]|CNY|RMB", "", text)
        if plain in ("", "-", "--"):
            return None
        negative = plain.startswith(("-", "("))
        plain = plain.lstrip("+-(").rstrip(")")
        try:
            units = parse_units(plain, self.currency)
        except MoneyError:
            wrong.append(self.wrong(number, role, "bad_amount", text))
            return None
        return -units if negative else units


__all__ = ["MOST_ROWS", "NAMES", "Read", "Unreadable", "read"]
