"""The comparison with the reference notices mistakes: each of these, planted on either side, must make a difference.

What the engine says is asked once; then one rule of the reference is bent at a time. A mistake that goes unnoticed in a
few hundred small worlds would go unnoticed in the engine, too. A few are planted in the engine itself, to show that it
is really the engine that is asked.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import chain, count, islice
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from rongshu.engine import calendar, money
from rongshu.engine.rating import differential, frames, rows
from tests.reference import commission
from tests.reference.commission import Line, Order, Promoter, Row
from tests.reference.generators import Size, World, seeded
from tests.reference.through_engine import expected, in_out_csv, rated, simulated

WORLDS = 200
RANKED = 100
"""Further worlds that are all about ranks: with peers, longer chains, and more orders of each promoter."""
LADDERS = Size(promoters=14, orders=14, lines=2, levels=2, overrides=1, boosts=0, refunds=2)


def ranked_worlds() -> Iterator[World]:
    candidates = (seeded(seed, LADDERS, history=seed % 2 == 0) for seed in count(WORLDS))
    return islice((world for world in candidates if "peer" in world.plan.get("differential", {})), RANKED)


def tied_world() -> World:
    """Two lines, two levels, four equal rows, and two units left over by the order cap."""
    plan = {
        "name": "tied",
        "currency": "CNY",
        "levels": {n: {"rate": "50%"} for n in (1, 2)},
        "caps": {"order": "60.4%"},
    }
    plan |= {"self_purchase": "none", "basis": "paid", "compress": False}
    people = [{"promoter_id": "p0", "inviter_id": "p1"}, {"promoter_id": "p1", "inviter_id": ""}]
    order = {"order_id": "r0", "buyer_id": "m1", "promoter_id": "p0", "sku": "A", "category": "a", "qty": "1"}
    order |= {"paid": "1.01", "cost": "0.00", "paid_at": "2026-05-01T00:00:00Z"}
    return World(plan, people, [order | {"line_no": number} for number in ("1", "2")], [], "UTC")


@cache
def answered() -> list[tuple[World, list[dict[str, str]]]]:
    """Worlds, and what the engine says: the rows of a simulation, and beside them what each cap took.

    In every third world ranks change, which no simulation is told of: there it is the rows of rating.
    """
    found = []
    usual = (seeded(seed, history=seed % 3 == 0) for seed in range(WORLDS))
    for world in chain([tied_world()], usual, ranked_worlds()):
        if world.rank_changes:
            found.append((world, rated(world)))
            continue
        cuts = [{name: row[name] for name in ("cut_order", "cut_day", "cut_month")} for row in rated(world)]
        found.append((world, [row | cut for row, cut in zip(simulated(world), cuts, strict=True)]))
    return found


def test_without_a_mistake_there_is_no_difference() -> None:
    assert all(expected(world) == rows for world, rows in answered())


def floor_of(exact: Fraction) -> int:
    return math.floor(exact)


def half_to_even(exact: Fraction) -> int:
    return round(exact)


def half_down(exact: Fraction) -> int:
    return math.ceil(exact - Fraction(1, 2))


def tie_to_the_earlier(candidates: list[dict]) -> dict | None:
    return max(candidates, key=lambda override: len(override.get("when") or {}), default=None)


def last_one_whatever_its_conditions(candidates: list[dict]) -> dict | None:
    return candidates[-1] if candidates else None


def last_day_included(day: date, window: dict) -> bool:
    widened = dict(window)
    if "to" in widened:
        widened["to"] = commission.as_date(widened["to"]) + timedelta(days=1)
    return in_window(day, widened)


def first_day_left_out(day: date, window: dict) -> bool:
    return in_window(day, window) and not ("from" in window and day == commission.as_date(window["from"]))


def in_utc(when: Any, zone: str) -> date:
    return local_day(when, "UTC")


def in_shanghai(when: Any, zone: str) -> date:
    return local_day(when, "Asia/Shanghai")


def an_hour_off(when: Any, zone: str) -> date:
    return local_day(when + timedelta(hours=1), zone)


def limit_rounded_up(plan: dict, order: Order) -> int | None:
    cap = (plan.get("caps") or {}).get("order")
    if cap is None:
        return None
    total = sum(commission.base_of(plan, line) for line in order.lines)
    return math.ceil(Fraction(total * commission.parts_per_million(cap), 1_000_000))


def limit_of_the_paid(plan: dict, order: Order) -> int | None:
    return order_limit(plan | {"basis": "paid"}, order)


def nobody(rows: list[Row], left_over: dict[int, Fraction]) -> list[int]:
    return []


def by_place_only(rows: list[Row], left_over: dict[int, Fraction]) -> list[int]:
    return sorted(left_over, key=lambda index: rows[index].place())


def ties_from_the_end(rows: list[Row], left_over: dict[int, Fraction]) -> list[int]:
    return sorted(sorted(left_over, key=lambda i: rows[i].place(), reverse=True), key=lambda i: -left_over[i])


def ties_by_level_first(rows: list[Row], left_over: dict[int, Fraction]) -> list[int]:
    return sorted(left_over, key=lambda i: (-left_over[i], rows[i].level, rows[i].line.number))


def before_the_caps(row: Row) -> int:
    return row.before_caps


def month_before_day(plan: dict, *rest: Any) -> None:
    rows: list[Row] = rest[1]
    caps = plan.get("caps") or {}
    names = {"promoter_day": "promoter_month", "promoter_month": "promoter_day"}
    cut_to_promoter_caps(plan | {"caps": {names.get(key, key): value for key, value in caps.items()}}, *rest)
    for row in rows:
        row.cut_day, row.cut_month = row.cut_month, row.cut_day


def ties_by_the_greater_id(order: Order) -> Any:
    return (order.paid_at, -int(order.id[1:]))


def ids_as_numbers(order: Order) -> Any:
    return (order.paid_at, int(order.id[1:]))


def without_the_time(order: Order) -> Any:
    return order.id


def still_active_at_the_end(self: Promoter, moment: Any) -> bool:
    return active_at(self, moment) or moment == self.active_to


def not_in_the_first_instant(self: Promoter, moment: Any) -> bool:
    return active_at(self, moment) and moment != self.active_from


def always_active(self: Promoter, moment: Any) -> bool:
    return True


def never_compressed(plan: dict, chain: Any) -> Any:
    return level_holders(plan | {"compress": False}, chain)


def always_compressed(plan: dict, chain: Any) -> Any:
    return level_holders(plan | {"compress": True}, chain)


def never_a_rebate(plan: dict, order: Order, people: dict[str, Promoter]) -> Any:
    return chain_of(plan | {"self_purchase": "none"}, order, people)


def always_a_rebate(plan: dict, order: Order, people: dict[str, Promoter]) -> Any:
    return chain_of(plan | {"self_purchase": "rebate"}, order, people)


def buyer_above_may_earn(plan: dict, order: Order, people: dict[str, Promoter]) -> Any:
    return [(each, each.active_at(order.paid_at)) for each, _ in chain_of(plan, order, people)]


def own_order_only_when_credited(plan: dict, order: Order, people: dict[str, Promoter]) -> str:
    if plan["self_purchase"] == "rebate":
        return order.promoter
    return starting_promoter(plan, order, people)


def cost_of_the_line(plan: dict, line: Line) -> int:
    return max(0, line.paid - line.cost) if plan["basis"] == "margin" else line.paid


def only_this_line(order: Order, line: Line) -> int:
    return line.paid


def text_begins_alike(wanted: str, category: str) -> bool:
    return category.startswith(wanted)


def same_category_only(wanted: str, category: str) -> bool:
    return category == wanted


def days_rounded_up(promoter: Promoter, order: Order) -> int | None:
    if promoter.joined_at is None:
        return None
    return -((promoter.joined_at - order.paid_at) // timedelta(days=1))


def days_of_the_calendar(promoter: Promoter, order: Order) -> int | None:
    if promoter.joined_at is None:
        return None
    return (local_day(order.paid_at, "UTC") - local_day(promoter.joined_at, "UTC")).days


def once_whatever_the_quantity(each: int, line: Line) -> int:
    return each


def beyond_the_base(amount: int, base: int) -> int:
    return amount


def every_arrival_counts(rows: list[dict], currency: str) -> Any:
    renamed = [row | {"refund_id": str(number)} for number, row in enumerate(rows)]
    return refunded_amounts(renamed, currency)


def rounded_down(amount: int, paid: int, refunded: int) -> int:
    return amount * min(refunded, paid) // paid


def more_than_was_paid(amount: int, paid: int, refunded: int) -> int:
    return round_half_up(Fraction(amount * refunded, paid))


def text_place(self: Row) -> Any:
    return (str(self.line.number), self.kind, self.level, self.beneficiary)


def level_before_line(self: Row) -> Any:
    return (self.level, self.line.number)


def the_whole_rate(mine: int, met: int) -> int:
    return mine


def only_met_when_something_came_of_it(met: int, mine: int, row: Row) -> int:
    return mine if row.before_caps else met


def met_all_the_same(met: int, mine: int) -> int:
    return max(met, mine)


def one_generation_more(rows: list[Row], generations: int) -> bool:
    return len(rows) > generations


def nobody_stands_in_the_way(theirs: int, mine: int) -> bool:
    return False


def equals_stand_in_the_way(theirs: int, mine: int) -> bool:
    return 0 < mine <= theirs


def peers_by_rate(theirs: str, rank: str, rates: dict[str, int]) -> bool:
    return rates.get(theirs, 0) == rates[rank]


def of_the_line(row: Row) -> int:
    return row.base


def the_rank_of_today(self: Promoter, moment: Any) -> str:
    return self.rank


def the_rank_until_then(self: Promoter, moment: Any) -> str:
    return rank_at(self, moment - timedelta(microseconds=1))


active_at, chain_of, cut_to_promoter_caps = Promoter.active_at, commission.chain_of, commission.cut_to_promoter_caps
in_window, level_holders, local_day = commission.in_window, commission.level_holders, commission.local_day
order_limit, refunded_amounts = commission.order_limit, commission.refunded_amounts
rank_at = Promoter.rank_at
round_half_up, starting_promoter = commission.round_half_up, commission.starting_promoter

MISTAKES: list[tuple[Any, str, Callable[..., Any]]] = [
    (commission, "round_half_up", half_to_even),
    (commission, "round_half_up", half_down),
    (commission, "round_half_up", floor_of),
    (commission, "chosen_override", tie_to_the_earlier),
    (commission, "chosen_override", last_one_whatever_its_conditions),
    (commission, "in_window", last_day_included),
    (commission, "in_window", first_day_left_out),
    (commission, "local_day", in_utc),
    (commission, "local_day", in_shanghai),
    (commission, "local_day", an_hour_off),
    (commission, "order_limit", limit_rounded_up),
    (commission, "order_limit", limit_of_the_paid),
    (commission, "in_turn", nobody),
    (commission, "in_turn", by_place_only),
    (commission, "in_turn", ties_from_the_end),
    (commission, "in_turn", ties_by_level_first),
    (commission, "counts_as_used", before_the_caps),
    (commission, "cut_to_promoter_caps", month_before_day),
    (commission, "order_sequence", ties_by_the_greater_id),
    (commission, "order_sequence", ids_as_numbers),
    (commission, "order_sequence", without_the_time),
    (Promoter, "active_at", still_active_at_the_end),
    (Promoter, "active_at", not_in_the_first_instant),
    (Promoter, "active_at", always_active),
    (commission, "level_holders", never_compressed),
    (commission, "level_holders", always_compressed),
    (commission, "chain_of", never_a_rebate),
    (commission, "chain_of", always_a_rebate),
    (commission, "chain_of", buyer_above_may_earn),
    (commission, "starting_promoter", own_order_only_when_credited),
    (commission, "base_of", cost_of_the_line),
    (commission, "paid_in_all", only_this_line),
    (commission, "category_matches", text_begins_alike),
    (commission, "category_matches", same_category_only),
    (commission, "whole_days", days_rounded_up),
    (commission, "whole_days", days_of_the_calendar),
    (commission, "fixed_amount", once_whatever_the_quantity),
    (commission, "at_most", beyond_the_base),
    (commission, "refunded_amounts", every_arrival_counts),
    (commission, "reversal", rounded_down),
    (commission, "reversal", more_than_was_paid),
    (commission, "difference", the_whole_rate),
    (commission, "met_after", only_met_when_something_came_of_it),
    (commission, "met_passing", met_all_the_same),
    (commission, "enough", one_generation_more),
    (commission, "stands_in_the_way", nobody_stands_in_the_way),
    (commission, "stands_in_the_way", equals_stand_in_the_way),
    (commission, "is_peer", peers_by_rate),
    (commission, "shared_amount", of_the_line),
    (Promoter, "rank_at", the_rank_of_today),
    (Promoter, "rank_at", the_rank_until_then),
    (Row, "place", text_place),
    (Row, "place", level_before_line),
]


@pytest.mark.parametrize(("home", "name", "mistake"), MISTAKES, ids=[mistake.__name__ for _, _, mistake in MISTAKES])
def test_a_mistake_is_noticed(home: Any, name: str, mistake: Callable[..., Any], monkeypatch: Any) -> None:
    worlds = answered()
    monkeypatch.setattr(home, name, mistake)
    assert any(expected(world) != rows for world, rows in worlds)


# ---- planted in the engine


def in_utc_there(instants: Any, zone: Any) -> Any:
    return local_days(instants, ZoneInfo("UTC"))


def one_month_for_all(days: Any) -> Any:
    return days * 0


def ceiling_of_rate(base: Any, ppm: Any) -> Any:
    return -(-base * ppm // 1_000_000)


local_days = calendar.local_days

ENGINE_MISTAKES: list[tuple[Any, Callable[..., Any]]] = [
    (money.round_half_up_rate, money.floor_rate),
    (money.round_half_up_rate, ceiling_of_rate),
    (money.floor_rate, money.round_half_up_rate),
    (money.floor_ratio, money.round_half_up_ratio),
    (money.round_half_up_ratio, money.floor_ratio),
    (calendar.local_days, in_utc_there),
    (calendar.months_of_days, one_month_for_all),
]


@pytest.mark.parametrize(
    ("right", "mistake"), ENGINE_MISTAKES, ids=[f"{each.__name__}-{wrong.__name__}" for each, wrong in ENGINE_MISTAKES]
)
def test_a_mistake_of_the_engine_is_noticed(right: Any, mistake: Callable[..., Any], monkeypatch: Any) -> None:
    worlds = [world for world, _ in answered() if not world.rank_changes]
    for module in [module for name, module in sys.modules.items() if name.startswith("rongshu.engine.")]:
        for name, value in list(vars(module).items()):
            if value is right:
                monkeypatch.setattr(module, name, mistake)
    assert any(simulated(world) != in_out_csv(expected(world)) for world in worlds)


def active_for_ever(self: Any, who: Any, at: Any, *rest: Any) -> Any:
    return was_active(self, who, at, np.arange(len(who)), *np.zeros((2, len(who)), dtype=np.int64))


def no_rank_ever_changes(self: Any, who: Any, at: Any, *rest: Any) -> Any:
    return self.promoters.rank_at(who, at)


def no_buyer_would_have_earned(self: Any, row: Any, who: Any) -> Any:
    return np.zeros(len(row), dtype=np.bool_)


def highest_of_today(self: Any, first: int, last: int) -> Any:
    return self.place.take(self.promoters.rank)


def of_any_kind(found: Any, *rest: Any) -> Any:
    return rank_rows(replace(found, kind=np.full(len(found.kind), frames.DIFFERENTIAL)), *rest)


def the_starting_one_left_out(mark: Any, above: Any) -> Any:
    return np.append(nearest(mark, above), len(mark))[above]


was_active, nearest, rank_rows = differential._Way._active, differential._nearest, differential.rank_rows

WALKING_MISTAKES: list[tuple[Any, str, Callable[..., Any]]] = [
    (differential._Way, "_active", active_for_ever),
    (differential._Way, "_ranks", no_rank_ever_changes),
    (differential._Way, "_highest", highest_of_today),
    (differential._Walk, "earns", no_buyer_would_have_earned),
    (differential, "_nearest", the_starting_one_left_out),
    (rows, "rank_rows", of_any_kind),
]


@pytest.mark.parametrize(
    ("home", "name", "mistake"), WALKING_MISTAKES, ids=[mistake.__name__ for _, _, mistake in WALKING_MISTAKES]
)
def test_a_mistake_on_the_way_up_is_noticed(
    home: Any, name: str, mistake: Callable[..., Any], monkeypatch: Any
) -> None:
    """With walks shared by all orders of a promoter: what makes an order walk alone must not be overlooked."""
    worlds = [world for world, _ in answered() if "differential" in world.plan]
    monkeypatch.setattr(differential, "WORTH_SHARING", 0)
    assert all(rated(world) == expected(world) for world in worlds)
    monkeypatch.setattr(home, name, mistake)
    assert any(rated(world) != expected(world) for world in worlds)
