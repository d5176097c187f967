"""A batch as a CSV file that a bank's portal takes, and the result file it gives back.

Out: `serial,name,account,bank,amount,purpose`, UTF-8 with a byte-order mark (spreadsheets of Chinese banks expect one). Back:
`serial,status,message`, status `paid` or `failed` (成功, 失败), further columns are passed over.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

HEAD = ("serial", "name", "account", "bank", "amount", "purpose")
_STATUS: dict[str, Literal["paid", "failed"]] = {"paid": "paid", "成功": "paid", "failed": "failed", "失败": "failed"}


@dataclass(frozen=True, slots=True)
class Line:
    """One payment of a batch; `amount` is a decimal string."""

    serial: str
    name: str
    account: str
    bank: str
    amount: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Back:
    """What became of one line."""

    serial: str
    paid: bool
    message: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place of the result file that cannot be read: row (the header is 1), column, code and the value found."""

    row: int
    column: str
    code: Literal["not_utf8", "not_xml", "no_column", "no_serial", "unknown_status", "serial_twice"]
    value: str = ""


def write(lines: Iterable[Line]) -> bytes:
    """The file to hand to the bank. Texts that a spreadsheet would take for a formula are led by an apostrophe."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(HEAD)
    for line in lines:
        rows.writerow(
            [_plain(value) for value in (line.serial, line.name, line.account, line.bank, line.amount, line.purpose)]
        )
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _plain(value: str) -> str:
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t") else value


def read(content: bytes) -> tuple[list[Back], list[Unreadable]]:
    """What a result file says, and every place of it that cannot be read."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            return [], [Unreadable(1, "", "not_utf8")]
    rows = csv.reader(io.StringIO(text))
    head = [name.strip().lower() for name in next(rows, [])]
    missing = [name for name in ("serial", "status") if name not in head]
    if missing:
        return [], [Unreadable(1, name, "no_column") for name in missing]
    return _rows(rows, head)


def _rows(rows: Iterable[Sequence[str]], head: Sequence[str]) -> tuple[list[Back], list[Unreadable]]:
    found: list[Back] = []
    wrong: list[Unreadable] = []
    seen: set[str] = set()
    for number, row in enumerate(rows, 2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        serial, status = cells.get("serial", "").lstrip("'"), cells.get("status", "").lower()
        if not serial:
            wrong.append(Unreadable(number, "serial", "no_serial"))
        elif serial in seen:
            wrong.append(Unreadable(number, "serial", "serial_twice", serial))
        elif status not in _STATUS:
            wrong.append(Unreadable(number, "status", "unknown_status", cells.get("status", "")))
        else:
            found.append(Back(serial, _STATUS[status] == "paid", cells.get("message", "")))
        seen.add(serial)
    return found, wrong
