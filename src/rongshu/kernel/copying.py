"""The widest road into a table: COPY in binary form.

PostgreSQL refuses COPY on tables with row-level security, for everybody the policies apply to. So a role of its own, which passes
policies but may do nothing except insert into the tables marked `copied`, is taken on for the length of the COPY; a trigger
on those tables holds every row to the tenant of the transaction, so that the second wall stands here too. Where such a
role cannot be made (it takes the right to make one that passes policies), rows go by a temporary table, half as fast.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import chain
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg import OperationalError
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus

from rongshu.kernel import bulk
from rongshu.kernel.database import WRITER_ROLE

I64 = NDArray[np.int64]

_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_END = b"\xff\xff"
_LENGTH = struct.Struct("!i").pack
_NULL = _LENGTH(-1)
_EPOCH_2000 = 946_684_800_000_000


class Fixed:
    """A column of integers (or instants) of one size, none of them NULL."""

    __slots__ = ("size", "values")

    def __init__(self, values: Any, size: int) -> None:
        self.values = values
        self.size = size


class Letters(Fixed):
    """A column of texts in ASCII, all of one length: an array of NumPy's `S`. For COPY alone."""

    __slots__ = ()

    def __init__(self, values: NDArray[np.bytes_]) -> None:
        super().__init__(values, values.dtype.itemsize)


Pieces = list[bytes]
"""A column of whatever else: each entry with its length before it, in PostgreSQL's binary form."""

Column = Fixed | Pieces


def int8(values: I64 | int) -> Fixed:
    """bigint, or an instant already counted as PostgreSQL does."""
    return Fixed(values, 8)


def int4(values: I64 | int) -> Fixed:
    """integer"""
    return Fixed(values, 4)


def int2(values: I64 | int) -> Fixed:
    """smallint"""
    return Fixed(values, 2)


def instant(micros: I64 | int) -> Fixed:
    """timestamptz from microseconds since 1970."""
    return Fixed(micros - _EPOCH_2000, 8)


def int8_or_null(values: I64, null: int) -> Pieces:
    """bigint, `null` becoming NULL."""
    packed = np.empty(len(values), dtype=[("length", ">i4"), ("value", ">i8")])
    packed["length"], packed["value"] = 8, values
    raw = packed.tobytes()
    pieces = [raw[at : at + 12] for at in range(0, len(raw), 12)]
    for row in np.flatnonzero(values == null).tolist():
        pieces[row] = _NULL
    return pieces


def instant_or_null(micros: I64) -> Pieces:
    """timestamptz from microseconds since 1970, NO_INSTANT becoming NULL."""
    return int8_or_null(np.where(micros == bulk.NO_INSTANT, micros, micros - _EPOCH_2000), bulk.NO_INSTANT)


def text(values: Sequence[str]) -> Pieces:
    """text"""
    return [_LENGTH(len(encoded)) + encoded for encoded in map(str.encode, values)]


def raw(values: Sequence[bytes]) -> Pieces:
    """bytea"""
    return [_LENGTH(len(value)) + value for value in values]


def words(codes: I64, vocabulary: Sequence[str], *, none: str | None = None) -> Pieces:
    """text from codes into a vocabulary, each word encoded once; a negative code is `none`."""
    pieces = text(vocabulary)
    pieces.append(_NULL if none is None else text([none])[0])
    return [pieces[code] for code in np.where(codes < 0, len(vocabulary), codes).tolist()]


_ARRAY_HEAD = struct.Struct("!iiiiiii").pack
_EMPTY = {oid: _LENGTH(12) + struct.pack("!iii", 0, 0, oid) for oid in (20, 21)}


def lists(rows: int, owner: I64, values: I64, size: int) -> Pieces:
    """bigint[] (size 8) or smallint[] (size 2): `values` belong to the row `owner` says; sorted by it; other rows are empty."""
    oid = 20 if size == 8 else 21
    packed = np.empty(len(values), dtype=[("length", ">i4"), ("value", f">i{size}")])
    packed["length"], packed["value"] = size, values
    raw = packed.tobytes()
    width = size + 4
    pieces = [_EMPTY[oid]] * rows
    if len(owner):
        cuts = [0, *(np.flatnonzero(np.diff(owner)) + 1).tolist(), len(owner)]
        for row, start, end in zip(owner[cuts[:-1]].tolist(), cuts, cuts[1:], strict=False):
            body = raw[start * width : end * width]
            pieces[row] = _ARRAY_HEAD(20 + len(body), 1, 0, oid, end - start, 1, 0)[:24] + body
    return pieces


def _laid_out(columns: Mapping[str, Column], rows: int) -> tuple[list[str], bytes]:
    fixed = {name: column for name, column in columns.items() if isinstance(column, Fixed)}
    pieces = {name: column for name, column in columns.items() if not isinstance(column, Fixed)}
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name, column in fixed.items():
        form = f"S{column.size}" if isinstance(column, Letters) else f">i{column.size}"
        layout += [(f"{name} length", ">i4"), (name, form)]
    table = np.empty(rows, dtype=layout)
    table["fields"] = len(columns)
    for name, column in fixed.items():
        table[f"{name} length"] = column.size
        table[name] = column.values
    raw = table.tobytes()
    if pieces:
        width = table.dtype.itemsize
        heads = [raw[at : at + width] for at in range(0, len(raw), width)]
        raw = b"".join(chain.from_iterable(zip(heads, *pieces.values(), strict=True)))
    return [*fixed, *pieces], b"".join((_HEAD, raw, _END))


FEW = 32
"""Up to so many rows one INSERT is quicker than taking on a role for a COPY."""


_Part = tuple[str, Mapping[str, Column], int]
_gathered: ContextVar[list[_Part] | None] = ContextVar("rongshu_gathered", default=None)


@contextmanager
def together(rows: int) -> Iterator[None]:
    """Sends what a block inserts at its end, in one statement, when no table gets more than FEW rows in it.

    Inside another such block it sends what that one has gathered along with its own.
    """
    if rows > FEW:
        yield
        return
    if _gathered.get() is not None:
        yield
        flush()
        return
    token = _gathered.set([])
    try:
        yield
        flush()
    finally:
        _gathered.reset(token)


def flush() -> None:
    """Sends what `together` has gathered so far: before something that reads it."""
    parts = _gathered.get()
    if parts:
        _insert(parts)
        parts.clear()


def insert_few(table: str, columns: Mapping[str, Column], rows: int = 1) -> None:
    """Inserts up to FEW rows into any table, under the policies, in this transaction (inside `together`: at its end)."""
    gathered = _gathered.get()
    if gathered is None:
        _insert([(table, columns, rows)])
    else:
        gathered.append((table, columns, rows))


def _insert(parts: Sequence[_Part]) -> None:
    """INSERT … VALUES of all parts in one statement: each value goes as in a COPY, the server knows its type."""
    values: list[bytes | None] = []
    statements = []
    for table, columns, rows in parts:
        by_column: list[list[bytes | None]] = []
        for column in columns.values():
            if isinstance(column, Fixed):
                numbers = column.values.tolist() if isinstance(column.values, np.ndarray) else int(column.values)
                numbers = numbers if isinstance(numbers, list) else [numbers] * rows
                by_column.append([number.to_bytes(column.size, "big", signed=True) for number in numbers])
            else:
                by_column.append([None if piece == _NULL else piece[4:] for piece in column])
        lines = []
        for row in zip(*by_column, strict=True):
            first = len(values) + 1
            values.extend(row)
            lines.append(f"({', '.join([f'${number}' for number in range(first, len(values) + 1)])})")
        statements.append(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(lines)}")
    head = ", ".join(f"part{number} AS ({statement})" for number, statement in enumerate(statements[:-1]))
    _execute(f"WITH {head} {statements[-1]}" if head else statements[-1], values)


def _execute(statement: str, values: list[bytes | None]) -> None:
    connection.ensure_connection()
    raw = connection.connection
    if raw.pgconn.transaction_status == TransactionStatus.IDLE:
        raise RuntimeError("rows are written inside a scope only")  # psycopg begins transactions in its own cursors
    with connection.wrap_database_errors:
        result = raw.pgconn.exec_params(statement.encode(), values, None, [1] * len(values), 1)
        if raw.pgconn.status == ConnStatus.BAD:
            raise OperationalError("the connection was lost")  # nobody's fault: it is tried again
        if result.status != ExecStatus.COMMAND_OK:
            raise error_from_result(result, raw.info.encoding)


def text_one(value: str) -> Pieces:
    """A single text."""
    return text([value])


def json_one(value: str) -> Pieces:
    """A single jsonb from its text."""
    encoded = b"\x01" + value.encode()
    return [_LENGTH(len(encoded)) + encoded]


def copy(table: str, columns: Mapping[str, Column], rows: int) -> None:
    """Writes `rows` rows into a table marked `copied`, in this transaction. Names come from the code, never from input."""
    if not rows:
        return
    if rows <= FEW:
        insert_few(table, columns, rows)
        return
    names, data = _laid_out(columns, rows)
    listed = ", ".join(names)
    with bulk.cursor() as cursor:
        if _writer_exists(cursor):
            cursor.execute(f"SET LOCAL ROLE {WRITER_ROLE}")
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN (FORMAT binary)") as stream:
                stream.write(data)
            cursor.execute("RESET ROLE")
            return
        cursor.execute(f"CREATE TEMP TABLE IF NOT EXISTS copied_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
        with cursor.copy(f"COPY copied_{table} ({listed}) FROM STDIN (FORMAT binary)") as stream:
            stream.write(data)
        cursor.execute(f"INSERT INTO {table} ({listed}) SELECT {listed} FROM copied_{table}")
        cursor.execute(f"TRUNCATE copied_{table}")


_writer: bool | None = None


def _writer_exists(cursor: Any) -> bool:
    global _writer
    if _writer is None:
        cursor.execute("SELECT coalesce(pg_has_role(to_regrole(%s), 'SET'), false)", [WRITER_ROLE])
        _writer = bool(cursor.fetchone()[0])
    return _writer
