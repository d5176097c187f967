"""The plan lab: totals that add up, equal plans without a difference, shares by their definitions, growth."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rongshu.engine.lab import EVERY_LEVEL, Ground, compare, forecast, rows_of_order, try_plan
from rongshu.engine.lab.comparison import SHOWN, largest
from rongshu.engine.lab.trial import sums
from rongshu.engine.money import MILLION, format_units
from rongshu.engine.plan import Plan, read_plan
from rongshu.engine.rating import Usage
from rongshu.engine.shares import gini, top_share
from tests.reference.generators import World, worlds
from tests.reference.through_engine import Asked, summary_of

many = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)  # fmt: skip


def ground_of(asked: Asked) -> Ground:
    promoters, lines = asked.promoters(), asked.lines()
    refunded = lines.paid // 3
    ids = np.arange(len(promoters), dtype=np.int64)
    return Ground(asked.zone, promoters, asked.orders(), lines, refunded, Usage(), ids)


def doubled(plan: Plan) -> Plan:
    """The plan with every level's rate raised by one percent."""
    document = plan.canonical()
    levels = {number: replace_rate(plan.levels[int(number)].rate) for number in document["levels"]}
    return read_plan(document | {"levels": levels})


def replace_rate(ppm: int) -> dict[str, str]:
    return {"rate": f"{min(ppm + 10_000, MILLION) / 10_000:g}%"}


@many
@given(worlds())
def test_a_trial_adds_up(world: World) -> None:
    """By level, order, promoter, category and day: the same sum, and that of the simulator."""
    asked = Asked(world)
    ground = ground_of(asked)
    trial = try_plan(asked.plan, ground)
    summary = summary_of(world)
    assert format_units(trial.accrued, asked.plan.currency) == summary["accrued_total"]
    assert trial.rows == summary["rows"]
    assert trial.by_order.sum() == trial.by_category.sum() == trial.by_day.sum() == trial.accrued
    assert trial.by_promoter.sum() == trial.accrued + trial.rewarded
    assert 0 <= trial.reversed <= trial.accrued
    assert len(trial.orders_cut) <= sum(trial.by_cap)


@many
@given(worlds())
def test_equal_plans_do_not_differ_and_others_by_the_sum_of_what_moved(world: World) -> None:
    asked = Asked(world)
    ground = ground_of(asked)
    before, after = try_plan(asked.plan, ground), try_plan(doubled(asked.plan), ground)
    same = compare(before, try_plan(read_plan(asked.plan.canonical()), ground), ground)
    assert (same.difference, same.gainers, same.losers, same.gained, same.lost, same.orders_changed) == (0,) * 6
    assert same.orders == same.most_gained == same.most_lost == ()
    found = compare(before, after, ground)
    assert found.gained - found.lost == (after.accrued + after.rewarded) - (before.accrued + before.rewarded)
    assert sum(new - old for _, old, new in found.orders) == after.accrued - before.accrued, "few orders: all are named"
    differences = [abs(new - old) for _, old, new in found.orders]
    assert differences == sorted(differences, reverse=True) and all(differences)


@many
@given(worlds())
def test_the_rows_of_one_order_are_those_of_all_together(world: World) -> None:
    asked = Asked(world)
    ground = ground_of(asked)
    trial = try_plan(asked.plan, ground)
    for order in range(len(ground.orders)):
        rows = rows_of_order(asked.plan, ground, order)
        assert rows.amount.sum() == trial.by_order[order]
        assert set(rows.order.tolist()) <= {order}
        assert (ground.lines.order[rows.line] == order).all()


AMOUNTS = st.lists(st.integers(0, 10**12), max_size=40).map(lambda values: np.array(values, dtype=np.int64))


@given(AMOUNTS)
def test_gini_is_the_mean_difference_over_twice_the_mean(amounts: np.ndarray) -> None:
    """Against the definition over all pairs, in fractions."""
    have = [value for value in amounts.tolist() if value]
    if not have:
        assert gini(amounts[amounts > 0]) is None
        return
    apart = sum(abs(one - other) for one in have for other in have)
    exact = Fraction(apart, 2 * len(have) * sum(have))
    found = gini(amounts[amounts > 0])
    assert found is not None and abs(found - exact * MILLION) <= Fraction(1, 2)


def test_shares_by_hand() -> None:
    assert gini(np.array([1, 3])) == 250_000 and gini(np.array([5, 5, 5])) == 0
    assert gini(np.array([0, 0, 0, 8])) == 750_000 and gini(np.array([], dtype=np.int64)) is None
    assert top_share(np.array([1] * 99 + [101])) == 505_000 and top_share(np.array([1, 1, 2])) == 500_000
    assert top_share(np.array([], dtype=np.int64)) is None
    assert top_share(np.array([7])) == MILLION and top_share(np.array([0])) is None
    wide = np.array([2**50, 2**50 + 2], dtype=np.int64)
    assert gini(np.repeat(wide, 1000)) == 0


@given(st.lists(st.integers(-50, 300), max_size=500))
def test_largest(values: list[int]) -> None:
    array = np.array(values, dtype=np.int64)
    wanted = sorted(
        (place for place, value in enumerate(values) if value > 0), key=lambda place: (-values[place], place)
    )
    assert largest(array).tolist() == wanted[:SHOWN]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(-(2**60), 2**60)), max_size=8))
def test_sums_are_exact(pairs: list[tuple[int, int]]) -> None:
    codes, values = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
    assert sums(codes, values, 5).tolist() == [sum(value for code, value in pairs if code == each) for each in range(5)]


# ---- growth

PLAN: dict[str, Any] = {"name": "grow", "currency": "CNY", "levels": {1: {"rate": "10%"}, 2: {"rate": "2%"}}}


@pytest.fixture
def ground() -> Ground:
    """Two promoters, 1 above 0; one order of 100.00 of 0, one of 300.00 of 1, one of 400.00 of nobody."""
    world = World(
        plan=PLAN,
        promoters=[{"promoter_id": "p0", "inviter_id": "p1"}, {"promoter_id": "p1", "inviter_id": ""}],
        orders=[
            {"order_id": name, "line_no": "1", "buyer_id": "x", "promoter_id": who, "sku": "A", "category": "c", "qty": "1",
             "paid": paid, "cost": "0.00", "paid_at": "2026-03-01T00:00:00Z"}
            for name, who, paid in (("a", "p0", "100.00"), ("b", "p1", "300.00"), ("c", "", "400.00"))
        ],
        refunds=[],
        zone="Asia/Shanghai",
    )  # fmt: skip
    found = ground_of(Asked(world))
    found.refunded = np.zeros(3, dtype=np.int64)
    return found


def test_nothing_grows_and_nothing_changes(ground: Ground) -> None:
    plan = read_plan(PLAN)
    found = forecast(plan, ground, MILLION, MILLION)
    assert (found.paid, found.accrued, found.cost) == (80_000, 4_200, 4_200)


def test_twice_the_sales_cost_twice(ground: Ground) -> None:
    found = forecast(read_plan(PLAN), ground, 2 * MILLION, MILLION)
    assert (found.paid, found.accrued) == (160_000, 8_400)


def test_caps_bind_on_what_has_grown(ground: Ground) -> None:
    plan = read_plan(PLAN | {"caps": {"promoter_day": "35.00"}})
    assert forecast(plan, ground, MILLION, MILLION).accrued == 1_000 + 200 + 3_000
    assert forecast(plan, ground, 2 * MILLION, MILLION).accrued == 2_000 + 400 + 3_100


def test_a_level_never_reaches_more_than_everything(ground: Ground) -> None:
    """Level 1 reaches half of the sales, level 2 an eighth: twice the team fills level 1, everybody fills both."""
    plan = read_plan(PLAN)
    assert forecast(plan, ground, MILLION, 2 * MILLION).accrued == 8_000 + 400
    assert forecast(plan, ground, MILLION, 3 * MILLION).accrued == 8_000 + 600
    assert forecast(plan, ground, MILLION, EVERY_LEVEL).accrued == 80_000 * 12 // 100


def test_the_cap_of_an_order_holds_for_all(ground: Ground) -> None:
    plan = read_plan(PLAN | {"caps": {"order": "11%"}})
    assert forecast(plan, ground, MILLION, EVERY_LEVEL).accrued == 80_000 * 11 // 100


def test_refunds_grow_with_what_they_take_back(ground: Ground) -> None:
    ground.refunded = np.array([10_000, 0, 0], dtype=np.int64)
    found = forecast(read_plan(PLAN), ground, 2 * MILLION, MILLION)
    assert (found.reversed, found.cost) == (2 * 1_200, 2 * 3_000)


def test_margin_counts_the_lines_whose_cost_is_known(ground: Ground) -> None:
    ground.lines = replace(ground.lines, cost=np.array([4_000, 0, 0], dtype=np.int64))
    trial = try_plan(read_plan(PLAN), ground)
    assert (ground.margin, trial.of_costed) == (6_000, 1_200)
