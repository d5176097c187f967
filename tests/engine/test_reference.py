"""The engine against the slow reference: the same plan, promoters, orders and refunds must give the same rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongshu.engine.plan import read_plan
from rongshu.engine.rating import due_at, frames
from tests.reference import commission
from tests.reference.generators import LARGE, SMALL, World, seeded, worlds
from tests.reference.through_engine import Asked, column, expected, microseconds, rated

DIFFERENTIAL = False
"""Whether plans with differential and peer are asked for; the reference knows them."""

many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def seeded_world(seed: int) -> World:
    return seeded(seed, LARGE if seed % 20 == 19 else SMALL, differential=DIFFERENTIAL)


# ---- rating, from arrays


@given(world=worlds(differential=DIFFERENTIAL))
@many
def test_rows_are_those_of_the_reference(world: World) -> None:
    assert rated(world) == expected(world)


def test_rows_are_those_of_the_reference_in_many_small_worlds() -> None:
    wrong = [seed for seed in range(300) if rated(seeded_world(seed)) != expected(seeded_world(seed))]
    assert not wrong


def test_orders_rated_one_by_one_are_rated_alike() -> None:
    wrong = [
        seed for seed in range(300, 400) if Asked(seeded_world(seed)).rated_one_by_one() != expected(seeded_world(seed))
    ]
    assert not wrong


def test_the_chain_names_who_took_which_level() -> None:
    for seed in range(400, 500):
        world = seeded_world(seed)
        asked = Asked(world)
        chains = asked.rated_together().chains
        people = {promoter.id: promoter for promoter in asked.forest}
        for number, order in enumerate(asked.sequence):
            chain = commission.chain_of(world.plan, order, people)
            level_of = {
                promoter.id: level
                for level, promoter in commission.level_holders(world.plan, chain).items()
                if level in world.plan["levels"]
            }
            here = np.flatnonzero(chains.order == number)
            assert chains.position[here].tolist() == list(range(1, len(here) + 1))
            told = [asked.forest[place].id for place in chains.promoter[here].tolist()]
            if chain:  # the engine also names who would have earned, had the buyer not been the direct promoter
                assert told == [promoter.id for promoter, _ in chain][: len(told)]
                states = chains.state[here].tolist()
                assert [state in (frames.ELIGIBLE, frames.BEYOND) for state in states] == [
                    may_earn for _, may_earn in chain[: len(told)]
                ]
            assert level_of.keys() <= set(told)
            for name, level in zip(told, chains.level[here].tolist(), strict=True):
                assert level == level_of.get(name, frames.NONE)


# ---- release

START = datetime(2026, 5, 1, tzinfo=UTC)
hours = st.integers(0, 24 * 40).map(lambda count: timedelta(hours=count))


@given(
    after=st.sampled_from(["completed", "paid"]),
    days=st.sampled_from([0, 1, 15, 30]),
    paid_at=hours.map(lambda passed: START + passed),
    until_completed=st.none() | hours,
)
@many
def test_release_is_due_when_the_reference_says(
    after: str, days: int, paid_at: datetime, until_completed: timedelta | None
) -> None:
    plan = {
        "name": "due",
        "currency": "CNY",
        "jurisdiction": "XX",
        "levels": {1: {"rate": "10%"}},
        "release": {"after": after, "days": days},
    }
    completed_at = None if until_completed is None else paid_at + until_completed
    told = due_at(
        read_plan(plan).release,
        column([microseconds(paid_at, 0)]),
        column([microseconds(completed_at, frames.FOREVER)]),
    )
    wanted = commission.release_due(plan, paid_at, completed_at, 100)
    assert told.tolist() == [microseconds(wanted, frames.FOREVER)]
