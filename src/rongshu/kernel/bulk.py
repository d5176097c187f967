"""Whole batches into tables, in PostgreSQL's binary forms, laid out by NumPy so that they cost the client next to nothing.

`insert` sends a batch as arrays in one INSERT … SELECT FROM unnest(…): it can skip what is there already and say what was new.
For the few tables that take nearly all rows there is `kernel.copying`.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import psycopg
from django.db import connection
from numpy.typing import NDArray
from psycopg.adapt import Dumper
from psycopg.pq import Format

from rongshu.kernel.clock import to_micros as exact

_INT8, _INT4, _INT2, _TEXT, _BYTEA, _INSTANT = 20, 23, 21, 25, 17, 1184
_ARRAY_OF = {_INT8: 1016, _INT4: 1007, _INT2: 1005, _TEXT: 1009, _BYTEA: 1001, _INSTANT: 1185}


class _Packed:
    """An array in PostgreSQL's binary form."""

    __slots__ = ("data",)
    element = 0

    def __init__(self, data: bytes) -> None:
        self.data = data


class Int8s(_Packed):
    element = _INT8


class Int4s(_Packed):
    element = _INT4


class Int2s(_Packed):
    element = _INT2


class Texts(_Packed):
    element = _TEXT


class Byteas(_Packed):
    element = _BYTEA


class Instants(_Packed):
    element = _INSTANT


class _PackedDumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: _Packed) -> bytes:
        return obj.data


def _dumper(kind: type[_Packed]) -> type[Dumper]:
    return type(f"{kind.__name__}Dumper", (_PackedDumper,), {"oid": _ARRAY_OF[kind.element]})


def _head(element: int, count: int, has_null: bool = False) -> bytes:
    if not count:
        return struct.pack("!iii", 0, 0, element)
    return struct.pack("!iiiii", 1, int(has_null), element, count, 1)


def _integers(kind: type[_Packed], values: Any, size: int) -> _Packed:
    array = np.asarray(values)
    packed = np.empty(len(array), dtype=[("length", ">i4"), ("value", f">i{size}")])
    packed["length"] = size
    packed["value"] = array
    return kind(_head(kind.element, len(array)) + packed.tobytes())


def int8s(values: NDArray[np.int64] | Sequence[int]) -> _Packed:
    """bigint[]"""
    return _integers(Int8s, values, 8)


def int4s(values: NDArray[Any] | Sequence[int]) -> _Packed:
    """integer[]"""
    return _integers(Int4s, values, 4)


def int2s(values: NDArray[Any] | Sequence[int]) -> _Packed:
    """smallint[]"""
    return _integers(Int2s, values, 2)


_NULL = struct.pack("!i", -1)
_PACK = struct.Struct("!i").pack


def _strings(kind: type[_Packed], encoded: Sequence[bytes | None]) -> _Packed:
    parts: list[bytes] = []
    has_null = False
    for value in encoded:
        if value is None:
            has_null = True
            parts.append(_NULL)
        else:
            parts.append(_PACK(len(value)))
            parts.append(value)
    return kind(_head(kind.element, len(encoded), has_null) + b"".join(parts))


def texts(values: Sequence[str | None]) -> _Packed:
    """text[], None becoming NULL."""
    return _strings(Texts, [None if value is None else value.encode() for value in values])


def byteas(values: Sequence[bytes | None]) -> _Packed:
    """bytea[], None becoming NULL."""
    return _strings(Byteas, values)


def words(codes: NDArray[np.int64], vocabulary: Sequence[str]) -> _Packed:
    """text[] from codes into a vocabulary; a negative code becomes NULL. Each word is encoded once."""
    pieces = [_PACK(len(encoded)) + encoded for encoded in (word.encode() for word in vocabulary)]
    pieces.append(_NULL)
    has_null = bool(len(codes)) and bool((codes < 0).any())
    body = b"".join([pieces[code] for code in np.where(codes < 0, len(pieces) - 1, codes).tolist()])
    return Texts(_head(_TEXT, len(codes), has_null) + body)


_SQL_TYPE: dict[type[_Packed], str] = {
    Int8s: "bigint[]",
    Int4s: "integer[]",
    Int2s: "smallint[]",
    Texts: "text[]",
    Byteas: "bytea[]",
    Instants: "timestamptz[]",
}


def insert(
    cursor: Any,
    table: str,
    columns: Mapping[str, _Packed],
    *,
    expressions: Mapping[str, str] | None = None,
    constants: Mapping[str, Any] | None = None,
    suffix: str = "",
) -> None:
    """One INSERT of all rows. Names come from the code, never from input.

    `expressions` gives the SQL for a column where the array is not the value itself (`NULLIF(r.x, 0)`); inside, the array's
    element is called by the column's name. `constants` are the same for every row. `suffix` is an ON CONFLICT or RETURNING.
    """
    expressions = expressions or {}
    constants = constants or {}
    names = list(columns)
    selected = [*("%s" for _ in constants), *(expressions.get(name, f"r.{name}") for name in names)]
    arrays = ", ".join(f"%s::{_SQL_TYPE[type(columns[name])]}" for name in names)
    statement = (
        f"INSERT INTO {table} ({', '.join([*constants, *names])}) "
        f"SELECT {', '.join(selected)} FROM unnest({arrays}) AS r ({', '.join(names)}) {suffix}"
    )
    cursor.execute(statement, [*constants.values(), *(columns[name] for name in names)])


_EPOCH_2000 = 946_684_800_000_000


def instants(micros: NDArray[np.int64] | Sequence[int]) -> _Packed:
    """timestamptz[] from microseconds since 1970. NO_INSTANT becomes -infinity; read it back by `nullable`."""
    array = np.asarray(micros, dtype=np.int64)
    return _integers(Instants, np.where(array == NO_INSTANT, NO_INSTANT, array - _EPOCH_2000), 8)


def nullable(column: str, marker: str = "-infinity") -> str:
    """The SQL that turns a marker in an array into NULL."""
    return f"NULLIF(r.{column}, '{marker}')"


NO_INSTANT = int(np.iinfo(np.int64).min)
"""In an array of instants: none."""


def to_micros(values: Sequence[Any]) -> NDArray[np.int64]:
    """Microseconds since 1970 from aware datetimes; None becomes NO_INSTANT."""
    return np.array([NO_INSTANT if value is None else exact(value) for value in values], dtype=np.int64)


@contextmanager
def cursor() -> Iterator[psycopg.Cursor[Any]]:
    """A cursor of the present transaction that binds on the server, as packed arrays need (Django's binds on the client).

    Errors come out as Django's, like those of its own cursors.
    """
    connection.ensure_connection()
    raw = connection.connection
    if not getattr(raw, "knows_packed", False):
        for kind, dumper in _DUMPERS.items():
            raw.adapters.register_dumper(kind, dumper)
        raw.knows_packed = True
    made = psycopg.Cursor(raw)
    with connection.wrap_database_errors:
        yield made


_DUMPERS: dict[type[Any], type[Dumper]] = {
    kind: _dumper(kind) for kind in (Int8s, Int4s, Int2s, Texts, Byteas, Instants)
}
