from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rongshu.engine.rating.frames import Lines, Orders, Promoters, Usage

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Window:
    """A tenant's orders paid in [since, until), in the sequence (paid_at, order id), with everybody who promotes.

    Money in minor units, instants in microseconds since 1970 (NO_INSTANT of `kernel.bulk` for none), ids ours.
    """

    since: datetime
    until: datetime
    stamp: str
    """Changes with everything read here: two windows of one stamp and time are the same."""
    orders: Orders
    """`first` is what the rating found, over all orders of the tenant and not those of the window alone."""
    lines: Lines
    promoters: Promoters
    """All of them, whether they stand above an order of the window or not."""
    usage: Usage
    """What promoters had accrued, before the window, of the day and the month it begins in."""
    refunded: I64
    """By line: everything refunded so far, as asked for; what counts is never more than `lines.paid`."""
    order_ids: I64
    external_ids: pl.Series
    sources: pl.Series
    buyer_ids: I64
    """0 for an unknown buyer."""
    version_ids: I64
    """The version an order was rated by; 0 for none."""
    completed_at: I64
    cancelled_at: I64
    promoter_ids: I64
    """By row of `promoters`, ascending."""

    @property
    def line_sums(self) -> int:
        """What all lines cost the buyers."""
        return int(self.lines.paid.sum())

    @property
    def size(self) -> int:
        """Bytes of memory, roughly."""
        return sum(_sizes(self))


def _sizes(value: Any) -> Iterator[int]:
    if isinstance(value, np.ndarray):
        yield value.nbytes
    elif isinstance(value, pl.Series):
        yield int(value.estimated_size())
    elif isinstance(value, Usage):
        yield 200 * (len(value.day) + len(value.month))
    elif isinstance(value, Window | Orders | Lines | Promoters):
        for each in fields(value):
            yield from _sizes(getattr(value, each.name))
