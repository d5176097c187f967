"""The reference itself, held against cases worked out with pencil and paper."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest

from tests.reference import commission
from tests.reference.generators import seeded, seeded_life
from tests.reference.life import Account, Life

NOON = "2026-05-04T12:00:00+08:00"
SHANGHAI = "Asia/Shanghai"


def plan(**changes: Any) -> dict[str, Any]:
    terms = {
        "name": "hand",
        "currency": "CNY",
        "jurisdiction": "XX",
        "levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}},
        "release": {"after": "completed", "days": 15},
    }
    return terms | changes


def promoter(name: str, inviter: str = "", rank: str = "", **more: str) -> dict[str, str]:
    row = {
        "promoter_id": name,
        "inviter_id": inviter,
        "rank": rank,
        "joined_at": "",
        "active_from": "",
        "active_to": "",
    }
    return row | more


def line(order: str = "r1", number: int = 1, paid: str = "100.00", **more: str) -> dict[str, str]:
    row = {
        "order_id": order,
        "line_no": str(number),
        "buyer_id": "m1",
        "promoter_id": "a",
        "sku": "A100",
        "category": "beauty/skin",
        "qty": "1",
        "paid": paid,
        "cost": "0.00",
        "paid_at": NOON,
    }
    return row | more


def refund(name: str, amount: str, order: str = "r1", number: int = 1) -> dict[str, str]:
    return {"refund_id": name, "order_id": order, "line_no": str(number), "amount": amount, "refunded_at": NOON}


CHAIN = [promoter("a", "b"), promoter("b", "c"), promoter("c", "d"), promoter("d")]
GONE = "2026-01-01T00:00:00Z"
"""Before every order of this page."""


def rated(terms: dict, promoters: list, orders: list, refunds: list | None = None, zone: str = SHANGHAI) -> list[dict]:
    return commission.rate(terms, promoters, orders, refunds or [], zone)


def short(rows: list[dict], *columns: str) -> list[str]:
    return [" ".join(row[column] for column in columns) for row in rows]


def earned(rows: list[dict]) -> list[str]:
    return short(rows, "order_id", "line_no", "level", "beneficiary_id", "amount")


# ---- amounts


def test_two_levels() -> None:
    # 199.99 * 10% = 19.999; * 3% = 5.9997
    assert rated(plan(), CHAIN, [line(paid="199.99")]) == [
        {
            "order_id": "r1",
            "line_no": "1",
            "kind": "level",
            "level": "1",
            "beneficiary_id": "a",
            "rule": "level-1",
            "base": "199.99",
            "ppm": "100000",
            "before_caps": "20.00",
            "amount": "20.00",
            "reversed": "0.00",
            "cut_order": "0.00",
            "cut_day": "0.00",
            "cut_month": "0.00",
        },
        {
            "order_id": "r1",
            "line_no": "1",
            "kind": "level",
            "level": "2",
            "beneficiary_id": "b",
            "rule": "level-2",
            "base": "199.99",
            "ppm": "30000",
            "before_caps": "6.00",
            "amount": "6.00",
            "reversed": "0.00",
            "cut_order": "0.00",
            "cut_day": "0.00",
            "cut_month": "0.00",
        },
    ]


@pytest.mark.parametrize(
    ("paid", "rate", "amount"),
    [
        ("0.05", "10%", "0.01"),  # half a fen goes up
        ("0.15", "10%", "0.02"),
        ("0.25", "10%", "0.03"),  # not to the even one
        ("0.04", "10%", None),
        ("0.03", "33.3333%", "0.01"),
        ("0.01", "33.3333%", None),
        ("4999.99", "0.0001%", None),  # 0.499999 fen
        ("5000.00", "0.0001%", "0.01"),
        ("0.00", "100%", None),
        ("0.01", "100%", "0.01"),
    ],
)
def test_rounding(paid: str, rate: str, amount: str | None) -> None:
    rows = rated(plan(levels={1: {"rate": rate}}), CHAIN, [line(paid=paid)])
    assert short(rows, "amount") == ([] if amount is None else [amount])


def test_other_currencies() -> None:
    assert short(rated(plan(currency="JPY"), CHAIN, [line(paid="1005", cost="0")]), "base", "amount") == [
        "1005 101",
        "1005 30",
    ]
    assert short(rated(plan(currency="KWD"), CHAIN, [line(paid="1.005", cost="0")]), "base", "amount") == [
        "1.005 0.101",
        "1.005 0.030",
    ]


def test_never_more_than_the_base() -> None:
    fixed = plan(overrides=[{"id": "flat", "level": 1, "when": {"sku": "A100"}, "fixed": "5.00"}])
    rows = rated(fixed, CHAIN, [line(paid="8.00", qty="2"), line(number=2, paid="12.00", qty="2")])
    assert short(rows, "line_no", "level", "rule", "ppm", "before_caps") == [
        "1 1 flat  8.00",
        "1 2 level-2 30000 0.24",
        "2 1 flat  10.00",
        "2 2 level-2 30000 0.36",
    ]
    boosted = plan(levels={1: {"rate": "100%"}}, boosts=[{"id": "b", "when": {"sku": "A100"}, "add": "50%"}])
    assert short(rated(boosted, CHAIN, [line(paid="8.00")]), "ppm", "amount") == ["1500000 8.00"]


def test_margin() -> None:
    rows = rated(
        plan(basis="margin"),
        CHAIN,
        [line(number=1, paid="50.00", cost="10.00", qty="3"), line(number=2, paid="50.00", cost="20.00", qty="3")],
    )
    assert short(rows, "line_no", "base", "amount") == ["1 20.00 2.00", "1 20.00 0.60"]


# ---- rules


def test_the_override_with_most_conditions_wins_and_the_later_of_equals() -> None:
    overrides = [
        {"id": "one", "level": 1, "when": {"sku": "A100"}, "rate": "1%"},
        {"id": "two", "level": 1, "when": {"sku": "A100", "category": "beauty"}, "rate": "2%"},
        {"id": "two-later", "level": 1, "when": {"order": "first", "paid": {"from": date(2026, 5, 4)}}, "rate": "4%"},
        {"id": "three-fails", "level": 1, "when": {"sku": "B", "order": "first", "min_order": "1.00"}, "rate": "5%"},
        {"id": "one-last", "level": 1, "when": {"order": "first"}, "rate": "6%"},
        {"id": "other-level", "level": 2, "when": {"order": "first"}, "rate": "7%"},
    ]
    assert short(rated(plan(overrides=overrides), CHAIN, [line()]), "rule", "amount") == [
        "two-later 4.00",
        "other-level 7.00",
    ]


def test_boosts_add_up_and_are_named() -> None:
    boosts = [
        {"id": "x", "when": {"category": ["beauty"]}, "add": "2%"},
        {"id": "no", "when": {"category": ["beaut", "skin"]}, "add": "50%"},
        {"id": "y", "when": {"rank": ["gold"]}, "add": "0.5%"},
    ]
    forest = [promoter("a", "b", "gold"), promoter("b")]
    assert short(rated(plan(boosts=boosts), forest, [line()]), "rule", "ppm", "amount") == [
        "level-1+x+y 125000 12.50",
        "level-2+x 50000 5.00",
    ]


@pytest.mark.parametrize(
    ("paid_at", "inside"),
    [
        ("2026-04-30T15:59:59.999999Z", False),
        ("2026-04-30T16:00:00Z", True),
        ("2026-05-07T15:59:59.999999+00:00", True),
        ("2026-05-07T16:00:00+00:00", False),
        ("2026-05-08T00:00:00+09:00", True),
    ],
)
def test_dates_are_the_tenants(paid_at: str, inside: bool) -> None:
    boosts = [{"id": "may", "when": {"paid": {"from": date(2026, 5, 1), "to": "2026-05-08"}}, "add": "1%"}]
    rows = rated(plan(boosts=boosts), CHAIN, [line(paid_at=paid_at)])
    assert rows[0]["rule"] == ("level-1+may" if inside else "level-1")


@pytest.mark.parametrize(
    ("joined_at", "days", "below", "from_"),
    [
        ("2026-04-04T12:00:00+08:00", 30, False, True),
        ("2026-04-04T12:00:00.000001+08:00", 29, True, False),
        ("2026-05-04T12:00:00+08:00", 0, True, False),
        ("", None, False, False),
    ],
)
def test_promoter_days(joined_at: str, days: int | None, below: bool, from_: bool) -> None:
    boosts = [
        {"id": "new", "when": {"promoter_days": {"below": 30}}, "add": "2%"},
        {"id": "old", "when": {"promoter_days": {"from": 30}}, "add": "1%"},
    ]
    [row] = rated(plan(boosts=boosts), [promoter("a", joined_at=joined_at)], [line()])
    assert row["rule"] == "level-1" + "+new" * below + "+old" * from_


def test_first_order_by_time_and_then_by_id() -> None:
    overrides = [{"id": "first", "level": 1, "when": {"order": "first"}, "rate": "20%"}]
    orders = [
        line("r2", buyer_id="m1"),
        line("r10", buyer_id="m1"),
        line("r3", buyer_id="m2"),
        line("r1", buyer_id="m2", paid_at="2026-05-04T12:00:00.000001+08:00"),
    ]
    rows = rated(plan(levels={1: {"rate": "10%"}}, overrides=overrides), CHAIN, orders, [refund("f", "100.00", "r10")])
    assert short(rows, "order_id", "rule") == ["r10 first", "r2 level-1", "r3 first", "r1 level-1"]


def test_conditions_on_the_order() -> None:
    overrides = [
        {"id": "big", "level": 1, "when": {"min_order": "100.00"}, "rate": "20%"},
        {
            "id": "here",
            "level": 1,
            "when": {"tier": "plus", "channel": "h5", "store": ["s1"], "region": "east"},
            "rate": "1%",
        },
    ]
    place = {"tier": "plus", "channel": "h5", "store": "s1", "region": "east"}
    orders = [
        line("r1", 1, "60.00"),
        line("r1", 2, "40.00"),
        line("r2", 1, "99.99"),
        line("r3", 1, "100.00", **place),
        line("r4", 1, "1.00", **(place | {"store": "s2"})),
    ]
    rows = rated(plan(levels={1: {"rate": "10%"}}, overrides=overrides), CHAIN, orders)
    assert short(rows, "order_id", "line_no", "rule") == [
        "r1 1 big",
        "r1 2 big",
        "r2 1 level-1",
        "r3 1 here",
        "r4 1 level-1",
    ]


# ---- the chain


def test_a_hole_in_the_chain() -> None:
    forest = [promoter("a", "b"), promoter("b", "c", active_to=GONE), promoter("c", "d"), promoter("d")]
    levels = {1: {"rate": "10%"}, 2: {"rate": "5%"}, 3: {"rate": "1%"}}
    assert earned(rated(plan(levels=levels), forest, [line()])) == ["r1 1 1 a 10.00", "r1 1 3 c 1.00"]
    assert earned(rated(plan(levels=levels, compress=True), forest, [line()])) == [
        "r1 1 1 a 10.00",
        "r1 1 2 c 5.00",
        "r1 1 3 d 1.00",
    ]


def test_the_active_window_is_open_at_its_end() -> None:
    assert rated(plan(), [promoter("a", active_to=NOON)], [line()]) == []
    assert len(rated(plan(), [promoter("a", active_to="2026-05-04T12:00:00.000001+08:00")], [line()])) == 1
    assert len(rated(plan(), [promoter("a", active_from=NOON)], [line()])) == 1
    assert rated(plan(), [promoter("a", active_from="2026-05-04T12:00:00.000001+08:00")], [line()]) == []


def test_nobody_to_credit() -> None:
    assert rated(plan(), CHAIN, [line(promoter_id="")]) == []


def test_own_purchase_earns_nothing() -> None:
    assert rated(plan(), CHAIN, [line(buyer_id="a")]) == []
    assert rated(plan(compress=True, differential={"ranks": {"gold": "5%"}}), CHAIN, [line(buyer_id="a")]) == []


def test_a_buyer_up_the_chain_is_not_eligible_there() -> None:
    assert earned(rated(plan(), CHAIN, [line(buyer_id="b")])) == ["r1 1 1 a 10.00"]
    assert earned(rated(plan(compress=True), CHAIN, [line(buyer_id="b")])) == ["r1 1 1 a 10.00", "r1 1 2 c 3.00"]


def test_rebate() -> None:
    terms = plan(self_purchase="rebate")
    own = ["r1 1 1 b 10.00", "r1 1 2 c 3.00"]
    assert earned(rated(terms, CHAIN, [line(buyer_id="b", promoter_id="b")])) == own
    assert earned(rated(terms, CHAIN, [line(buyer_id="b", promoter_id="a")])) == own
    assert earned(rated(terms, CHAIN, [line(buyer_id="b", promoter_id="d")])) == own
    assert earned(rated(terms, CHAIN, [line(buyer_id="b", promoter_id="")])) == own
    assert earned(rated(terms, CHAIN, [line()])) == ["r1 1 1 a 10.00", "r1 1 2 b 3.00"]
    # a buyer who promotes no more is a buyer like any other
    forest = [promoter("a", "b"), promoter("b", "c", active_to=GONE), promoter("c")]
    assert earned(rated(terms, forest, [line(buyer_id="b", promoter_id="a")])) == ["r1 1 1 a 10.00"]
    assert earned(rated(terms, forest, [line(buyer_id="b", promoter_id="b")])) == ["r1 1 2 c 3.00"]
    assert rated(terms, forest, [line(buyer_id="b", promoter_id="")]) == []


# ---- differential and peer

DIFFERENTIAL = {"ranks": {"silver": "4%", "gold": "7%", "diamond": "9%"}, "peer": {"rate": "1%", "generations": 1}}


def by_rank(*ranks: str, **changes: Any) -> list[str]:
    """A chain of these ranks from the direct promoter upwards; "-gold" is a gold one who is not active."""
    names = "abcdefgh"
    forest = []
    for index, rank in enumerate(ranks):
        inviter = names[index + 1] if index + 1 < len(ranks) else ""
        gone = {"active_to": GONE} if rank.startswith("-") else {}
        forest.append(promoter(names[index], inviter, rank.lstrip("-"), **gone))
    terms = plan(levels={1: {"rate": "10%"}}, differential=DIFFERENTIAL | changes)
    rows = rated(terms, forest, [line()])
    columns = ("kind", "level", "beneficiary_id", "rule", "base", "ppm", "amount")
    return [text for text in short(rows, *columns) if not text.startswith("level")]


def test_differential() -> None:
    assert by_rank("silver", "gold", "silver", "diamond") == [
        "differential 1 a rank:silver 100.00 40000 4.00",
        "differential 2 b rank:gold 100.00 30000 3.00",
        "differential 4 d rank:diamond 100.00 20000 2.00",
    ]
    assert by_rank("", "-diamond", "gold", "bronze", "diamond") == [
        "differential 3 c rank:gold 100.00 70000 7.00",
        "differential 5 e rank:diamond 100.00 20000 2.00",
    ]


def test_peer() -> None:
    assert by_rank("silver", "gold", "silver", "-gold", "gold", "gold", "diamond", "diamond") == [
        "differential 1 a rank:silver 100.00 40000 4.00",
        "differential 2 b rank:gold 100.00 30000 3.00",
        "differential 7 g rank:diamond 100.00 20000 2.00",
        # a's silver peer c stands behind the gold b
        "peer 5 e rank:gold 3.00 10000 0.03",
        "peer 8 h rank:diamond 2.00 10000 0.02",
    ]
    assert by_rank("gold", "gold", "", "gold", "gold", "diamond", peer={"rate": "10%", "generations": 2})[2:] == [
        "peer 2 b rank:gold 7.00 100000 0.70",
        "peer 4 d rank:gold 7.00 100000 0.70",
    ]


# ---- caps


def test_order_cap_shares_out_by_largest_remainder() -> None:
    levels = {1: {"rate": "7%"}, 2: {"rate": "5%"}, 3: {"rate": "3%"}}
    rows = rated(plan(levels=levels, caps={"order": "10%"}), CHAIN, [line(paid="1.00")])
    # 7 5 3 of 15 down to 10: 4 2/3, 3 1/3, 2
    assert short(rows, "before_caps", "cut_order", "amount") == ["0.07 0.02 0.05", "0.05 0.02 0.03", "0.03 0.01 0.02"]


def test_order_cap_ties_go_to_the_first_line_and_level() -> None:
    levels = {1: {"rate": "5%"}, 2: {"rate": "5%"}}
    orders = [line(number=10, paid="1.00"), line(number=9, paid="1.00"), line(number=11, paid="0.09")]
    rows = rated(plan(levels=levels, caps={"order": "5.5%"}), CHAIN, orders)
    # bases 1.00 1.00 0.09: limit floor(11.495); rows 5 5 5 5 (0.45 rounds to 0): 2 3/4 each, floors 8, three missing
    assert short(rows, "line_no", "level", "amount") == ["9 1 0.03", "9 2 0.03", "10 1 0.03", "10 2 0.02"]


def test_order_cap_reaches_nothing_when_not_exceeded() -> None:
    rows = rated(plan(caps={"order": "13%"}), CHAIN, [line()])
    assert short(rows, "cut_order", "amount") == ["0.00 10.00", "0.00 3.00"]


def test_promoter_caps() -> None:
    caps = {"promoter_day": "10.00", "promoter_month": "15.00"}
    orders = [
        line("r4", paid="80.00", paid_at="2026-06-01T00:00:00+08:00"),
        line("r3", paid="80.00", paid_at="2026-05-06T12:00:00+08:00"),
        line("r2", paid="80.00", paid_at="2026-05-05T15:59:59Z"),  # still the 5th there
        line("r2", 2, paid="1.00", paid_at="2026-05-05T15:59:59Z"),
        line("r1", paid="80.00", paid_at="2026-05-05T00:00:00+08:00"),
        line("r5", paid="80.00", paid_at="2026-05-31T23:59:59+08:00"),
    ]
    rows = rated(plan(levels={1: {"rate": "10%"}}, caps=caps), CHAIN, orders)
    assert short(rows, "order_id", "line_no", "before_caps", "cut_day", "cut_month", "amount") == [
        "r1 1 8.00 0.00 0.00 8.00",
        "r2 1 8.00 6.00 0.00 2.00",
        "r2 2 0.10 0.10 0.00 0.00",
        "r3 1 8.00 0.00 3.00 5.00",
        "r5 1 8.00 0.00 8.00 0.00",
        "r4 1 8.00 0.00 0.00 8.00",
    ]


def test_what_the_month_cut_does_not_use_up_the_day() -> None:
    caps = {"promoter_day": "10.00", "promoter_month": "12.00", "order": "50%"}
    orders = [
        line("r1", paid="40.00", paid_at="2026-05-05T00:00:00+08:00"),
        line("r2", paid="100.00", paid_at="2026-05-06T00:00:00+08:00"),
        line("r3", paid="100.00", paid_at="2026-05-06T01:00:00+08:00"),
    ]
    rows = rated(plan(levels={1: {"rate": "10%"}}, caps=caps), CHAIN, orders)
    # r2 is granted 8.00 of 10.00, so the day has 2.00 left and the month nothing
    assert short(rows, "cut_day", "cut_month", "amount") == ["0.00 0.00 4.00", "0.00 2.00 8.00", "8.00 2.00 0.00"]


def test_a_day_of_25_hours() -> None:
    caps = {"promoter_day": "10.00"}
    orders = [
        line("r1", paid_at="2026-10-28T21:00:00Z"),  # 00:00+03 on the 29th
        line("r2", paid_at="2026-10-29T21:59:59Z"),  # 23:59:59+02, still the 29th
        line("r3", paid_at="2026-10-29T22:00:00Z"),
    ]
    rows = rated(plan(levels={1: {"rate": "10%"}}, caps=caps), CHAIN, orders, zone="Africa/Cairo")
    assert short(rows, "order_id", "amount") == ["r1 10.00", "r2 0.00", "r3 10.00"]


# ---- refunds


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        (["1.00"], "0.33"),
        (["1.00", "1.00"], "0.67"),
        (["1.00", "1.00", "1.00"], "1.00"),
        (["2.99"], "1.00"),
        (["2.98"], "0.99"),
        (["5.00"], "1.00"),
        (["2.00", "2.00"], "1.00"),
    ],
)
def test_refunds_round_over_their_sum(refunds: list[str], expected: str) -> None:
    rows = rated(
        plan(levels={1: {"rate": "33.3333%"}}),
        CHAIN,
        [line(paid="3.00"), line(number=2, paid="3.00")],
        [refund(f"f{number}", amount) for number, amount in enumerate(refunds)],
    )
    assert short(rows, "amount", "reversed") == [f"1.00 {expected}", "1.00 0.00"]


def test_the_same_refund_twice() -> None:
    again = [refund("f1", "1.00"), refund("f1", "1.00"), refund("f1", "2.00", number=2)]
    rows = rated(plan(levels={1: {"rate": "10%"}}), CHAIN, [line(paid="10.00"), line(number=2, paid="10.00")], again)
    assert short(rows, "reversed") == ["0.10", "0.20"]


def test_a_capped_row_is_reversed_in_proportion_to_what_it_is() -> None:
    rows = rated(plan(caps={"promoter_day": "1.00"}), CHAIN, [line()], [refund("f", "50.00")])
    assert short(rows, "amount", "reversed") == ["1.00 0.50", "1.00 0.50"]


def test_any_split_of_a_refund_ends_at_the_same_figure() -> None:
    for paid in (1, 7, 299):
        for amount in range(paid + 1):
            for refunded in range(paid + 3):
                expected = (2 * amount * min(refunded, paid) + paid) // (2 * paid)
                assert commission.reversal(amount, paid, refunded) == expected
            assert commission.reversal(amount, paid, paid) == amount


# ---- what the reference must always say


def test_nothing_is_lost_on_the_way_through_the_caps() -> None:
    for seed in range(200):
        world = seeded(seed)
        rows = commission.rate(world.plan, world.promoters, world.orders, world.refunds, world.zone)
        for row in rows:
            figures = {key: Fraction(row[key]) for key in ("before_caps", "amount", "reversed", "base")}
            cut = sum(Fraction(row[key]) for key in ("cut_order", "cut_day", "cut_month"))
            assert figures["amount"] == figures["before_caps"] - cut
            assert 0 <= figures["reversed"] <= figures["amount"] <= figures["before_caps"] <= figures["base"]
            assert figures["before_caps"] > 0
            assert figures["amount"] > 0 or cut > 0


# ---- life

PAID = datetime(2026, 5, 1, 8, tzinfo=UTC)
DONE = datetime(2026, 5, 3, 9, tzinfo=UTC)
DUE = datetime(2026, 5, 18, 9, tzinfo=UTC)
LATER = datetime(2026, 7, 1, tzinfo=UTC)


def new_life(**release: Any) -> Life:
    return Life(plan(release={"after": "completed", "days": 15} | release))


def test_release_waits_for_completion_and_the_last_second() -> None:
    life = new_life()
    life.order_paid("r1", PAID, {1: 1000}, [(1, "a", 100), (1, "b", 30)])
    assert life.accounts == {"a": Account(pending=100), "b": Account(pending=30)}
    life.release(LATER)
    assert life.accounts["a"] == Account(pending=100)
    life.order_completed("r1", DONE)
    life.order_completed("r1", PAID)
    life.release(DUE - timedelta(microseconds=1))
    assert life.accounts["a"] == Account(pending=100)
    life.release(DUE)
    life.release(DUE)
    assert life.accounts == {"a": Account(available=100), "b": Account(available=30)}


def test_counting_from_payment_still_waits_for_completion() -> None:
    terms = plan(release={"after": "paid", "days": 1})
    assert commission.release_due(terms, PAID, None, 5) is None
    assert commission.release_due(terms, PAID, PAID, 5) == PAID + timedelta(days=1)
    assert commission.release_due(terms, PAID, DONE, 5) == DONE


def test_small_amounts_at_once_where_permitted() -> None:
    terms = plan(release={"after": "completed", "days": 15, "instant_below": "1.00"})
    assert commission.release_due(terms, PAID, DONE, 99, True) == DONE
    assert commission.release_due(terms, PAID, DONE, 100, True) == DUE
    assert commission.release_due(terms, PAID, DONE, 99, False) == DUE


def test_refund_while_pending() -> None:
    life = new_life()
    life.order_paid("r1", PAID, {1: 300}, [(1, "a", 100)])
    life.refund("f1", "r1", {1: 100})
    life.refund("f1", "r1", {1: 100})
    assert life.accounts["a"] == Account(pending=67)
    life.order_completed("r1", DONE)
    life.release(DUE)
    assert life.accounts["a"] == Account(available=67)
    life.refund("f2", "r1", {1: 100})
    assert life.accounts["a"] == Account(available=33)
    life.refund("f3", "r1", {1: 100})
    assert life.accounts["a"] == Account()


def test_refund_after_withdrawal_becomes_a_debt_that_the_next_release_fills() -> None:
    life = new_life()
    life.order_paid("r1", PAID, {1: 1000}, [(1, "a", 100)])
    life.order_paid("r2", PAID, {1: 1000}, [(1, "a", 70)])
    life.order_completed("r1", DONE)
    life.release(DUE)
    assert not life.withdraw("w0", "a", 101)
    assert life.withdraw("w1", "a", 60)
    life.refund("f1", "r1", {1: 1000})
    # 100 to take back: 40 there, 60 owed; the open commission of r2 is left alone
    assert life.accounts["a"] == Account(pending=70, reserved=60, debt=-60)
    life.withdrawal_paid("w1")
    life.withdrawal_failed("w1")
    assert life.accounts["a"] == Account(pending=70, debt=-60, paid_out=60)
    life.order_completed("r2", DONE)
    life.release(DUE)
    assert life.accounts["a"] == Account(available=10, paid_out=60)


def test_refund_before_its_order() -> None:
    life = new_life()
    life.refund("f1", "r1", {1: 500, 2: 1})
    life.refund("f1", "r1", {1: 500})
    life.order_completed("r1", DONE)
    assert life.accounts == {}
    life.order_paid("r1", PAID, {1: 1000}, [(1, "a", 100)])
    life.order_paid("r1", PAID, {1: 1000}, [(1, "a", 100)])
    assert life.accounts["a"] == Account(pending=50)


def test_every_order_of_six_events_ends_alike() -> None:
    events = [
        ("order_paid", ("r1", PAID, {1: 300, 2: 700}, [(1, "a", 100), (2, "a", 33), (1, "b", 7)])),
        ("order_completed", ("r1", DONE)),
        ("refund", ("f1", "r1", {1: 100, 2: 350})),
        ("refund", ("f2", "r1", {1: 101})),
        ("refund", ("f1", "r1", {1: 100, 2: 350})),
        ("release", (DUE,)),
    ]
    ends = set()
    for sequence in permutations(events):
        life = new_life()
        for kind, given in sequence:
            getattr(life, kind)(*given)
        life.release(LATER)
        ends.add(tuple(sorted((name, each.available, each.earned()) for name, each in life.accounts.items())))
    # a: 100 - 67 and 33 - 17 (16.5 goes up); b: 7 - 5 (4.69)
    assert ends == {(("a", 49, 49), ("b", 2, 2))}


def test_lives_keep_their_sums() -> None:
    in_debt = 0
    for seed in range(500):
        life = new_life(days=3)
        for event in seeded_life(seed):
            getattr(life, event.kind)(*event.given)
            everything = [each for order in life.orders.values() for each in order.commissions]
            for name, account in life.accounts.items():
                mine = [each for each in everything if each.beneficiary == name]
                assert account.earned() == sum(each.amount - each.reversed for each in mine)
                assert account.pending == sum(each.amount - each.reversed for each in mine if not each.released)
                assert min(account.pending, account.available, account.reserved, account.paid_out) >= 0
                assert account.debt <= 0
                assert account.available == 0 or account.debt == 0
                in_debt += account.debt < 0
    assert in_debt > 100
