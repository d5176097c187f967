"""Rating beyond the worked cases: chains for the explain page, usage, wide amounts, releases, nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rongshu.engine.calendar import DAY, day_number, local_day, local_days, month_of_day
from rongshu.engine.jurisdictions import permits_instant_release
from rongshu.engine.plan import read_plan
from rongshu.engine.rating import (
    Lines,
    Orders,
    Promoters,
    RankHistory,
    Rated,
    Usage,
    due_at,
    instant_rows,
    rate,
    reversal_due,
)
from rongshu.engine.rating.frames import BEGINNING, BEYOND, ELIGIBLE, FOREVER, INACTIVE, IS_BUYER, NONE


def ints(*values: int) -> Any:
    return np.array(values, dtype=np.int64)


def promoters(*inviter: int, active: tuple[bool, ...] | None = None) -> Promoters:
    count = len(inviter)
    until = [FOREVER if active is None or active[index] else 0 for index in range(count)]
    since = np.full(count, BEGINNING)
    return Promoters(ints(*inviter), np.full(count, NONE), since, since, ints(*until))


def orders(direct: list[int], buyer: list[int] | None = None, paid_at: list[int] | None = None) -> Orders:
    none = np.full(len(direct), NONE)
    at = ints(*(paid_at or [DAY] * len(direct)))
    return Orders(at, none if buyer is None else ints(*buyer), ints(*direct), none, none, none, none, none)


def lines(order: list[int], paid: list[int]) -> Lines:
    none, zero = np.full(len(order), NONE), np.zeros(len(order), dtype=np.int64)
    return Lines(ints(*order), np.arange(len(order)), none, none, zero + 1, ints(*paid), zero)


def rated(document: dict[str, Any], *frames: Any, usage: Usage | None = None) -> Rated:
    plan = read_plan({"name": "p", "currency": "CNY"} | document)
    return rate(plan, UTC, *frames, usage or Usage())


TWO = {"levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}}}


def chains(of: Rated) -> list[tuple[int, ...]]:
    c = of.chains
    columns = (c.order, c.position, c.promoter, c.state, c.level)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def test_chains_say_why_somebody_earned_nothing() -> None:
    forest = promoters(-1, 0, 1, 2, active=(True, False, True, True))
    got = chains(rated(TWO, forest, orders([3, 2, NONE, 2], [NONE, NONE, NONE, 2]), lines([0, 1, 2, 3], [100] * 4)))
    assert got == [
        (0, 1, 3, ELIGIBLE, 1), (0, 2, 2, ELIGIBLE, 2),
        (1, 1, 2, ELIGIBLE, 1), (1, 2, 1, INACTIVE, NONE),
        (3, 1, 2, IS_BUYER, NONE),
    ]  # fmt: skip
    got = chains(rated(TWO | {"compress": True}, forest, orders([2]), lines([0], [100])))
    assert got == [(0, 1, 2, ELIGIBLE, 1), (0, 2, 1, INACTIVE, NONE), (0, 3, 0, ELIGIBLE, 2)]


def test_a_place_the_plan_names_no_level_for_is_beyond() -> None:
    skipping = {"levels": {1: {"rate": "10%"}, 3: {"rate": "1%"}}}
    got = chains(rated(skipping, promoters(-1, 0, 1), orders([2]), lines([0], [100])))
    assert got == [(0, 1, 2, ELIGIBLE, 1), (0, 2, 1, BEYOND, NONE), (0, 3, 0, ELIGIBLE, 3)]


def test_inviters_in_a_circle_are_an_error() -> None:
    with pytest.raises(ValueError, match="circle"):
        rated(TWO | {"compress": True}, promoters(1, 0, active=(False, False)), orders([0]), lines([0], [100]))


def test_what_was_accrued_before_counts_for_the_caps() -> None:
    capped = {"levels": {1: {"rate": "10%"}}, "caps": {"promoter_day": "1.00", "promoter_month": "1.50"}}
    frames = promoters(-1, -1), orders([0, 1, 0], paid_at=[DAY, DAY, 2 * DAY]), lines([0, 1, 2], [1000] * 3)
    usage = Usage({(0, 1): 30, (1, 7): 99, (9, 1): 5}, {(0, 1970 * 12): 60, (1, 5): 9})
    rows = rated(capped, *frames, usage=usage).rows
    assert rows.amount.tolist() == [70, 100, 20]
    assert rows.cut_day.tolist() == [30, 0, 0]
    assert rows.cut_month.tolist() == [0, 0, 80]
    rows = rated(capped, *frames, usage=Usage({(0, 1): 500}, {(0, 1970 * 12): 10_000})).rows
    assert rows.amount.tolist() == [0, 100, 0]
    assert rows.cut_day.tolist() == [100, 0, 0]


def test_orders_count_in_the_sequence_they_are_given() -> None:
    capped = {"levels": {1: {"rate": "10%"}}, "caps": {"promoter_day": "1.00"}}
    rows = rated(capped, promoters(-1), orders([0] * 3, paid_at=[DAY, 0, DAY]), lines([0, 1, 2], [800] * 3)).rows
    assert rows.amount.tolist() == [80, 80, 20]


def test_the_widest_amounts_are_exact() -> None:
    most = 10**12
    capped = {"levels": {1: {"rate": "33.3333%"}, 2: {"rate": "66.6667%"}}, "caps": {"order": "99.9999%"}}
    rows = rated(capped, promoters(-1, 0), orders([1]), lines([0, 0, 0], [most, most - 1, 7])).rows
    assert rows.amount.sum() == (2 * most + 6) * 999_999 // 10**6
    assert (rows.before_caps - rows.cut_order == rows.amount).all()


def test_nothing_gives_nothing() -> None:
    for forest, of, its in ((promoters(), orders([]), lines([], [])), (promoters(), orders([NONE]), lines([0], [5]))):
        got = rated(TWO | {"caps": {"order": "1%", "promoter_day": "1"}}, forest, of, its)
        assert len(got.rows) == 0 and len(got.chains.order) == 0


def test_without_chains_the_rows_are_the_same() -> None:
    plan = read_plan({"name": "p", "currency": "CNY"} | TWO)
    frames = promoters(-1, 0), orders([1]), lines([0], [100])
    full, short = rate(plan, UTC, *frames), rate(plan, UTC, *frames, with_chains=False)
    assert full.rows.amount.tolist() == short.rows.amount.tolist() == [10, 3]
    assert len(short.chains.order) == 0


def test_a_refund_never_reverses_more_than_was_earned() -> None:
    due = reversal_due(ints(100, 100, 100, 5, 0), ints(300, 300, 300, 10, 0), ints(100, 300, 999, 5, 7))
    assert due.tolist() == [33, 100, 100, 3, 0]


def test_release_waits_full_days_and_for_completion() -> None:
    completed = read_plan(TWO | {"name": "p", "currency": "CNY", "release": {"after": "completed", "days": 2}}).release
    paid = read_plan(TWO | {"name": "p", "currency": "CNY", "release": {"after": "paid", "days": 2}}).release
    at, done = ints(10, 10, 10), ints(DAY, FOREVER, 5 * DAY)
    assert due_at(completed, at, done).tolist() == [3 * DAY, FOREVER, 7 * DAY]
    assert due_at(paid, at, done).tolist() == [2 * DAY + 10, FOREVER, 5 * DAY]


def test_small_rows_are_released_at_once_where_the_law_permits() -> None:
    document = {"name": "p", "currency": "CNY"} | TWO | {"release": {"instant_below": "1.00"}}
    plan = read_plan(document)
    rows = rate(plan, UTC, promoters(-1, 0), orders([1]), lines([0], [1000])).rows
    assert rows.amount.tolist() == [100, 30]
    assert instant_rows(plan, rows, permits_instant_release("XX")).tolist() == [False, True]
    assert instant_rows(plan, rows, permits_instant_release("CN")).tolist() == [False, False]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"])
def test_days_are_those_of_the_zone(zone: str) -> None:
    of = ZoneInfo(zone)
    instants = np.arange(1_293_000_000, 1_420_000_000, 977_777, dtype=np.int64) * 1_000_000
    exact = [day_number(datetime.fromtimestamp(instant // 1_000_000, of).date()) for instant in instants.tolist()]
    assert local_days(instants, of).tolist() == exact
    assert local_day(int(instants[7]), of) == exact[7]


def test_months_are_counted_from_the_year_nought() -> None:
    assert month_of_day(0) == 1970 * 12
    assert month_of_day(-1) == 1970 * 12 - 1


def test_the_rank_is_the_one_held_at_the_instant() -> None:
    history = RankHistory(ints(1, 1, 1, 3), ints(100, 200, 200, 50), ints(0, 1, 2, NONE), ints(NONE, 0, 1, 2))
    forest = replace(promoters(-1, 0, 1, 2), rank=ints(1, 2, 0, NONE), ranks=("a", "b", "c"), history=history)
    asked = [(0, 0), (0, 999), (1, 99), (1, 100), (1, 199), (1, 200), (1, BEGINNING), (1, FOREVER), (2, 150)]
    asked += [(3, 49), (3, 50), (3, 51)]
    rows, instants = (ints(*values) for values in zip(*asked, strict=True))
    assert forest.rank_at(rows, instants).tolist() == [1, 1, NONE, 0, 0, 2, NONE, 2, 0, 2, NONE, NONE]
    assert replace(forest, history=None).rank_at(rows, instants).tolist() == [1, 1, *[2] * 6, 0, *[NONE] * 3]
    nothing = RankHistory(*(ints() for _ in range(4)))
    assert replace(forest, history=nothing).rank_at(rows, instants).tolist() == [1, 1, *[2] * 6, 0, *[NONE] * 3]


def test_a_condition_on_the_rank_looks_at_the_rank_held_when_paid() -> None:
    document = {
        "levels": {1: {"rate": "10%"}},
        "overrides": [{"id": "gold", "level": 1, "when": {"rank": "gold"}, "rate": "20%"}],
    }
    history = RankHistory(ints(0), ints(DAY), ints(0), ints(NONE))
    forest = replace(promoters(-1), rank=ints(0), ranks=("gold",), history=history)
    rows = rated(document, forest, orders([0, 0], paid_at=[DAY - 1, DAY]), lines([0, 1], [1000, 1000])).rows
    assert rows.amount.tolist() == [100, 200]
