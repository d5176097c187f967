from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.kernel.ids import NODES, IdMaker, inside, least_at, millisecond_of, new_id, new_ids, outside

ANY_ID = st.integers(0, (1 << 63) - 1)


def test_ids_rise_whatever_the_clock_does() -> None:
    readings = iter([1_800_000_000_000, 1_800_000_000_000, 1_799_999_000_000, 1_800_000_000_001, 0])
    maker = IdMaker(lambda: 5, lambda: next(readings))
    made = np.concatenate([maker.many(count) for count in (3, 5000, 1, 2000, 10)])
    assert (np.diff(made) > 0).all() and made[0] > 0


def test_a_full_millisecond_runs_ahead_of_the_clock() -> None:
    maker = IdMaker(lambda: 0, lambda: 1_800_000_000_000)
    made = maker.many(2049)
    assert [millisecond_of(int(one)) - 1_800_000_000_000 for one in made[[0, 1023, 1024, 2047, 2048]]] == [
        0,
        0,
        1,
        1,
        2,
    ]


def test_threads_and_nodes_never_make_the_same_id() -> None:
    makers = [IdMaker(lambda node=node: node, lambda: 1_800_000_000_000) for node in (1, 2)]  # type: ignore[misc]

    def make(n: int) -> list[int]:
        return [*makers[n % 2].many(50).tolist(), *(makers[n % 2].one() for _ in range(50))]

    with ThreadPoolExecutor(8) as pool:
        parts = list(pool.map(make, range(80)))
    everything = [one for part in parts for one in part]
    assert len(set(everything)) == len(everything) == 8000
    assert all(one < other for part in parts for one, other in pairwise(part))


def test_the_node_is_asked_once_and_fits() -> None:
    asked = []
    maker = IdMaker(lambda: asked.append(1) or NODES + 7, lambda: 1_800_000_000_000)
    assert {one >> 10 & NODES - 1 for one in maker.many(5).tolist()} == {7}
    assert maker.one() and asked == [1]


def test_this_process_makes_ids_of_now() -> None:
    before = time.time_ns() // 1_000_000
    one, many = new_id(), new_ids(3)
    assert one < many[0] < many[1] < many[2]
    assert abs(millisecond_of(one) - before) < 60_000
    assert least_at(before - 60_000) < one < least_at(before + 60_000)
    assert least_at(0) == 0


@given(ANY_ID)
def test_outside_and_back(identifier: int) -> None:
    text = outside("ord", identifier)
    assert inside("ord", text) == identifier and len(text) == 17
    assert inside("mem", text) is None and inside("or", text) is None


@given(ANY_ID, ANY_ID)
def test_outside_keeps_the_order(one: int, other: int) -> None:
    assert (outside("x", one) < outside("x", other)) == (one < other)


@pytest.mark.parametrize(
    "text",
    ["", "ord", "ord_", "ord_000", "ord_" + "0" * 12, "ord_" + "0" * 14, "ord_" + "u" * 13, "ord_" + "O" * 13, "ord_z" + "0" * 12,
     "ord_8" + "0" * 12, "ORD_" + "0" * 13, "0" * 13, "ord_" + "０" * 13, "ord_0000\x00000000"],
)  # fmt: skip
def test_what_is_no_id_of_ours(text: str) -> None:
    assert inside("ord", text) is None


@given(st.text())
def test_no_text_breaks_the_way_in(text: str) -> None:
    found = inside("ord", f"ord_{text}")
    assert found is None or outside("ord", found) == f"ord_{text}"
