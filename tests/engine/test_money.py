"""Money: texts, rounding, and exactness where 64 bits are not enough."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.money import (
    MAX_UNITS,
    Amount,
    MoneyError,
    floor_rate,
    floor_ratio,
    format_units,
    largest_remainder,
    parse_units,
    round_half_up_rate,
    round_half_up_ratio,
)

UNITS = st.integers(0, MAX_UNITS)


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [
        ("5.00", "CNY", 500), ("5", "CNY", 500), ("5.5", "CNY", 550), ("0.01", "CNY", 1), ("-0.01", "CNY", -1),
        ("500", "JPY", 500), ("1.234", "KWD", 1234), ("10000000000.00", "CNY", MAX_UNITS),
    ],
)  # fmt: skip
def test_texts_are_read(text: str, currency: str, units: int) -> None:
    assert parse_units(text, currency) == units


@pytest.mark.parametrize(
    ("text", "currency", "code"),
    [
        ("", "CNY", "not_decimal"), ("5,00", "CNY", "not_decimal"), ("1e3", "CNY", "not_decimal"),
        ("5.", "CNY", "not_decimal"), (".5", "CNY", "not_decimal"), (" 5", "CNY", "not_decimal"),
        ("+5", "CNY", "not_decimal"), ("٥", "CNY", "not_decimal"), ("5.001", "CNY", "too_many_decimals"),
        ("5.0", "JPY", "too_many_decimals"), ("10000000000.01", "CNY", "too_large"),
    ],
)  # fmt: skip
def test_other_texts_are_refused(text: str, currency: str, code: str) -> None:
    with pytest.raises(MoneyError) as refused:
        parse_units(text, currency)
    assert refused.value.code == code


@given(st.integers(-MAX_UNITS, MAX_UNITS), st.sampled_from(["CNY", "JPY", "KWD"]))
def test_texts_read_back(units: int, currency: str) -> None:
    assert parse_units(format_units(units, currency), currency) == units


def test_amounts_of_one_currency_add_up() -> None:
    assert str(Amount.parse("5.00", "CNY") + Amount.parse("0.05", "CNY")) == "5.05"
    assert str(Amount(5, "CNY") - Amount(7, "CNY")) == "-0.02"
    with pytest.raises(ValueError, match="do not add up"):
        Amount(5, "CNY") + Amount(5, "USD")


@given(st.lists(st.tuples(UNITS, st.integers(0, 5_000_000)), max_size=5))
def test_rates_are_exact(pairs: list[tuple[int, int]]) -> None:
    base = np.array([b for b, _ in pairs], dtype=np.int64)
    ppm = np.array([p for _, p in pairs], dtype=np.int64)
    exact = [(2 * b * p + 10**6) // (2 * 10**6) for b, p in pairs]
    assert round_half_up_rate(base, ppm).tolist() == exact == [round_half_up_rate(b, p) for b, p in pairs]
    assert floor_rate(base, ppm).tolist() == [b * p // 10**6 for b, p in pairs]


def test_a_result_beyond_64_bits_is_an_error() -> None:
    with pytest.raises(OverflowError):
        round_half_up_rate(np.array([2**61]), np.array([5_000_000]))


@given(st.lists(st.tuples(UNITS, UNITS, st.integers(1, MAX_UNITS)), max_size=5))
def test_ratios_are_exact(triples: list[tuple[int, int, int]]) -> None:
    triples = [(v, min(p, w), w) for v, p, w in triples]
    value, part, whole = (np.array([t[i] for t in triples], dtype=np.int64) for i in range(3))
    assert floor_ratio(value, part, whole).tolist() == [v * p // w for v, p, w in triples]
    half_up = [(2 * v * p + w) // (2 * w) for v, p, w in triples]
    assert round_half_up_ratio(value, part, whole).tolist() == half_up
    assert [round_half_up_ratio(*triple) for triple in triples] == half_up


def test_largest_remainder() -> None:
    assert largest_remainder([2, 1, 2, 1, 3, 1], 8) == [2, 1, 1, 1, 2, 1]
    assert largest_remainder([1, 1, 1], 2) == [1, 1, 0]
    assert largest_remainder([0, 0], 5) == [0, 0]
    assert largest_remainder([], 5) == []


@given(st.lists(UNITS, min_size=1), UNITS)
def test_parts_sum_to_the_total(weights: list[int], total: int) -> None:
    parts = largest_remainder(weights, total)
    assert sum(parts) == (total if sum(weights) else 0)
    assert all(
        abs(part * sum(weights) - weight * total) <= sum(weights) for part, weight in zip(parts, weights, strict=True)
    )
