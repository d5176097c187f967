"""Steps and pools: periods, bands and shares by hand, and the engine against the slow reference over random worlds."""

from __future__ import annotations

import random
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongshu.engine.calendar import day_number, local_day
from rongshu.engine.periods import beginning_of, parts_due, period_of, split_pool, steps_due
from rongshu.engine.plan.model import Band
from tests.reference import periods as reference
from tests.reference.commission import decimal_text
from tests.reference.generators import LARGE, World, seeded
from tests.reference.through_engine import summary_of

RANKS = ("silver", "gold", "diamond", "nobody")


def bands(*pairs: tuple[int, int]) -> list[Band]:
    return [Band.model_construct(start=start, rate=rate) for start, rate in pairs]


@pytest.mark.parametrize(
    ("day", "length", "first", "after", "name"),
    [
        ("2026-12-31", "month", "2026-12-01", "2027-01-01", "2026-12"),
        ("2024-02-29", "month", "2024-02-01", "2024-03-01", "2024-02"),
        ("2026-05-01", "quarter", "2026-04-01", "2026-07-01", "2026-Q2"),
        ("2026-12-31", "quarter", "2026-10-01", "2027-01-01", "2026-Q4"),
        ("2026-03-31", "quarter", "2026-01-01", "2026-04-01", "2026-Q1"),
        ("2026-01-01", "year", "2026-01-01", "2027-01-01", "2026"),
    ],
)
def test_the_period_of_a_day(day: str, length: str, first: str, after: str, name: str) -> None:
    period = period_of(day_number(date.fromisoformat(day)), length)  # type: ignore[arg-type]
    assert (period.first_day.isoformat(), period.next_first_day.isoformat(), period.name) == (first, after, name)
    assert period.following().first_day == period.next_first_day


@given(
    st.dates(date(1990, 1, 1), date(2037, 12, 31)),
    st.sampled_from(["Asia/Shanghai", "America/Sao_Paulo", "Asia/Beirut"]),
)
def test_a_day_begins_where_the_day_before_ends(day: date, name: str) -> None:
    zone = ZoneInfo(name)
    begins = beginning_of(day, zone)
    assert local_day(begins, zone) == day_number(day)
    assert local_day(begins - 1, zone) == day_number(day) - 1


def test_bands() -> None:
    steep = bands((100, 10_000), (500, 20_000), (900, 30_000))
    metric = np.array([0, 99, 100, 150, 499, 500, 549, 550, 900, 10_000], dtype=np.int64)
    marginal = [0, 0, 0, 1, 4, 4, 5, 5, 12, 285]  # at 150: half a unit of the first band, rounded up
    assert steps_due(steep, "marginal", metric).tolist() == marginal
    whole = [0, 0, 1, 2, 5, 10, 11, 11, 27, 300]
    assert steps_due(steep, "whole", metric).tolist() == whole
    for apply, expected in (("marginal", marginal), ("whole", whole)):
        for own, amount in zip(metric.tolist(), expected, strict=True):
            parts = parts_due(steep, apply, own)  # type: ignore[arg-type]
            assert sum(part.amount for part in parts) == amount
            assert all(part.start <= own for part in parts)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 1_000_000)), min_size=1, max_size=6, unique_by=lambda b: b[0]),
    st.sampled_from(["marginal", "whole"]),
    st.lists(st.integers(0, 10**13), max_size=20),
)  # fmt: skip
def test_bands_are_those_of_the_reference(pairs: list[tuple[int, int]], apply: str, metrics: list[int]) -> None:
    pairs.sort()
    found = steps_due(bands(*pairs), apply, np.array(metrics, dtype=np.int64))  # type: ignore[arg-type]
    assert found.tolist() == [reference.steps_reward(pairs, apply, metric) for metric in metrics]


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 10**13), st.lists(st.one_of(st.integers(0, 3), st.integers(0, 10**13)), max_size=30), st.randoms()
)
def test_a_pool_is_split_to_the_last_unit(fund: int, weights: list[int], dice: random.Random) -> None:
    ids = list(range(len(weights)))
    dice.shuffle(ids)
    found = split_pool(fund, np.array(weights, dtype=np.int64), np.array(ids, dtype=np.int64))
    assert int(found.sum()) == (fund if sum(weights) else 0)
    named = {f"{identifier:02}": weight for identifier, weight in zip(ids, weights, strict=True)}
    expected = reference.split(fund, named)
    assert found.tolist() == [expected.get(f"{identifier:02}", 0) for identifier in ids]


def with_rewards(world: World, seed: int) -> World:
    dice, currency = random.Random(seed), world.plan["currency"]
    lengths = ("month", "quarter", "year")
    starts = sorted(dice.sample(range(40_000), dice.randint(1, 4)))
    rates = [f"{rate}%" for rate in sorted(dice.sample(range(1, 60), len(starts)))]
    world.plan["steps"] = [
        {
            "id": "climb",
            "period": dice.choice(lengths),
            "bands": [{"from": decimal_text(a, currency), "rate": b} for a, b in zip(starts, rates, strict=True)],
            "apply": dice.choice(("marginal", "whole")),
        }
    ]
    world.plan["pools"] = [
        {
            "id": f"pool{number}",
            "period": dice.choice(lengths),
            "share": dice.choice(("1%", "0.3333%", "20%")),
            "split": dice.choice(("own_sales", "equal")),
            **({"eligible": {"rank": dice.sample(RANKS, 2)}} if dice.random() < 0.5 else {}),
        }
        for number in range(2)
    ]
    return world


@pytest.mark.parametrize("seed", range(60))
def test_closed_periods_are_those_of_the_reference(seed: int) -> None:
    world = with_rewards(seeded(seed, LARGE, differential=False), seed)
    expected = reference.per_period(world.plan, world.promoters, world.orders, world.refunds, world.zone)
    found = summary_of(world)
    for where in ("steps", "pools"):
        assert [{**entry, "period": None} for entry in found[where]] == [
            {**entry, "period": None} for entry in expected[where]
        ]


def test_the_worlds_reach_bands_and_split_funds() -> None:
    """What the comparison above would be worth nothing without."""
    found = [summary_of(with_rewards(seeded(seed, LARGE, differential=False), seed)) for seed in range(12)]
    assert any(entry["promoters_paid"] > 1 for summary in found for entry in summary["steps"])
    assert any(entry["promoters_paid"] > 2 for summary in found for entry in summary["pools"])
