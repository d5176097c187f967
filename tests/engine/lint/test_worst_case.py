"""The worst case against every order there can be, tried one by one, and against orders as they are really rated."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from math import prod
from typing import Any

import pytest
from hypothesis import given, settings

from rongshu.engine.lint import worst
from rongshu.engine.lint.worst import never_applies, worst_case
from rongshu.engine.plan import Plan, When, read_plan
from tests.reference import commission
from tests.reference.generators import RandomDice, Size, make_plan, plans, seeded

TRIED = Size(levels=2, overrides=4, boosts=2)
WORDS = ("category", "sku", "tier", "channel", "store", "region", "rank")
SHARED = ("order", "category", "sku", "tier", "channel", "store", "region", "paid", "min_order")


def held(when: When, order: dict[str, Any]) -> bool:
    """The meaning of `when`, written down once more, for one order and one beneficiary."""
    for key in when.given:
        asked, found = getattr(when, key), order.get(key)
        if key == "category":
            right = found is not None and any(f"{found}/".startswith(f"{word}/") for word in asked)
        elif key == "paid":
            right = (asked.start is None or found >= asked.start) and (asked.end is None or found < asked.end)
        elif key == "promoter_days":
            low = -(10**9) if asked.start is None else asked.start
            high = 10**9 if asked.below is None else asked.below
            right = found is not None and low <= found < high
        elif key == "min_order":
            right = found >= asked
        else:
            right = found in asked
        if not right:
            return False
    return True


def everything(plan: Plan, key: str) -> list[Any]:
    """Each thing an order can be for a key: what is named, what lies beside it, and nothing."""
    asked = [value for rule in (*plan.overrides, *plan.boosts) if (value := getattr(rule.when, key)) is not None]
    if not asked and not (key == "rank" and plan.differential):
        return [{"min_order": 1, "paid": date(2026, 1, 1)}.get(key)]
    if key == "order":
        return [None, "first", "repeat"]
    if key in WORDS:
        named = {word for words in asked for word in words}
        named |= {f"{word}/below" for word in named} if key == "category" else set()
        named |= set(plan.differential.ranks) if key == "rank" and plan.differential else set()
        return [None, "something else", *sorted(named)]
    if key == "min_order":
        return sorted({1, *(one for least in asked for one in (least - 1, least) if one >= 1)})
    if key == "paid":
        days = {day for window in asked for day in (window.start, window.end) if day}
        return sorted({day + timedelta(days=more) for day in days for more in (-1, 0)})
    days = {day for window in asked for day in (window.start, window.below) if day is not None}
    return [None, *sorted({0} | days | {day - 1 for day in days if day})]


def winner(plan: Plan, level: int, order: dict[str, Any]) -> Any:
    found = None
    for override in plan.overrides:
        better = found is None or len(override.when.given) >= len(found.when.given)
        if override.level == level and better and held(override.when, order):
            found = override
    return found


def paid(plan: Plan, level: int, order: dict[str, Any]) -> int:
    found = winner(plan, level, order)
    if found is not None and found.fixed is not None:
        return 1_000_000 if found.fixed else 0
    rate = plan.levels[level].rate if found is None else found.rate
    return min(1_000_000, rate + sum(boost.add for boost in plan.boosts if held(boost.when, order)))


def every_order(plan: Plan) -> Iterator[dict[str, Any]]:
    for values in product(*(everything(plan, key) for key in SHARED)):
        yield dict(zip(SHARED, values, strict=True))


def own(plan: Plan) -> list[dict[str, Any]]:
    return [
        {"rank": rank, "promoter_days": days}
        for rank, days in product(everything(plan, "rank"), everything(plan, "promoter_days"))
    ]


def by_trying(plan: Plan) -> tuple[int, int]:
    """What all levels pay at most, and what one promoter gets at most."""
    ranks = plan.differential.ranks if plan.differential else {}
    most, payee = 0, max(ranks.values(), default=0)
    mine = own(plan)
    for order in every_order(plan):
        together = 0
        for level in plan.level_numbers:
            best = 0
            for each in mine:
                one = paid(plan, level, order | each)
                best = max(best, one)
                payee = max(payee, one + ranks.get(each["rank"], 0))
            together += best
        most = max(most, together)
    return most, payee


def size_of(plan: Plan) -> int:
    return prod(len(everything(plan, key)) for key in (*SHARED, "rank", "promoter_days"))


def agree(plan: Plan) -> None:
    found = worst_case(plan)
    most, payee = by_trying(plan)
    assert found.exact
    assert sum(share.ppm for share in found.shares if share.kind == "level") == most
    cap = 10**9 if plan.caps.order is None else plan.caps.order
    assert found.payee_ppm == min(payee, cap)
    assert found.order_ppm == min(found.before_cap, cap)


@pytest.mark.parametrize("seed", range(100))
def test_nothing_pays_more_and_something_pays_it(seed: int) -> None:
    plan = read_plan(make_plan(RandomDice(seed), "Asia/Shanghai", TRIED))
    if size_of(plan) <= 3_000:
        agree(plan)


@settings(max_examples=40, deadline=None)
@given(plans(size=TRIED))
def test_nothing_pays_more_found_by_search(document: dict[str, Any]) -> None:
    plan = read_plan(document)
    if size_of(plan) <= 1_000:
        agree(plan)


@pytest.mark.parametrize("seed", range(100))
def test_an_override_that_never_applies_wins_nowhere(seed: int) -> None:
    plan = read_plan(make_plan(RandomDice(seed), "UTC", Size(levels=1, overrides=7, boosts=0)))
    if size_of(plan) > 20_000:
        return
    wins = {
        found.id
        for order in every_order(plan)
        for each in own(plan)
        for level in plan.level_numbers
        if (found := winner(plan, level, order | each)) is not None
    }
    never = {plan.overrides[index].id for index, _stronger in never_applies(plan)}
    assert never == {override.id for override in plan.overrides} - wins


@pytest.mark.parametrize("seed", range(120))
def test_no_order_as_it_is_rated_pays_more(seed: int) -> None:
    world = seeded(seed)
    plan = read_plan(world.plan)
    worst = worst_case(plan)
    by_order: dict[str, list[Any]] = {}
    for row in commission.rate(world.plan, world.promoters, world.orders, world.refunds, world.zone):
        by_order.setdefault(row["order_id"], []).append(row)
    lines: dict[str, int] = {}
    for line in commission.read_orders(world.orders, plan.currency) if world.orders else []:
        lines[line.id] = sum(commission.base_of(world.plan, one) for one in line.lines)
    for order_id, rows in by_order.items():
        before = sum(commission.minor_units(row["before_caps"], plan.currency) for row in rows)
        after = sum(commission.minor_units(row["amount"], plan.currency) for row in rows)
        # A row is rounded to half a unit at most, and a peer's is rounded from a rounded amount.
        assert before * 1_000_000 <= lines[order_id] * worst.before_cap + len(rows) * 1_000_000
        assert after * 1_000_000 <= lines[order_id] * worst.order_ppm + len(rows) * 1_000_000


PLAN = """
name: spring
currency: CNY
jurisdiction: CN
levels:
  1: {rate: 10%}
  2: {rate: 3%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: beauty-gold, level: 1, when: {category: [beauty], rank: [gold]}, rate: 18%}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 2%}
  - {id: may, when: {paid: {from: 2026-05-01, to: 2026-05-08}}, add: 1%}
  - {id: june, when: {paid: {from: 2026-06-01, to: 2026-06-08}}, add: 4%}
"""


def test_the_path_that_attains_it_is_named() -> None:
    found = worst_case(read_plan(PLAN))
    assert (found.ppm, found.exact, found.payee_ppm) == (330_000, True, 240_000)
    assert [(share.rule, share.ppm) for share in found.shares] == [
        ("beauty-gold+newcomer+june", 240_000),
        ("level-2+newcomer+june", 90_000),
    ]
    assert [(one.key, one.value, one.level) for one in found.conditions] == [
        ("category", "beauty", 0),
        ("paid", "2026-06-01", 0),
        ("rank", "gold", 1),
        ("promoter_days", "0", 1),
        ("promoter_days", "0", 2),
    ]


def test_differential_peer_steps_and_pools_add_up_and_the_cap_cuts_the_order() -> None:
    text = (
        PLAN
        + """
differential: {ranks: {silver: 4%, gold: 7%, diamond: 9%}, peer: {rate: 10%, generations: 2}}
caps: {order: 25%}
steps: [{id: monthly, bands: [{from: "0", rate: 1%}, {from: "100.00", rate: 2%}]}]
pools: [{id: leaders, share: 1.5%}]
"""
    )
    found = worst_case(read_plan(text))
    assert found.before_cap == 330_000 + 90_000 + 18_000
    assert (found.order_ppm, found.ppm, found.capped) == (250_000, 285_000, True)
    assert [share.rule for share in found.shares][2:] == ["rank:diamond", "peer:diamond", "monthly", "leaders"]
    # gold at level 1: 24 % and 7 %; with diamond 16 % and 9 %. Both pass the cap.
    assert found.payee_ppm == 250_000


def test_a_fixed_amount_may_be_the_whole_base() -> None:
    text = PLAN.replace("boosts:", '  - {id: flat, level: 1, when: {sku: [A1]}, fixed: "5.00"}\nboosts:')
    found = worst_case(read_plan(text))
    assert found.fixed
    assert found.order_ppm == 1_000_000 + 90_000
    assert worst_case(read_plan(text.replace("5.00", "0.00"))).order_ppm == 330_000


def test_a_lower_rate_that_always_wins_counts() -> None:
    text = PLAN + "  - {id: never, when: {rank: gold, order: first}, add: 50%}\n"
    text = text.replace("boosts:", "  - {id: low, level: 1, when: {rank: gold, order: first}, rate: 0%}\nboosts:")
    assert worst_case(read_plan(text)).before_cap == 60_000 + 500_000 + 530_000 + 60_000


def big_plan(seed: int, *, overrides: int, boosts: int, words: int = 30, keys_each: int = 3) -> dict[str, Any]:
    """Rules that ask for up to three keys each, with so many words of the longest."""
    dice = RandomDice(seed)
    plan = make_plan(dice, "Asia/Shanghai", Size(levels=3, overrides=0, boosts=0), differential=False)
    counts = {"category": 12, "sku": 30, "rank": 3, "tier": 3, "channel": 3, "region": 8, "store": 10}
    keys = {key: [f"{key[0]}{n}" for n in range(max(2, count * words // 30))] for key, count in counts.items()}

    def when() -> dict[str, Any]:
        chosen = [*dict.fromkeys(list(keys)[dice.between(0, len(keys) - 1)] for _ in range(dice.between(1, keys_each)))]
        some = {key: [keys[key][dice.between(0, len(keys[key]) - 1)] for _ in range(2)] for key in chosen}
        if dice.between(0, 2) == 0:
            day = date(2026, 1, 1) + timedelta(days=dice.between(0, 300))
            some["paid"] = {"from": day, "to": day + timedelta(days=20)}
        if dice.between(0, 4) == 0:
            some["promoter_days"] = {"below": dice.between(1, 90)}
        return some

    plan["levels"] = {1: {"rate": "10%"}, 2: {"rate": "3%"}, 3: {"rate": "1%"}}
    plan["overrides"] = [
        {"id": f"o{n}", "level": dice.between(1, 3), "when": when(), "rate": f"{dice.between(1, 20)}%"}
        for n in range(overrides)
    ]
    plan["boosts"] = [{"id": f"b{n}", "when": when(), "add": f"{dice.between(1, 5)}%"} for n in range(boosts)]
    return plan


@pytest.mark.parametrize("overrides, boosts", [(50, 20), (50, 40), (30, 60)])
def test_many_entangled_rules_are_searched_to_the_end(overrides: int, boosts: int) -> None:
    for seed in range(3):
        assert worst_case(read_plan(big_plan(seed, overrides=overrides, boosts=boosts))).exact


def by_cells(plan: Plan) -> int:
    """What all levels pay at most, by every combination of what tells rules apart: faster than `by_trying`, from `held` alone."""
    rules = [*plan.overrides, *plan.boosts]

    def distinct(keys: tuple[str, ...]) -> list[int]:
        """The sets of rules, as bits, that some choice of these keys leaves."""
        sets = {(1 << len(rules)) - 1}
        for key in keys:
            ways = {
                sum(
                    1 << at
                    for at, rule in enumerate(rules)
                    if getattr(rule.when, key) is None or held(When(**{key: getattr(rule.when, key)}), {key: value})
                )
                for value in everything(plan, key)
            }
            sets = {one & way for one in sets for way in ways}
        return sorted(sets)

    def pays(level: int, alive: int) -> int:
        found, added = None, 0
        for at, rule in enumerate(rules):
            if alive >> at & 1:
                if at >= len(plan.overrides):
                    added += rule.add  # type: ignore[union-attr]
                elif rule.level == level and (found is None or len(rule.when.given) >= len(found.when.given)):  # type: ignore[union-attr]
                    found = rule
        rate = plan.levels[level].rate if found is None else found.rate  # type: ignore[union-attr]
        return min(1_000_000, rate + added)

    mine = distinct(("rank", "promoter_days"))
    return max(
        sum(max(pays(level, shared & own) for own in mine) for level in plan.level_numbers)
        for shared in distinct(SHARED)
    )


@pytest.mark.parametrize("seed", range(25))
def test_entangled_rules_against_every_combination(seed: int) -> None:
    plan = read_plan(big_plan(seed, overrides=8 + seed % 5, boosts=4 + seed % 4, words=6))
    found = worst_case(plan)
    assert found.exact
    assert found.before_cap == by_cells(plan)


@pytest.mark.parametrize("seed", range(12))
def test_a_search_that_is_given_up_answers_with_a_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = read_plan(big_plan(seed, overrides=8, boosts=5, words=6))
    exact = worst_case(plan)
    for looks in (-1, 0, 20, 100):
        monkeypatch.setattr(worst, "MOST_LOOKS", looks)
        bound = worst_case(plan)
        assert bound.before_cap >= exact.before_cap and bound.payee_ppm >= exact.payee_ppm
    assert not worst_case(read_plan(big_plan(1, overrides=50, boosts=20))).exact
