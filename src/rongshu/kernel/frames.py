"""Whole results of a query as columns: COPY out, read by Polars. Row-level policies hold for it as for every SELECT."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from rongshu.kernel import bulk


def read_frame(query: str, parameters: Sequence[Any], schema: Mapping[str, Any]) -> pl.DataFrame:
    """The rows of a query of this transaction, its columns named and typed by `schema`. NULL and "" both become null.

    The query comes from the code, never from input; instants are to be selected as integers.
    """
    with bulk.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)", parameters) as stream:
        data = b"".join(bytes(piece) for piece in stream)
    if not data:
        return pl.DataFrame(schema=schema)
    frame = pl.read_csv(data, has_header=False, schema=schema)
    return frame.with_columns(pl.col(pl.String).replace("", None))


def micros(column: str) -> str:
    """The SQL of an instant as microseconds since 1970."""
    return f"(extract(epoch FROM {column}) * 1000000)::bigint"
