"""The kinds of columns in the files of a simulation, read whole columns at a time, each bad field with its reason."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, tzinfo

import polars as pl

from rongshu.engine.calendar import day_number, month_of_day
from rongshu.engine.money import MAX_UNITS, exponent, format_units
from rongshu.engine.periods import beginning_of
from rongshu.interfaces.cli.csv_tables import SHOWN, Findings, Table

MAX_WHOLE = 10**9
_MONEY = r"^-?[0-9]{1,18}(\.[0-9]+)?$"
_TIME = (
    r"^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})(?::([0-5][0-9])(?:\.([0-9]{1,6}))?)?"
    r"(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2})?)$"
)
_DAY = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
_NO_ZONE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?)?$"

Check = tuple[pl.Series, Callable[[str], str]]
"""Which fields are bad, and the words for one of them."""


@dataclass(frozen=True, slots=True)
class Column:
    """How a column is read: `text`, `whole` (least given), `money` (least given, in minor units), `time` or `period`."""

    name: str
    kind: str
    needed: bool = True
    """Whether every line must say something here."""
    least: int = 0
    zone: tzinfo | None = None
    """Of a time: where given, a day without a time may stand there too, and is its beginning in this zone."""


def read_columns(table: Table, columns: list[Column], currency: str, findings: Findings) -> pl.DataFrame:
    """The columns with their types: money in minor units, times in microseconds UTC. What is bad is reported."""
    read: dict[str, pl.Series] = {}
    for column in columns:
        text = table.frame[column.name]
        values, checks = _read(text, column, currency)
        if column.needed:
            checks.insert(0, (text.is_null(), lambda _: "the field is empty"))
        for bad, words in checks:
            if bad.any():
                _report(table, column.name, text, bad, words, findings)
        read[column.name] = values
    return pl.DataFrame(read)


def _report(
    table: Table, column: str, text: pl.Series, bad: pl.Series, words: Callable[[str], str], findings: Findings
) -> None:
    rows = bad.arg_true()
    for row in rows.head(SHOWN).to_list():
        findings.add(table.file, table.line(row), column, words(text[row] or ""))
    findings.count += max(0, len(rows) - SHOWN)


def _read(text: pl.Series, column: Column, currency: str) -> tuple[pl.Series, list[Check]]:
    match column.kind:
        case "whole":
            return _whole(text, column.least)
        case "money":
            return _money(text, column.least, currency)
        case "time":
            return _time(text, column.zone)
        case "period":
            return text, [_bad_period(text)]
        case _:
            return text, []


def _whole(text: pl.Series, least: int) -> tuple[pl.Series, list[Check]]:
    values = text.cast(pl.Int64, strict=False).set(~text.str.contains(r"^-?[0-9]{1,18}$"), None)
    return values, [
        (text.is_not_null() & values.is_null(), lambda value: f'"{value}" is not a whole number'),
        (values < least, lambda value: f"{value} is too small; the least is {least}"),
        (values > MAX_WHOLE, lambda value: f"{value} is too big; the most is {MAX_WHOLE}"),
    ]


def _money(text: pl.Series, least: int, currency: str) -> tuple[pl.Series, list[Check]]:
    digits = exponent(currency)
    shaped = text.str.contains(_MONEY)
    frame = pl.DataFrame({"text": text.set(~shaped, None)}).select(
        whole=pl.col("text").str.extract(r"^-?([0-9]+)").cast(pl.Int64),
        part=pl.col("text").str.extract(r"\.([0-9]+)$").fill_null(""),
        negative=pl.col("text").str.starts_with("-"),
    )
    long = frame["part"].str.len_bytes() > digits
    part = frame["part"].str.slice(0, digits).str.pad_end(digits, "0") if digits else None
    large = frame["whole"] > MAX_UNITS // 10**digits
    whole = frame["whole"].set(large.fill_null(False), 0)
    units = whole * 10**digits + (part.cast(pl.Int64) if part is not None else 0)
    large |= units > MAX_UNITS
    if frame["negative"].any():
        units = units * (1 - 2 * frame["negative"].cast(pl.Int64))
    floor = format_units(least, currency)
    return units.rename(text.name), [
        (text.is_not_null() & ~shaped, lambda value: f'"{value}" is not an amount; write a decimal like 5.00'),
        (shaped & long, lambda value: f"{value} has more decimals than {currency}, which has {digits}"),
        (large, lambda value: f"{value} is too large; the most is {format_units(MAX_UNITS, currency)}"),
        (~large & ~long & (units < least), lambda value: f"{value} is too small; the least is {floor}"),
    ]


def _bad_period(text: pl.Series) -> Check:
    """Days and months stay the texts they are; `period_numbers` reads them once all of them are good."""
    bad = [period for period in text.drop_nulls().unique().to_list() if _period(period) is None]
    words = "is neither a day nor a month; write it like 2026-05-01 or 2026-05"
    return text.is_in(bad), lambda value: f'"{value}" {words}'


def period_numbers(text: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Of each day its number (days since 1970), of each month its own (`year * 12 + month - 1`); the other one is null."""
    different = text.unique()
    read = [_period(period) or (None, None) for period in different.to_list()]
    table = pl.DataFrame({"text": different, "day": [one for one, _ in read], "month": [one for _, one in read]})
    table = table.cast({"day": pl.Int64, "month": pl.Int64})
    found = pl.DataFrame({"text": text}).join(table, on="text", how="left", maintain_order="left")
    return found["day"], found["month"]


def _period(text: str) -> tuple[int | None, int | None] | None:
    """The number of a day or of a month; None for what is neither."""
    day = _day(text)
    if day is not None:
        return day_number(day), None
    first = _day(f"{text}-01")
    return None if first is None else (None, month_of_day(day_number(first)))


def _day(text: str) -> date | None:
    """The day a text like 2026-05-01 names; None for what is none."""
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def _time(text: pl.Series, zone: tzinfo | None = None) -> tuple[pl.Series, list[Check]]:
    """Times repeat from line to line of an order: each different text is read once."""
    different = text.drop_nulls().unique()
    parts = pl.DataFrame({"text": different})
    parts = parts.with_columns(pl.col("text").str.extract_groups(_TIME).alias("at")).unnest("at")
    offset = pl.col("6").cast(pl.Int64) * 60 + pl.col("7").fill_null("0").cast(pl.Int64)
    sign = pl.when(pl.col("5") == "-").then(-1).otherwise(1)
    local = pl.format("{}T{}:{}", "1", "2", pl.col("3").fill_null("00"))
    known = parts.select(
        "text",
        instant=local.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False).cast(pl.Int64)
        + pl.col("4").fill_null("").str.pad_end(6, "0").cast(pl.Int64)
        - (sign * offset).fill_null(0) * 60_000_000,
        far=((pl.col("6").cast(pl.Int64) > 23) | (pl.col("7").cast(pl.Int64) > 59)).fill_null(False),
    ).with_columns(pl.when("far").then(None).otherwise("instant").alias("instant"))  # fmt: skip
    values = pl.DataFrame({"text": text}).join(known, on="text", how="left", maintain_order="left")["instant"]
    bad = text.is_not_null() & values.is_null()
    wanted = "write it like 2026-05-01T08:00:00+08:00"
    if zone is not None:
        days = {day: _day(day) for day in different.to_list() if _DAY.fullmatch(day)}
        begins = {text: beginning_of(day, zone) for text, day in days.items() if day is not None}
        values = values.fill_null(text.replace_strict(begins, default=None, return_dtype=pl.Int64))
        bad = text.is_not_null() & values.is_null()
        wanted += " or, for its beginning, a day like 2026-05-01"
    zoneless = bad & text.str.contains(_NO_ZONE)
    if zone is not None:
        zoneless &= ~text.str.contains(_DAY.pattern)
    return values.rename(text.name), [
        (zoneless, lambda value: f'"{value}" has no time zone; {wanted}'),
        (bad & ~zoneless, lambda value: f'"{value}" is not a time; {wanted}'),
    ]
