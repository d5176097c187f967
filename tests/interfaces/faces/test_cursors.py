from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from rongshu.interfaces.faces.cursors import instant_first, pack, unpack


@given(st.lists(st.integers(-(2**63), 2**63), min_size=1, max_size=3))
def test_a_token_gives_back_its_numbers(numbers: list[int]) -> None:
    assert unpack(pack(*numbers), len(numbers)) == tuple(numbers)


@given(st.text(max_size=40), st.integers(1, 3))
def test_a_strange_token_begins_the_list_anew(token: str, count: int) -> None:
    found = unpack(token, count)
    assert found is None or len(found) == count
    instant_first(token, count)


def test_an_instant_keeps_its_microseconds() -> None:
    at = datetime(2026, 3, 1, 12, 30, 15, 123456, tzinfo=UTC)
    assert instant_first(pack(at, 7), 2) == (at, 7)
