"""A file of members read: letters, table, and each row as what it says, with everything that is wrong in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from rongshu.domain.members.erasure.actions import NAMED
from rongshu.domain.members.files.cleaning import (
    bare,
    birthday_text,
    day_of_text,
    half_width,
    name_of,
    phone_of,
    whole_of,
    words_of,
    yes_or_no,
)
from rongshu.domain.members.files.columns import CONSENT, FIELD, OPENING
from rongshu.domain.members.profiles.birthdays import Birthday, read_birthday
from rongshu.domain.members.profiles.cleaning import clean_email, one_line
from rongshu.domain.members.profiles.editing import PREFERENCES
from rongshu.domain.members.profiles.models import CHOICE, CHOICES, DATE, NUMBER, TEXT, ProfileField
from rongshu.domain.members.profiles.regions import LONGEST, region_of
from rongshu.domain.members.profiles.values import Cell, read_value
from rongshu.kernel.errors import Refusal, invalid

MOST_COLUMNS = 100
_PREFERENCE_WORDS = {
    "折扣": "discount",
    "优惠": "discount",
    "礼品": "gift",
    "礼物": "gift",
    "新品": "novelty",
    "尝新": "novelty",
}


@dataclass(frozen=True, slots=True)
class Table:
    headings: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    """With the line each begins in, the headings' being the first; empty ones are left out. Raises `invalid` for what is no CSV."""


@dataclass(slots=True)
class Row:
    """What a row says of a member; what it leaves empty stays None or is not named."""

    line: int
    cells: Sequence[str]
    external_id: str | None = None
    phone: str | None = None
    email: str | None = None
    name: str | None = None
    birthday: Birthday | None = None
    plain: dict[str, str] = field(default_factory=dict)
    """Region, city and preference, as they are kept."""
    joined_at: datetime | None = None
    tags: list[str] = field(default_factory=list)
    fields: dict[str, list[Cell]] = field(default_factory=dict)
    """Rows of own fields by code."""
    opening: dict[str, int] = field(default_factory=dict)
    """Points and growth value they had elsewhere, by the column's meaning; above 0."""
    consents: dict[str, bool] = field(default_factory=dict)
    consent_day: date | None = None
    faults: list[tuple[str, Refusal]] = field(default_factory=list)
    """What is wrong, and in what column's meaning ("" for the row as such)."""


def decoded(content: bytes) -> str:
    """A file's text, in UTF-8 or GB18030. Raises `invalid`."""
    for letters in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(letters)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise invalid("no_letters", "This is no text in UTF-8 or GB18030.", at="file")


def table_of(text: str) -> Table:
    """The table of a file: commas, else semicolons or tabs between cells, as its first line has them. Raises `invalid`."""
    first = text.split("\n", 1)[0]
    between = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=between)
    try:
        headings = tuple(half_width(one) for one in next(reader, []))
    except csv.Error:
        raise invalid("no_table", "Line %(line)s cannot be read as CSV.", at="file", line=1) from None
    if not any(headings) or len(headings) > MOST_COLUMNS:
        raise invalid("no_columns", "The first line names the columns, %(most)s at most.", at="file", most=MOST_COLUMNS)

    def rows() -> Iterator[tuple[int, list[str]]]:
        try:
            while True:
                line = reader.line_num + 1
                cells = next(reader, None)
                if cells is None:
                    return
                if any(cell.strip() for cell in cells):
                    yield line, cells
        except csv.Error:
            raise invalid("no_table", "Line %(line)s cannot be read as CSV.", at="file", line=reader.line_num) from None

    return Table(headings, rows())


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads rows by a mapping."""

    mapping: Sequence[str]
    fields: Mapping[str, ProfileField]
    zone: ZoneInfo
    today: date
    consent_day: date | None = None
    """Of rows that name none of their own."""

    def row(self, line: int, cells: Sequence[str]) -> Row:
        """What a row says; its faults are named in it."""
        row = Row(line, cells, consent_day=self.consent_day)
        if len(cells) > len(self.mapping):
            row.faults.append(("", invalid("more_cells", "There are more cells than columns.")))
            return row
        for code, cell in zip(self.mapping, cells, strict=False):
            text = bare(cell.strip())
            if code and text:
                try:
                    self._take(row, code, text)
                except Refusal as refusal:
                    row.faults.append((code, refusal))
        if not (row.faults or row.external_id or row.phone or row.email):
            row.faults.append(("", invalid("nameless_member", "Give at least one of external id, phone and e-mail.")))
        if row.consents and row.consent_day is None:
            row.faults.append(("consent_day", invalid("no_consent_day", "Say on which day this was agreed to.")))
        return row

    def _take(self, row: Row, code: str, text: str) -> None:
        if code == "external_id":
            row.external_id = one_line(half_width(text), 200, code)
            if row.external_id.startswith(NAMED):
                raise invalid(
                    "erased_id", "An id that begins like this belongs to somebody whose data were erased.", at=code
                )
        elif code == "phone":
            row.phone = phone_of(text)
        elif code == "email":
            row.email = clean_email(half_width(text))
        elif code == "name":
            row.name = name_of(text) or None
        elif code == "birthday":
            row.birthday = read_birthday(birthday_text(text), today=self.today)
        elif code in ("region", "city", "preference"):
            row.plain[code] = _plain(code, text)
        elif code == "joined_at":
            day = self._past(text, code)
            row.joined_at = datetime.combine(day, time(), self.zone)
        elif code == "consent_day":
            row.consent_day = self._past(text, code)
        elif code in OPENING:
            if number := whole_of(text, code):
                row.opening[code] = number
        elif code == "tags":
            row.tags = words_of(text)
        elif code.startswith(CONSENT):
            row.consents[code.removeprefix(CONSENT)] = yes_or_no(text, code)
        else:
            one = self.fields[code.removeprefix(FIELD)]
            row.fields[one.code] = read_value(one, value_of(one, text))

    def _past(self, text: str, code: str) -> date:
        day = day_of_text(text, code)
        if day > self.today or day.year < 1990:
            raise invalid("day_to_come", "This day is still to come, or before 1990.", at=code)
        return day


def _plain(code: str, text: str) -> str:
    line = one_line(half_width(text), LONGEST, code)
    if code == "region":
        return region_of(line)
    if code == "preference":
        known = _PREFERENCE_WORDS.get(line, line.casefold())
        if known not in PREFERENCES:
            raise invalid("unknown_preference", "A preference is discount, gift or novelty.", at=code)
        return known
    return line


def value_of(one: ProfileField, text: str) -> Any:
    """A cell of an own field as `read_value` takes it: options also by their names, days also as 2026/5/1."""
    if one.kind in (CHOICE, CHOICES):
        names = {option[way].casefold(): option["code"] for option in one.limits.get("options", ())
                 for way in ("zh", "en", "code") if option.get(way)}  # fmt: skip
        if one.kind == CHOICE:
            return names.get(text.casefold(), text)
        return [names.get(word.casefold(), word) for word in words_of(text)]
    if one.kind == DATE:
        return day_of_text(text, f"{FIELD}{one.code}").isoformat()
    if one.kind == NUMBER:
        return half_width(text).replace(",", "")
    if one.kind == TEXT:
        return text
    return yes_or_no(text, f"{FIELD}{one.code}")
