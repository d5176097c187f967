"""Reads a CSV file whole, as text, and knows the line each record stands in.

A file in which every line is one whole record takes the fast way; one with blank lines, line breaks in quotes or
anything odd is read record by record, so that what is refused is refused with its line.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

SHOWN = 20
"""Refused places that are listed; the rest is counted."""
_CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Refusal:
    """One place of one file that cannot be read."""

    file: str
    line: int
    column: str
    """Empty when it is about the line or the file as a whole."""
    reason: str

    def __str__(self) -> str:
        column = f", column {self.column}" if self.column else ""
        return f"{self.file}, line {self.line}{column}: {self.reason}"


class UnreadableError(ValueError):
    """Files that are refused: the first `SHOWN` places, and how many there are."""

    def __init__(self, refusals: Iterable[Refusal], count: int | None = None) -> None:
        self.refusals = list(refusals)
        self.count = len(self.refusals) if count is None else count
        more = self.count - len(self.refusals)
        lines = [str(refusal) for refusal in self.refusals]
        super().__init__("\n".join([*lines, f"… and {more} more"] if more > 0 else lines))


@dataclass(slots=True)
class Findings:
    """Refusals as they are found, over several files."""

    refusals: list[Refusal] = field(default_factory=list)
    count: int = 0

    def add(self, file: str, line: int, column: str, reason: str) -> None:
        self.count += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append(Refusal(file, line, column, reason))

    def stop_if_any(self) -> None:
        """Raises UnreadableError when something was found."""
        if self.count:
            raise UnreadableError(self.refusals, self.count)


@dataclass(frozen=True, slots=True)
class Table:
    """The records of a file as text, null for an empty field."""

    file: str
    frame: pl.DataFrame
    lines: NDArray[np.int64] | None
    """The line each record begins in; None when record i stands in line i + 2."""

    def line(self, record: int) -> int:
        return record + 2 if self.lines is None else int(self.lines[record])


def read_table(path: Path, required: Sequence[str], optional: Sequence[str], findings: Findings) -> Table | None:
    """The records of `path`, with all columns of both lists (null where the file lacks an optional one).

    None when the file or its header is refused; records that are no records are reported and left out.
    """
    name = str(path)
    try:
        data = path.read_bytes()
    except OSError as error:
        findings.add(name, 1, "", f"the file cannot be read: {error.strerror or error}")
        return None
    data = data.removeprefix(b"\xef\xbb\xbf")
    header = _header(name, data, required, optional, findings)
    if header is None:
        return None
    frame = _read_fast(data, header)
    lines = None
    if frame is None:
        frame, lines = _read_records(name, data, header, findings)
    missing = [column for column in optional if column not in header]
    frame = frame.with_columns(pl.lit(None, dtype=pl.String).alias(column) for column in missing)
    return Table(name, frame.select(*required, *optional), lines)


def _header(
    name: str, data: bytes, required: Sequence[str], optional: Sequence[str], findings: Findings
) -> list[str] | None:
    if not data.strip():
        findings.add(name, 1, "", f"the file is empty; its first line must be {','.join(required)}")
        return None
    first = data.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    header = next(csv.reader([first]), [])
    found = findings.count
    for column in dict.fromkeys(header):
        if header.count(column) > 1:
            findings.add(name, 1, column, "the column is named twice in the header")
        if column not in required and column not in optional:
            known = ", ".join([*required, *optional])
            findings.add(name, 1, column or "(no name)", f"the column is not known; known are {known}")
    for column in required:
        if column not in header:
            findings.add(name, 1, column, "the column is missing in the header")
    return header if findings.count == found else None


def _read_fast(data: bytes, header: list[str]) -> pl.DataFrame | None:
    """The records of a file in which every line is one whole record; None when that is not certain."""
    if data.find(b"\r") != data.find(b"\r\n"):
        return None
    quoted = b'"' in data
    try:
        if quoted and not _all_whole(data.decode("utf-8"), len(header)):
            return None
        frame = pl.read_csv(io.BytesIO(data), infer_schema=False, quote_char='"' if quoted else None)
    except (pl.exceptions.PolarsError, csv.Error, TypeError, ValueError):
        return None
    breaks = data.count(b"\n") + (not data.endswith(b"\n"))
    if frame.columns != header or frame.height + 1 != breaks:
        return None
    if quoted:
        return frame.with_columns(pl.all().replace("", None))
    return frame if data.count(b",") == breaks * (len(header) - 1) else None


def _all_whole(text: str, fields: int) -> bool:
    """Whether every record has that many fields; the fast reader would fill up a short one in silence."""
    return all(len(record) == fields for record in csv.reader(io.StringIO(text, newline=""), strict=True))


def _read_records(
    name: str, data: bytes, header: list[str], findings: Findings
) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    schema = dict.fromkeys(header, pl.String)
    nothing = pl.DataFrame(schema=schema), np.zeros(0, dtype=np.int64)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        findings.add(name, data.count(b"\n", 0, error.start) + 1, "", "the line is not UTF-8 text")
        return nothing
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    frames, lines, chunk = [nothing[0]], [], []
    begin = 1
    try:
        for record in reader:
            if record and begin > 1:
                if len(record) == len(header):
                    chunk.append(record)
                    lines.append(begin)
                else:
                    reason = f"the line has {len(record)} fields, the header has {len(header)}"
                    findings.add(name, begin, "", reason)
            if len(chunk) == _CHUNK:
                frames.append(_columns(header, chunk))
                chunk = []
            begin = reader.line_num + 1
    except csv.Error as error:
        findings.add(name, begin, "", f"the line cannot be read: {error}")
    if chunk:
        frames.append(_columns(header, chunk))
    return pl.concat(frames), np.array(lines, dtype=np.int64)


def _columns(header: list[str], records: list[list[str]]) -> pl.DataFrame:
    columns = zip(header, zip(*records, strict=True), strict=True)
    frame = pl.DataFrame({name: pl.Series(column, dtype=pl.String) for name, column in columns})
    return frame.with_columns(pl.all().replace("", None))
