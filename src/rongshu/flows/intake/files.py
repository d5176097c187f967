"""Files of orders, refunds, statuses, members and promoters, read entry by entry: good, or wrong with its place.

NDJSON holds the API's own shapes, one a line. CSV holds one row an order line (or refund line), the rows of one order
standing together; a first pass over the file finds the orders whose rows do not, so that none is taken by halves.
"""

from __future__ import annotations

import csv
import io
import re
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NotRequired

import numpy as np
from pydantic import AwareDatetime, ConfigDict, StringConstraints, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict

from rongshu.flows.intake import shapes

Text = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f]+$")]
_STRICT = ConfigDict(extra="forbid")


@with_config(_STRICT)
class MemberIn(TypedDict):
    """A member; at least one of external id, phone and e-mail."""

    external_id: NotRequired[shapes.Key | None]
    phone: NotRequired[Text | None]
    email: NotRequired[Text | None]
    name: NotRequired[Text | None]
    tier: NotRequired[Annotated[str, StringConstraints(max_length=100)]]


@with_config(_STRICT)
class PromoterIn(TypedDict):
    """A member who promotes, and who recruited them; both by external id."""

    member: shapes.Key
    inviter: NotRequired[shapes.Key | None]
    joined_at: NotRequired[AwareDatetime | None]
    rank: NotRequired[Annotated[str, StringConstraints(max_length=100)]]


class Kind(StrEnum):
    """What a file holds."""

    ORDERS = "orders"
    REFUNDS = "refunds"
    STATUSES = "statuses"
    MEMBERS = "members"
    PROMOTERS = "promoters"


class Form(StrEnum):
    """How it is written."""

    CSV = "csv"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Entry:
    """An order, a refund, … that has its shape."""

    ref: str
    line: int
    """Where it begins in the file."""
    value: Any
    part_lines: tuple[int, ...] = ()
    """Where each of its lines stands (CSV)."""

    def place(self, part: int, column: str) -> tuple[int, str]:
        """The line and the column of a field of one of its lines."""
        return (self.part_lines[part], column) if self.part_lines else (self.line, f"lines.{part}.{column}")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A place that cannot be accepted, and why."""

    line: int
    column: str
    """Empty when it is about the line as a whole."""
    reason: str
    ref: str = ""


class UnreadableFileError(Exception):
    """The file as a whole cannot be read: it is not there, is not text, has another header."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the first pass found: how many rows, and the hashes of the ids whose rows do not stand together."""

    rows: int
    scattered: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class _Table:
    """A CSV: its columns, how they become an entry, and which belong to a line of it."""

    shape: TypeAdapter[Any]
    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()
    keys: Mapping[str, str] = field(default_factory=dict)
    """What a column is called in the shape, where it is another name."""
    part: tuple[str, ...] = ()
    """Columns of its lines; all others are the same on every row of an entry."""
    sourced: bool = True


_TABLES: Mapping[Kind, _Table] = {
    Kind.ORDERS: _Table(
        shapes.ORDER,
        ("order_id", "sku", "paid", "paid_at"),
        (
            "line_no", "buyer", "promoter", "category", "qty", "cost",
            "completed_at", "channel", "store", "region", "tier", "currency",
        ),
        {"order_id": "id"},
        ("line_no", "sku", "category", "qty", "paid", "cost"),
    ),
    Kind.REFUNDS: _Table(
        shapes.REFUND,
        ("refund_id", "order_id", "line_no", "amount", "refunded_at"),
        ("currency",),
        {"refund_id": "id", "order_id": "order"},
        ("line_no", "amount"),
    ),
    Kind.STATUSES: _Table(shapes.STATUS, ("order_id", "status", "at"), (), {"order_id": "order"}),
    Kind.MEMBERS: _Table(TypeAdapter(MemberIn), ("external_id",), ("phone", "email", "name", "tier"), sourced=False),
    Kind.PROMOTERS: _Table(
        TypeAdapter(PromoterIn),
        ("external_id",),
        ("inviter", "rank", "joined_at"),
        {"external_id": "member"},
        sourced=False,
    ),
}  # fmt: skip

_WHOLE = {"line_no", "qty"}
_MONEY = {"paid", "cost", "amount"}
_TIME = {"paid_at", "completed_at", "refunded_at", "at", "joined_at"}
_IS_WHOLE = re.compile(r"[0-9]{1,18}")
_IS_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:.*")


def form_of(path: Path) -> Form:
    """How a file is written, by its name. Raises UnreadableFileError."""
    suffix = path.suffix.casefold()
    if suffix == ".csv":
        return Form.CSV
    if suffix in (".ndjson", ".jsonl"):
        return Form.NDJSON
    raise UnreadableFileError(f"{path}: by its name it is neither .csv nor .ndjson; say which with --format")


def survey(path: Path, kind: Kind, form: Form) -> Survey:
    """Passes over the file once, before anything is taken from it. Raises UnreadableFileError."""
    table = _TABLES[kind]
    with _opened(path) as file:
        if form is Form.NDJSON:
            return Survey(sum(1 for line in file if line.strip()))
        reader = _Reader(path, file, table)
        at = reader.positions[table.needed[0]]
        rows, last = 0, None
        begun = array("q")
        for row in reader:
            rows += 1
            if table.part and not row.problem and row.cells[at] != last:
                last = row.cells[at]
                begun.append(hash(last))
    found, times = np.unique(np.array(begun, dtype=np.int64), return_counts=True)
    return Survey(rows, frozenset(found[times > 1].tolist()))


def read_entries(
    path: Path, kind: Kind, form: Form, source: str, found: Survey
) -> Iterator[tuple[int, Entry | list[Wrong]]]:
    """The file's entries in its sequence, each with how many rows it took; a wrong one as the places that are wrong.

    `source` is set where an entry names none. `found` is this process's own survey: its hashes mean nothing elsewhere.
    """
    table = _TABLES[kind]
    with _opened(path) as file:
        if form is Form.NDJSON:
            yield from _read_ndjson(file, table, source)
            return
        reader = _Reader(path, file, table)
        if table.part:
            yield from _read_gathered(reader, source, found.scattered)
            return
        for row in reader:
            yield 1, [row.wrong()] if row.problem else reader.entry([row], source)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise UnreadableFileError(f"{path}: the file cannot be read: {error.strerror or error}") from None


@dataclass(frozen=True, slots=True)
class _Row:
    """A record of a CSV: the line it begins in, its cells, and what is wrong with it as a record."""

    line: int
    cells: list[str]
    problem: str = ""

    def wrong(self) -> Wrong:
        return Wrong(self.line, "", self.problem)


class _Reader:
    """The records of a CSV with a checked header. Raises UnreadableFileError for a header that is none of ours."""

    def __init__(self, path: Path, file: BinaryIO, table: _Table) -> None:
        text = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.table = table
        self._reader = csv.reader(text, strict=True)
        known = (*table.needed, *table.optional)
        try:
            header = next(self._reader, [])
        except csv.Error as error:
            raise UnreadableFileError(f"{path}, line 1: the header cannot be read: {error}") from None
        if any("\udc80" <= letter <= "\udcff" or letter == "\0" for name in header for letter in name):
            raise UnreadableFileError(f"{path}, line 1: the file is not UTF-8 text; save it as CSV UTF-8")
        problems = [
            *(f"the column {name} is missing" for name in table.needed if name not in header),
            *(f'the column "{name}" is not known' for name in dict.fromkeys(header) if name not in known),
            *(f"the column {name} is named twice" for name in dict.fromkeys(header) if header.count(name) > 1),
        ]
        if problems:
            raise UnreadableFileError(f"{path}, line 1: {'; '.join(problems)}. Columns: {','.join(known)}")
        self.positions = {name: at for at, name in enumerate(header)}
        self._same = [at for name, at in self.positions.items() if name not in table.part]
        self._names = header

    def __iter__(self) -> Iterator[_Row]:
        width = len(self.positions)
        while True:
            line = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                yield _Row(line, [], f"the line cannot be read: {error}")
                continue
            if cells is None:
                return
            if len(cells) == width:
                yield _Row(line, cells)
            elif cells:
                yield _Row(line, cells, f"the line has {len(cells)} fields, the header has {width}")

    def key(self, row: _Row) -> str:
        """The id of the entry a row belongs to; "" where the row does not reach that far."""
        at = self.positions[self.table.needed[0]]
        return row.cells[at] if at < len(row.cells) else ""

    def entry(self, rows: Sequence[_Row], source: str) -> Entry | list[Wrong]:
        """What some rows say together."""
        first = rows[0]
        table, ref = self.table, self.key(first)
        wrong: list[Wrong] = []
        for row in rows[1:]:
            for at in self._same:
                if row.cells[at] != first.cells[at]:
                    reason = f'"{row.cells[at]}" is not "{first.cells[at]}", as line {first.line} of {ref} says'
                    wrong.append(Wrong(row.line, self._names[at], reason, ref))
        value = self._fields(first, [name for name in self._names if name not in table.part], wrong, ref)
        if table.part:
            parts = [name for name in self._names if name in table.part]
            value["lines"] = [self._fields(row, parts, wrong, ref) for row in rows]
        if table.sourced:
            value["source"] = source
        try:
            value = table.shape.validate_python(value)
        except ValidationError as error:
            told = {(one.line, one.column) for one in wrong}
            columns = {key: column for column, key in table.keys.items()}
            for one in error.errors(include_url=False):
                loc = one["loc"]
                row, name = first, str(loc[0]) if loc else ""
                if name == "lines":
                    row, name = (rows[int(loc[1])], str(loc[2])) if len(loc) > 2 else (first, "")
                name = columns.get(name, name)
                if (row.line, name) not in told:
                    wrong.append(Wrong(row.line, name, _words(name, one), ref))
        if wrong:
            return sorted(wrong, key=lambda one: one.line)
        return Entry(ref, first.line, value, tuple(row.line for row in rows) if table.part else ())

    def _fields(self, row: _Row, names: Sequence[str], wrong: list[Wrong], ref: str) -> dict[str, Any]:
        """The cells that say something, under the names of the shape."""
        fields: dict[str, Any] = {}
        for name in names:
            text = row.cells[self.positions[name]]
            if not text:
                continue
            value: Any = text
            if name in _WHOLE and _IS_WHOLE.fullmatch(text):
                value = int(text)
            elif name in _TIME and not _IS_TIME.fullmatch(text):
                wrong.append(Wrong(row.line, name, _NOT_A_TIME.format(text), ref))
            fields[self.table.keys.get(name, name)] = value
        return fields


def _read_gathered(
    reader: _Reader, source: str, scattered: frozenset[int]
) -> Iterator[tuple[int, Entry | list[Wrong]]]:
    """Entries of several rows. A record that cannot be read takes the entry it belongs to with it, so that none comes
    in by halves; where it does not even say to which it belongs, the entries before and after."""
    rows: list[_Row] = []
    lost: _Row | None = None
    spoilt: dict[str, int] = {}

    def gathered() -> tuple[int, Entry | list[Wrong]]:
        ref = reader.key(rows[0])
        if hash(ref) in scattered:
            reason = f"the rows of {ref} do not stand together in the file; nothing of it was taken"
            return len(rows), [Wrong(rows[0].line, reader.table.needed[0], reason, ref)]
        if ref in spoilt:
            return len(rows), [
                Wrong(rows[0].line, "", f"refused with line {spoilt[ref]}, which may be a part of it", ref)
            ]
        return len(rows), reader.entry(rows, source)

    for row in reader:
        if row.problem:
            yield 1, [row.wrong()]
            if key := reader.key(row):
                spoilt[key] = row.line
            else:
                lost = row
                if rows:
                    spoilt[reader.key(rows[0])] = row.line
            continue
        if rows and reader.key(row) != reader.key(rows[0]):
            yield gathered()
            rows = []
        if lost is not None:
            spoilt[reader.key(row)] = lost.line
            lost = None
        rows.append(row)
    if rows:
        yield gathered()


def _read_ndjson(file: BinaryIO, table: _Table, source: str) -> Iterator[tuple[int, Entry | list[Wrong]]]:
    for number, line in enumerate(file, 1):
        text = (line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line).strip()
        if not text:
            continue
        try:
            value = table.shape.validate_json(text)
        except ValidationError as error:
            yield (
                1,
                [
                    Wrong(
                        number,
                        ".".join(str(step) for step in one["loc"]),
                        _words(str(one["loc"][-1]) if one["loc"] else "", one),
                    )
                    for one in error.errors(include_url=False)
                ],
            )
            continue
        if table.sourced:
            value.setdefault("source", source)
        yield 1, Entry(str(value.get("id") or value.get("order") or value.get("member") or ""), number, value)


_NOT_A_TIME = '"{}" is not a time; write it like 2026-05-01T08:00:00+08:00'


def _words(column: str, error: Any) -> str:
    """What is wrong with a field, for whoever has to mend the file."""
    kind, given = error["type"], error.get("input")
    match kind:
        case "missing":
            return "the field is empty"
        case "timezone_aware":
            return f'"{given}" has no time zone; write it like 2026-05-01T08:00:00+08:00'
        case "int_type":
            return f'"{given}" is not a whole number'
        case "string_unicode":
            return "the text is not UTF-8"
        case "extra_forbidden":
            return "there is no such field"
        case "string_pattern_mismatch" if column in _MONEY:
            return f'"{given}" is not an amount; write a decimal like 5.00'
        case "string_pattern_mismatch":
            return f'"{given}" has a character that is not accepted here'
        case "too_long":
            return f"it has {error['ctx']['actual_length']} lines; at most {error['ctx']['max_length']} are accepted"
        case "literal_error" | "greater_than_equal" | "less_than_equal":
            return f'"{given}": {error["msg"]}'
        case _ if kind.startswith("datetime") and isinstance(given, str):
            return _NOT_A_TIME.format(given)
    return str(error["msg"])
