"""Orders on their way from intake to the tables: columns, one entry an order, one entry a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from rongshu.kernel.bulk import NO_INSTANT

I64 = NDArray[np.int64]

CREDITED = ("", "named", "bond", "code", "touch", "store")
"""How the promoter was found, by code."""

_ORDER = ("id", "source", "external_id", "buyer", "promoter", "credited", "paid_at", "completed_at")
_WORDS = ("channel", "store", "region", "tier")
_LINE = ("line_no", "sku", "category", "qty", "paid", "cost")


@dataclass(frozen=True, slots=True)
class OrderBatch:
    """Columns of accepted orders. Ids are ours; 0 is nobody; instants in microseconds, NO_INSTANT for none; money in minor units."""

    id: I64
    source: list[str]
    external_id: list[str]
    buyer: I64
    promoter: I64
    credited: I64
    paid_at: I64
    completed_at: I64
    channel: list[str | None]
    store: list[str | None]
    region: list[str | None]
    tier: list[str | None]
    line_count: I64
    line_no: I64
    sku: list[str]
    category: list[str]
    qty: I64
    paid: I64
    cost: I64

    def __len__(self) -> int:
        return len(self.id)

    @property
    def line_order(self) -> I64:
        """The row of each line's order."""
        return np.repeat(np.arange(len(self.id), dtype=np.int64), self.line_count)

    @property
    def total_paid(self) -> I64:
        """What each order's lines sum to."""
        sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(self.paid)])
        ends = np.cumsum(self.line_count)
        total: I64 = sums[ends] - sums[ends - self.line_count]
        return total

    def refs(self) -> list[str]:
        """The journal references of the orders."""
        return [f"{source}:{external}" for source, external in zip(self.source, self.external_id, strict=True)]

    def pick(self, order: I64) -> OrderBatch:
        """The orders of these rows, in this sequence, with their lines."""
        starts = np.cumsum(self.line_count) - self.line_count
        counts = self.line_count[order]
        offsets = np.cumsum(counts) - counts
        lines = np.repeat(starts[order] - offsets, counts) + np.arange(counts.sum(), dtype=np.int64)
        values: dict[str, Any] = {"line_count": counts}
        for name in (*_ORDER, *_WORDS):
            values[name] = _taken(getattr(self, name), order)
        for name in _LINE:
            values[name] = _taken(getattr(self, name), lines)
        return OrderBatch(**values)


def _taken(column: Any, rows: I64) -> Any:
    return column[rows] if isinstance(column, np.ndarray) else [column[row] for row in rows.tolist()]


def pack(columns: dict[str, list[Any]]) -> bytes:
    """Columns as they wait in the inbox: JSON, legible to whoever looks into it. Word columns of nothing but None are left out."""
    slim = {
        name: values
        for name, values in columns.items()
        if name not in _WORDS or any(value is not None for value in values)
    }
    return orjson.dumps(slim)


def repack(batch: OrderBatch) -> bytes:
    """A batch as it waits in the inbox."""
    values = {name: getattr(batch, name) for name in (*_ORDER, *_WORDS, "line_count", *_LINE)}
    return pack({name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()})


def unpack(payloads: Iterable[bytes | memoryview]) -> OrderBatch:
    """One batch from any number of inbox payloads."""
    gathered: dict[str, list[Any]] = {name: [] for name in (*_ORDER, *_WORDS, "line_count", *_LINE)}
    for payload in payloads:
        found = orjson.loads(bytes(payload))
        nothing = [None] * len(found["id"])
        for name, values in gathered.items():
            values.extend(found.get(name, nothing) if name in _WORDS else found[name])
    words = {"source", "external_id", "sku", "category", *_WORDS}
    columns: dict[str, Any] = {
        name: values if name in words else np.array(values, dtype=np.int64) for name, values in gathered.items()
    }
    return OrderBatch(**columns)


def coded(values: Sequence[str | None]) -> tuple[I64, tuple[str, ...]]:
    """Words as codes into a vocabulary, in the order of their first use; None and "" become -1."""
    known: dict[str, int] = {}
    codes = [known.setdefault(value, len(known)) if value else -1 for value in values]
    return np.array(codes, dtype=np.int64), tuple(known)


__all__ = ["CREDITED", "NO_INSTANT", "OrderBatch", "coded", "pack", "repack", "unpack"]
