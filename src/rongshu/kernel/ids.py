"""64-bit time-ordered ids made by the application, whole batches at once.

Layout, high to low: 41 bits of milliseconds since 2024-01-01 UTC (until 2093), 12 bits of node, 10 bits of sequence. A process
takes its node number from a database sequence at its first id, so that two live processes share one only after 4,096
starts. The millisecond never goes back inside a process, and runs ahead of the clock when a millisecond is used up.
Outside the house an id is an opaque string with a prefix: `ord_1a2b…`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_EPOCH_MS = 1_704_067_200_000
_NODE_BITS, _SEQUENCE_BITS = 12, 10
_PER_MS = 1 << _SEQUENCE_BITS
NODES = 1 << _NODE_BITS

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}


class IdMaker:
    """Makes ids for one process. `node` is asked once, at the first id; `clock` gives milliseconds since 1970."""

    def __init__(self, node: Callable[[], int], clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._ask_node = node
        self._clock = clock
        self._node: int | None = None
        self._next = 0
        self._lock = threading.Lock()

    def many(self, count: int) -> NDArray[np.int64]:
        """`count` new ids, strictly rising."""
        first, node = self._take(count)
        ticks = np.arange(first, first + count, dtype=np.int64)
        return (
            ((ticks >> _SEQUENCE_BITS) << (_NODE_BITS + _SEQUENCE_BITS))
            | (node << _SEQUENCE_BITS)
            | (ticks & (_PER_MS - 1))
        )

    def one(self) -> int:
        """A new id."""
        tick, node = self._take(1)
        return (tick >> _SEQUENCE_BITS) << (_NODE_BITS + _SEQUENCE_BITS) | node << _SEQUENCE_BITS | tick & (_PER_MS - 1)

    def _take(self, count: int) -> tuple[int, int]:
        """The first of so many ticks nobody else has, and the node."""
        with self._lock:
            if self._node is None:
                self._node = self._ask_node() % NODES
            first = max(self._next, (self._clock() - _EPOCH_MS) << _SEQUENCE_BITS)
            self._next = first + count
            return first, self._node


def _node_from_database() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('kernel_node')")
        (number,) = cursor.fetchone()
    return int(number)


_maker = IdMaker(_node_from_database)
new_id = _maker.one
new_ids = _maker.many


def millisecond_of(identifier: int) -> int:
    """Milliseconds since 1970 at which an id was made."""
    return (identifier >> (_NODE_BITS + _SEQUENCE_BITS)) + _EPOCH_MS


def least_at(millisecond: int) -> int:
    """The least id that can have been made at a millisecond since 1970 or later."""
    return max(0, millisecond - _EPOCH_MS) << (_NODE_BITS + _SEQUENCE_BITS)


_PAIRS = [high + low for high in _ALPHABET for low in _ALPHABET]


def outside(prefix: str, identifier: int) -> str:
    """The opaque form of an id, as people and programs outside see it: `ord_` and 13 letters of Crockford's base 32."""
    pairs = _PAIRS
    return (
        f"{prefix}_{_ALPHABET[identifier >> 60]}{pairs[identifier >> 50 & 1023]}{pairs[identifier >> 40 & 1023]}"
        f"{pairs[identifier >> 30 & 1023]}{pairs[identifier >> 20 & 1023]}{pairs[identifier >> 10 & 1023]}{pairs[identifier & 1023]}"
    )


def inside(prefix: str, text: str) -> int | None:
    """The id behind its outside form, or None when `text` is no such form."""
    head, _, tail = text.partition("_")
    if head != prefix or len(tail) != 13 or any(letter not in _VALUES for letter in tail):
        return None
    value = 0
    for letter in tail:
        value = value << 5 | _VALUES[letter]
    return value if value < 1 << 63 else None
