"""Statements of banks: whatever their columns are called; what cannot be read is said by row and column."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from rongshu.domain.settlement.reconciliation.files import Read, Unreadable, read

ZONE = ZoneInfo("Asia/Shanghai")


def told(text: str | bytes, **columns: str) -> Read | list[Unreadable]:
    content = text if isinstance(text, bytes) else text.encode()
    return read(content, currency="CNY", zone=ZONE, columns=columns)


def lines(text: str | bytes, **columns: str) -> list[tuple[str, int]]:
    found = told(text, **columns)
    assert isinstance(found, Read), found
    return [(line.kind, line.amount) for line in found.lines]


def test_english_headings_with_a_signed_amount() -> None:
    text = "Date,Description,Amount,Balance\n2026-06-01,Top up,1000.00,1000.00\n2026-06-02,Bank fee,-1.50,998.50\n2026-06-02,Rent,(10),988.5\n"
    found = told(text)
    assert isinstance(found, Read)
    assert [(line.kind, line.amount) for line in found.lines] == [("deposit", 1000_00), ("fee", 1_50), ("paid", 10_00)]
    assert found.balances == {date(2026, 6, 1): 1000_00, date(2026, 6, 2): 988_50}
    assert found.lines[0].at == datetime(2026, 6, 1, tzinfo=ZONE)


def test_an_amount_with_its_direction_in_chinese() -> None:
    text = "账号：6222\n\n交易时间;收/支;交易金额（元）;备注\n2026年6月1日 09:30;支出;￥1，000.00;佣金\n2026-06-01 10:00:05;收入;20;退汇 户名不符\n"
    assert lines(text.encode("gb18030")) == [("paid", 1000_00), ("returned", 20_00)]


def test_columns_named_by_whoever_uploads() -> None:
    text = "When,Moved\n2026-06-01,-5\n"
    assert told(text) == [
        Unreadable(1, "date", "no_column", "When · Moved"),
        Unreadable(1, "amount", "no_column", "When · Moved"),
    ]
    assert lines(text, date="when", amount="Moved") == [("paid", 5_00)]
    found = told(text, date="when", amount="Moved", memo="Nothing")
    assert found == [Unreadable(1, "Nothing", "no_such_column", "Nothing")]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ("01/06/2026,5,,", Unreadable(2, "Date", "bad_date", "01/06/2026")),
        ("2026-02-30,5,,", Unreadable(2, "Date", "bad_date", "2026-02-30")),
        ("2026-06-01 25:00,5,,", Unreadable(2, "Date", "bad_date", "2026-06-01 25:00")),
        ("2026-06-01,five,,", Unreadable(2, "Debit", "bad_amount", "five")),
        ("2026-06-01,1.005,,", Unreadable(2, "Debit", "bad_amount", "1.005")),
        ("2026-06-01,,,", Unreadable(2, "Debit", "no_amount")),
        ("2026-06-01,5,6,", Unreadable(2, "Debit", "no_amount", "5")),
        ("2026-06-01,5,,x", Unreadable(2, "Balance", "bad_amount", "x")),
    ],
)
def test_every_place_that_cannot_be_read(row: str, wrong: Unreadable) -> None:
    assert told(f"Date,Debit,Credit,Balance\n{row}\n2026-06-01,5,,\n") == [wrong]


def test_files_that_are_no_statement() -> None:
    for content, code in (
        (b"\xff\xfe\x00d", "encoding"),
        (b"PK\x03\x04\x00\x00", "encoding"),
        (b"", "no_column"),
        (b"Date,Amount\n", "no_rows"),
    ):
        found = told(content)
        assert isinstance(found, list)
        assert found[0].code == code
    direction = told("Date,Amount,Direction\n2026-06-01,5,sideways\n")
    assert direction == [Unreadable(2, "Direction", "bad_direction", "sideways")]
