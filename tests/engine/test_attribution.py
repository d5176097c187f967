"""Attribution against an independent re-computation, and by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.attribution import (
    KINDS,
    METHODS,
    NOBODY,
    Active,
    Bonds,
    Fate,
    Method,
    Orders,
    Policy,
    Touches,
    credit,
    policy_of,
    problems_of,
)
from rongshu.engine.attribution.frames import FOREVER
from tests.reference import attribution as by_hand

START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE = ["a", "b", "c", "d", "e"]
"""All may buy; the first four are promoters."""
PROMOTERS = PEOPLE[:4]


def micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def row(name: str | None, among: list[str]) -> int:
    return among.index(name) if name in among else NOBODY


instants = st.integers(0, 60).map(lambda half: START + timedelta(hours=12 * half))
someone = st.sampled_from(PROMOTERS)
maybe = st.none() | someone
touches_ = st.lists(
    st.builds(by_hand.Touch, st.sampled_from(PEOPLE), someone, instants, st.sampled_from(KINDS)), max_size=12
)
orders_ = st.lists(st.builds(by_hand.Order, st.none() | st.sampled_from(PEOPLE), instants, maybe, maybe), max_size=12)
spans = st.tuples(instants, st.none() | instants)


@st.composite
def policies(draw: st.DrawFn) -> Policy:
    methods = tuple(draw(st.permutations(METHODS))[: draw(st.integers(1, 4))])
    policy = Policy(
        methods=methods,
        touch=draw(st.sampled_from(("last", "first"))),
        windows=draw(st.dictionaries(st.sampled_from(KINDS), st.sampled_from([1, 3, 3, 10]), min_size=1)),
        bond_by=tuple(draw(st.sets(st.sampled_from(sorted({*methods} - {"bond"})))) if {*methods} - {"bond"} else ()),
        bond_at_touch=draw(st.booleans()),
        bond_days=draw(st.sampled_from([0, 1, 5, 20])),
        bond_extends=draw(st.booleans()),
        code_moves_bond=draw(st.booleans()) and "code" in methods,
        self_credit=draw(st.booleans()),
    )  # fmt: skip
    if "bond" not in methods:
        policy = replace(policy, bond_by=(), bond_at_touch=False)
    return policy


def engine(
    house: by_hand.House, orders: list[by_hand.Order], policy: Policy
) -> tuple[list[tuple[str | None, str | None]], Bonds]:
    def column(values: list[int]) -> np.ndarray:
        return np.array(values, dtype=np.int64)

    known = Touches(
        column([row(one.subject, PEOPLE) for one in house.touches]),
        column([row(one.promoter, PROMOTERS) for one in house.touches]),
        column([micros(one.at) for one in house.touches]),
        column([KINDS.index(one.kind) for one in house.touches]),
    )
    asked = Orders(
        column([row(one.subject, PEOPLE) for one in orders]),
        column([micros(one.at) for one in orders]),
        column([row(one.code, PROMOTERS) for one in orders]),
        column([row(one.store, PROMOTERS) for one in orders]),
        column([row(one.subject, PROMOTERS) for one in orders]),
    )
    spans = [house.active[name] for name in PROMOTERS]
    active = Active(
        column([micros(since) for since, _ in spans]),
        column([FOREVER if until is None else micros(until) for _, until in spans]),
    )
    found = credit(asked, known, Bonds.none(len(PEOPLE)), active, policy)
    assert ((found.fate == Fate.WON).sum(axis=1) == (found.promoter >= 0)).all()
    answers = [
        (PROMOTERS[who], METHODS[how]) if who >= 0 else (None, None)
        for who, how in zip(found.promoter.tolist(), found.method.tolist(), strict=True)
    ]
    return answers, found.bonds


@given(policies(), touches_, orders_, st.tuples(spans, spans, spans, spans))
def test_agrees_with_the_reference(
    policy: Policy, touches: list[by_hand.Touch], orders: list[by_hand.Order], active: tuple
) -> None:
    spans = dict(zip(PROMOTERS, active, strict=True))
    house = by_hand.House(by_hand.Rules(**policy_fields(policy)), spans, touches)
    found, bonds = engine(house, orders, policy)
    assert found == house.replay(orders)
    if not policy.bond_at_touch:  # touches after the last order bond too, there
        for place, who in enumerate(PEOPLE):
            kept = house.bonds.get(who)
            assert row(kept.holder if kept else None, PROMOTERS) == bonds.holder[place]
            if kept:
                assert bonds.until[place] == (FOREVER if kept.until is None else micros(kept.until))


def policy_fields(policy: Policy) -> dict:
    return {**policy.as_document(), "methods": policy.methods, "bond_by": policy.bond_by}


@given(policies())
def test_a_policy_survives_being_kept(policy: Policy) -> None:
    assert policy_of(policy.as_document()) == policy
    assert not problems_of(policy)


def shop(*touches: by_hand.Touch, policy: Policy, orders: list[by_hand.Order]) -> list[tuple[str | None, str | None]]:
    house = by_hand.House(
        by_hand.Rules(**policy_fields(policy)), dict.fromkeys(PROMOTERS, (START, None)), list(touches)
    )
    return engine(house, orders, policy)[0]


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def test_a_bonded_customer_is_not_snatched_by_a_later_click() -> None:
    found = shop(
        by_hand.Touch("e", "a", day(1), "click"), by_hand.Touch("e", "b", day(5), "click"),
        policy=Policy(bond_days=30), orders=[by_hand.Order("e", day(2)), by_hand.Order("e", day(6))],
    )  # fmt: skip
    assert found == [("a", "touch"), ("a", "bond")]


def test_a_bond_runs_out_on_the_instant() -> None:
    policy = Policy(bond_days=10, bond_extends=False, windows={"click": 1})
    orders = [by_hand.Order("e", day(1), code="a"), by_hand.Order("e", day(10.5)), by_hand.Order("e", day(11))]
    assert shop(policy=policy, orders=orders) == [("a", "code"), ("a", "bond"), (None, None)]


def test_a_code_wins_the_order_and_moves_the_bond_only_where_the_policy_says_so() -> None:
    orders = [by_hand.Order("e", day(1), code="a"), by_hand.Order("e", day(2), code="b"), by_hand.Order("e", day(3))]
    assert shop(policy=Policy(), orders=orders)[2] == ("a", "bond")
    assert shop(policy=Policy(code_moves_bond=True), orders=orders)[2] == ("b", "bond")


def test_first_and_last_touch() -> None:
    touches = [by_hand.Touch("e", "a", day(1), "click"), by_hand.Touch("e", "b", day(2), "scan")]
    for which, who in (("first", "a"), ("last", "b")):
        found = shop(
            *touches, policy=Policy(methods=("touch",), bond_by=(), touch=which), orders=[by_hand.Order("e", day(3))]
        )
        assert found == [(who, "touch")]


def test_what_became_of_each_candidate_is_told() -> None:
    one = np.zeros(1, dtype=np.int64)
    at = np.array([micros(day(40))], dtype=np.int64)
    touches = Touches(one, one + 1, np.array([micros(day(1))]), one + KINDS.index("click"))
    bonds = Bonds(one + 2, one + micros(day(0)), one + micros(day(30)))
    active = Active(np.array([micros(START)] * 4), np.array([FOREVER] * 4))
    found = credit(Orders(one, at, one, one + 3, one + NOBODY), touches, bonds, active, Policy())
    fates = {method: Fate(int(found.fate[0, METHODS.index(method)])) for method in METHODS}
    assert fates == {"code": Fate.WON, "bond": Fate.TOO_OLD, "touch": Fate.TOO_OLD, "store": Fate.LATER}
    assert (found.method[0], found.touch[0]) == (Method.CODE, 0)


@pytest.mark.parametrize(
    ("policy", "problem"),
    [
        (Policy(methods=()), ("methods", "unknown_method")),
        (Policy(methods=("code", "code")), ("methods", "unknown_method")),
        (Policy(methods=("code",), bond_by=("touch",)), ("bond_by", "method_not_asked")),
        (Policy(windows={"click": 0}), ("windows", "out_of_range")),
        (Policy(windows={"rumour": 3}), ("windows", "unknown_kind")),
        (Policy(windows={}), ("windows", "no_kind")),
        (Policy(bond_days=-1), ("bond_days", "out_of_range")),
        (Policy(methods=("touch",), bond_by=(), bond_at_touch=True), ("bond_by", "bonds_not_asked")),
        (Policy(methods=("bond", "touch"), bond_by=("touch",), code_moves_bond=True), ("code_moves_bond", "method_not_asked")),
    ],
)  # fmt: skip
def test_a_policy_that_contradicts_itself(policy: Policy, problem: tuple[str, str]) -> None:
    assert problem in problems_of(policy)
