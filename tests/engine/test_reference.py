"""The engine against the slow reference: the same plan, promoters, orders and refunds must give the same rows."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongshu.engine.plan import read_plan
from rongshu.engine.rating import differential, due_at, frames, instant_rows
from tests.reference import commission
from tests.reference.generators import LARGE, RANKS, SMALL, World, seeded, worlds
from tests.reference.through_engine import (
    Asked,
    column,
    commanded,
    expected,
    in_out_csv,
    microseconds,
    rated,
    simulated,
    summary_of,
)

many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def seeded_world(seed: int, *, history: bool = False) -> World:
    return seeded(seed, LARGE if seed % 20 == 19 else SMALL, history=history)


# ---- simulation


def person(name: str, inviter: str = "", *, gone: bool = False) -> dict[str, str]:
    return {"promoter_id": name, "inviter_id": inviter, "active_to": "2020-01-01T00:00:00Z" if gone else ""}


def order(
    name: str, *, promoter: str = "p0", buyer: str = "m1", line_no: str = "1", paid: str = "10.00"
) -> dict[str, str]:
    names = {
        "order_id": name,
        "line_no": line_no,
        "buyer_id": buyer,
        "promoter_id": promoter,
        "sku": "A",
        "category": "a/b",
    }
    return names | {"qty": "1", "paid": paid, "cost": "0.00", "paid_at": "2026-05-01T00:00:00Z"}


def corner(promoters: list[dict[str, str]], orders: list[dict[str, str]], **changes: Any) -> World:
    plan = {"name": "corner", "currency": "CNY", "levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}}} | changes
    return World(plan, promoters, orders, [], "Asia/Shanghai")


@given(world=worlds())
@settings(many, max_examples=100)
def test_a_simulation_finds_what_the_reference_finds(world: World) -> None:
    assert simulated(world) == in_out_csv(expected(world))


def test_a_simulation_finds_what_the_reference_finds_in_many_worlds() -> None:
    wrong = []
    for seed in range(300):
        world = seeded_world(seed)
        if simulated(world) != in_out_csv(expected(world)):
            wrong.append(seed)
    assert not wrong


def test_the_command_writes_what_the_reference_finds(tmp_path: Path) -> None:
    wrong = []
    for seed in range(500, 525):
        world = seeded_world(seed)
        if commanded(world, tmp_path, quoted=seed % 2 == 0) != in_out_csv(expected(world)):
            wrong.append(seed)
    assert not wrong


CORNERS = {
    "a deep chain with a hole": corner(
        [person(f"p{n}", f"p{n + 1}" if n < 2999 else "", gone=0 < n < 2999) for n in range(3000)],
        [order("r1"), order("r2", promoter="p7"), order("r3", buyer="p2999"), order("r4", promoter="p2999")],
        compress=True,
    ),
    "forty levels of crumbs": corner(
        [person(f"p{n}", f"p{n + 1}" if n < 49 else "") for n in range(50)],
        [order("r1", line_no=str(line), paid="0.07") for line in range(1, 9)],
        levels={level: {"rate": "33.3333%"} for level in range(1, 41)},
        caps={"order": "50%"},
    ),
    "amounts whose products leave 64 bits": corner(
        [person(f"p{n}", f"p{n + 1}" if n < 8 else "") for n in range(9)],
        [order("r1", line_no=str(line), paid=f"{9_999_999_999 - 37 * line}.99") for line in range(1, 30)],
        levels={level: {"rate": f"{level}.{level:04}%"} for level in range(1, 9)},
        caps={"order": "3.3333%"},
    ),
    "ids of any letters, in the sequence of their code points": corner(
        [person('p,"0"', "榕 树"), person("榕 树", "p0"), person("p0")],
        [order(name, promoter='p,"0"') for name in ("z", "Z", "é", "订单\n2", "r,1", '"', "𝄞", "\uffff")],
        overrides=[{"id": "首单", "level": 1, "when": {"order": "first"}, "rate": "20%"}],
        caps={"promoter_day": "4.44"},
    ),
    "a chain of ranks no recursion survives": corner(
        [person(f"p{n}", f"p{n + 1}" if n < 2999 else "") | {"rank": RANKS[n // 1000]} for n in range(3000)],
        [order("r1"), order("r2", promoter="p7"), order("r3", buyer="p2000"), order("r4", promoter="p2999")],
        differential={
            "ranks": {"silver": "1%", "gold": "2.5%", "diamond": "9%"},
            "peer": {"rate": "5%", "generations": 100},
        },
    ),
    "nobody and nothing": corner([], []),
    "orders without promoters": corner([], [order("r1", promoter="")]),
}


@pytest.mark.parametrize("name", CORNERS)
def test_corners(name: str, tmp_path: Path) -> None:
    world = CORNERS[name]
    assert rated(world) == expected(world)
    assert simulated(world) == commanded(world, tmp_path) == in_out_csv(expected(world))


def test_the_summary_adds_up_to_what_the_reference_finds() -> None:
    for seed in range(530, 560):
        world = seeded_world(seed)
        currency = world.plan["currency"]
        rows = expected(world)
        accrued: Counter[tuple[str, str]] = Counter()
        for row in rows:
            accrued[row["kind"], row["level"]] += commission.minor_units(row["amount"], currency)
        summary = summary_of(world)
        assert summary["orders"] == len({row["order_id"] for row in world.orders})
        assert summary["lines"] == len(world.orders)
        assert summary["rows"] == len(rows)
        assert Fraction(summary["paid"]) == sum(Fraction(row["paid"]) for row in world.orders)
        assert Fraction(summary["reversed"]) == sum(Fraction(row["reversed"]) for row in rows)
        told = {
            (kind, level): commission.minor_units(text, currency)
            for kind, by_level in summary["accrued"].items()
            for level, text in by_level.items()
        }
        assert {place: units for place, units in told.items() if units} == {
            place: units for place, units in accrued.items() if units
        }


# ---- rating, from arrays: also says what each cap took


@given(world=worlds(history=True))
@many
def test_rows_are_those_of_the_reference(world: World) -> None:
    assert rated(world) == expected(world)


@pytest.mark.parametrize("orders_of_a_promoter", [0, differential.WORTH_SHARING])
def test_rows_are_those_of_the_reference_in_many_worlds(orders_of_a_promoter: int, monkeypatch: Any) -> None:
    """With walks shared by all orders of a promoter, and without."""
    monkeypatch.setattr(differential, "WORTH_SHARING", orders_of_a_promoter)
    wrong = []
    for seed in range(600 + orders_of_a_promoter, 960, 2):
        world = seeded_world(seed, history=seed % 3 == 0)
        if rated(world) != expected(world):
            wrong.append(seed)
    assert not wrong


def test_orders_rated_one_by_one_are_rated_alike() -> None:
    wrong = []
    for seed in range(900, 1000):
        world = seeded_world(seed, history=seed % 2 == 0)
        if Asked(world).rated_one_by_one() != expected(world):
            wrong.append(seed)
    assert not wrong


def test_the_chain_names_who_took_which_level() -> None:
    for seed in range(1000, 1100):
        world = seeded_world(seed)
        asked = Asked(world)
        chains = asked.rated_together().chains
        people = {promoter.id: promoter for promoter in asked.forest}
        for number, order in enumerate(asked.sequence):
            chain = commission.chain_of(world.plan, order, people)
            level_of = {
                promoter.id: level
                for level, promoter in commission.level_holders(world.plan, chain).items()
                if level in world.plan.get("levels", {})
            }
            here = np.flatnonzero(chains.order == number)
            assert chains.position[here].tolist() == list(range(1, len(here) + 1))
            told = [asked.forest[place].id for place in chains.promoter[here].tolist()]
            if chain:  # the engine also names who would have earned, had the buyer not been the direct promoter
                assert told == [promoter.id for promoter, _ in chain][: len(told)]
                assert len(told) == len(chain) or "differential" not in world.plan
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


def test_small_amounts_are_released_at_once_where_permitted() -> None:
    at_once = 0
    for seed in range(1100, 1200):
        world = seeded_world(seed)
        asked = Asked(world)
        rows = asked.rated_together().rows
        assert not instant_rows(asked.plan, rows, False).any()
        told = instant_rows(asked.plan, rows, True).tolist()
        for place, amount, now in zip(rows.order.tolist(), rows.amount.tolist(), told, strict=True):
            paid_at = asked.sequence[place].paid_at
            world.plan["release"]["days"] = 15
            due = commission.release_due(world.plan, paid_at, paid_at, amount, True)
            assert now == (amount > 0 and due == paid_at)
            at_once += now
    assert at_once > 50
