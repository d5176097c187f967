"""Suggestions: on real baskets they beat the best sellers; nothing sold already is suggested; the same sales give the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.recommendation import Sales, best, learn, measure, scores

DATA = Path(__file__).parents[1] / "data" / "complete_journey.parquet"
RECENT = 8


def sales(frame: pl.DataFrame, since: int, until: int) -> Sales:
    """Of the weeks `since` to `until`: every household is a seller whose purchases are its sales."""
    weeks = pl.col("week")
    found = (
        frame.filter(weeks.is_between(since, until))
        .group_by("household", "product")
        .agg(pl.len().alias("orders"), (weeks > until - RECENT).sum().alias("recent"))
        .sort("household", "product")
    )
    columns = [found[name].to_numpy().astype(np.int64) for name in ("household", "product", "orders", "recent")]
    return Sales(*columns, sellers=1201, products=400)


@pytest.mark.parametrize("split", [41, 45, 49])
def test_real_households_take_up_more_of_what_is_suggested_than_of_the_best_sellers(split: int) -> None:
    frame = pl.read_parquet(DATA)
    found = measure(sales(frame, 1, split), sales(frame, split + 1, split + 4))
    assert found.beats and found.sellers > 500
    assert found.learned * 100 >= found.popular * 103, found


def test_the_affinity_solves_what_it_says() -> None:
    """Each column is the ridge regression of its product on all the others."""
    frame = pl.read_parquet(DATA).filter(pl.col("product") < 12)
    one = sales(frame, 1, 53)
    small = Sales(one.seller, one.product, one.orders, one.recent, one.sellers, 12)
    matrix = np.zeros((small.sellers, 12))
    matrix[small.seller, small.product] = small.weights()
    found = learn(small)
    for target in range(12):
        others = [place for place in range(12) if place != target]
        part = matrix[:, others]
        expected = np.linalg.solve(part.T @ part + 1000 * np.eye(11), part.T @ matrix[:, target])
        assert np.allclose(found[others, target], expected, atol=1e-9)
    assert not np.diag(found).any()


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=40, unique=True), st.integers(0, 6))
def test_nothing_that_is_sold_is_suggested_and_the_same_sales_give_the_same(
    pairs: list[tuple[int, int]], asked: int
) -> None:
    seller, product = (np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1))
    ones = np.ones(len(pairs), dtype=np.int64)
    both = []
    for order in (np.arange(len(pairs)), np.arange(len(pairs))[::-1]):
        one = Sales(seller[order], product[order], ones, ones, 7, 6)
        own = np.zeros(6)
        own[one.product[one.seller == asked]] = 1.0
        places = best(scores(own @ learn(one), one.popular()), own > 0, 4)
        assert not (own[places] > 0).any() and len(set(places.tolist())) == len(places) == min(4, int((own == 0).sum()))
        both.append(places.tolist())
    assert both[0] == both[1]


def test_nobody_sold_anything() -> None:
    none = np.zeros(0, dtype=np.int64)
    empty = Sales(none, none, none, none, 0, 0)
    assert learn(empty).shape == (0, 0)
    assert measure(empty, empty).beats is False
