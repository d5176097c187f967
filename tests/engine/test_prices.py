"""Prices against an independent slow re-computation; what must hold for every cart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from hypothesis import given, settings
from hypothesis import strategies as st

from rongshu.engine.prices.frames import (
    MOST_POINTS,
    STACKS,
    Cart,
    CartLine,
    HeldCoupon,
    Offset,
    Perks,
    Points,
    Priced,
    Scope,
)
from rongshu.engine.prices.model import BEFORE, Rules
from rongshu.engine.prices.price import price
from rongshu.engine.prices.rules import read_rules
from tests.reference.prices import total_price

SKUS = {"a1": "tea/green", "a2": "tea", "b1": "cup", "b2": "cup/glass", "c": ""}
OFF = st.sampled_from(["1%", "10%", "33.33%", "50%", "100%"])
CASH = st.integers(1, 30_000).map(lambda units: f"{units // 100}.{units % 100:02}")
OF = st.one_of(
    st.none(),
    st.lists(st.sampled_from(sorted(SKUS)), min_size=1, max_size=2, unique=True).map(lambda skus: {"skus": skus}),
    st.sampled_from(["tea", "cup", "tea/green"]).map(lambda category: {"categories": [category]}),
    st.just({"except_skus": ["a1"]}),
)
GOES = st.lists(st.sampled_from(BEFORE), unique=True, max_size=3)


def given_keys(document: dict) -> dict:
    return {key: value for key, value in document.items() if value is not None}


def how(*names: str):
    values = {"discount": OFF, "cheapest": OFF, "minus": CASH, "fixed": CASH, "price": CASH}
    return st.sampled_from(names).flatmap(lambda name: values[name].map(lambda value: {name: value}))


def units():
    return st.builds(lambda of, by: given_keys({"of": of}) | by, OF, how("discount", "minus", "fixed"))


def sales():
    return st.builds(lambda one, on_top: one | {"with_member_price": on_top}, units(), st.booleans())


def bundles():
    part = st.builds(lambda of, pieces: given_keys({"of": of, "pieces": pieces}), OF, st.integers(1, 3))
    return st.builds(
        lambda parts, by, times, goes: given_keys({"parts": parts, "times": times, "goes_with": goes[:2]}) | by,
        st.lists(part, min_size=1, max_size=2),
        how("price", "minus", "discount", "cheapest"),
        st.one_of(st.none(), st.integers(1, 3)),
        st.lists(st.sampled_from(["member_price", "sale"]), unique=True),
    )


def reductions():
    def steps(edges: list[int], off: list[int], by_pieces: bool) -> dict:
        key, write = ("pieces", int) if by_pieces else ("spend", str)
        return {"steps": [{key: write(e), "minus": str(min(e, o))} for e, o in zip(sorted(edges), off, strict=False)]}

    stepped = st.builds(
        steps, st.lists(st.integers(1, 400), min_size=1, max_size=3, unique=True),
        st.lists(st.integers(1, 90), min_size=3, max_size=3), st.booleans(),
    )  # fmt: skip
    percent = OFF.map(lambda off: {"steps": [{"spend": "50", "discount": off}]})
    each = st.builds(
        lambda spend, part, times: {"each": given_keys({"spend": str(spend), "minus": str(max(1, spend // part)), "times": times})},
        st.integers(1, 200), st.integers(1, 10), st.one_of(st.none(), st.integers(1, 3)),
    )  # fmt: skip
    return st.builds(
        lambda of, goes, by: given_keys({"of": of, "goes_with": goes}) | by, OF, GOES, st.one_of(stepped, percent, each)
    )


@st.composite
def rule_sets(draw) -> Rules:
    document: dict = {"currency": "CNY", "coupons_together": draw(st.integers(1, 3))}
    for group, rules in (
        ("member_prices", units()),
        ("sales", sales()),
        ("bundles", bundles()),
        ("reductions", reductions()),
        ("shipping", st.builds(lambda spend, off: given_keys({"spend": spend, "minus": off}), CASH, st.one_of(st.none(), CASH))),
    ):  # fmt: skip
        listed = draw(st.lists(rules, max_size=3))
        document[group] = [{"id": f"{group}-{at}", "name": f"{group} {at}"} | rule for at, rule in enumerate(listed)]
    return read_rules(document)


@st.composite
def carts(draw) -> Cart:
    lines = draw(
        st.lists(
            st.tuples(st.sampled_from(sorted(SKUS)), st.integers(1, 7), st.integers(0, 20_000)), min_size=1, max_size=6
        )
    )
    return Cart(
        lines=tuple(CartLine(at, sku, SKUS[sku], qty, units) for at, (sku, qty, units) in enumerate(lines, start=1)),
        shipping=draw(st.integers(0, 2_000)),
        at=1_790_000_000_000_000,
        tier=draw(st.sampled_from(["", "gold"])),
    )


SCOPES = st.sampled_from(
    [Scope(), Scope(skus=frozenset({"a1", "c"})), Scope(categories=("tea",)), Scope(categories=("cup",))]
)
COUPONS = st.lists(
    st.builds(
        HeldCoupon,
        id=st.integers(1, 100),
        name=st.just("coupon"),
        kind=st.sampled_from(["fixed", "percent", "gift", "shipping"]),
        amount=st.integers(0, 20_000),
        ppm=st.integers(1, 1_000_000),
        max_minus=st.sampled_from([0, 500]),
        min_spend=st.sampled_from([0, 0, 10_000]),
        scope=SCOPES,
        tiers=st.sampled_from([frozenset(), frozenset({"gold"})]),
        stacks=st.frozensets(st.sampled_from(STACKS)).map(lambda some: frozenset({*some, "member_price"})),
    ),
    min_size=1, max_size=5, unique_by=lambda one: one.id,
)  # fmt: skip
PERKS = st.builds(Perks, discount=st.sampled_from([0, 50_000, 123_456]), free_shipping=st.booleans())
OFFSETS = st.builds(
    Offset, units_per_100=st.sampled_from([0, 1, 30, 100]), min_points=st.sampled_from([0, 55]),
    max_ppm=st.sampled_from([0, 300_000, 1_000_000]), step=st.sampled_from([1, 7, 100]),
)  # fmt: skip
POINTS = st.builds(Points, wanted=st.sampled_from([0, 10, 450, MOST_POINTS]), available=st.integers(0, 1_000))


def adds_up(cart: Cart, priced: Priced) -> None:
    for line, got in zip(cart.lines, priced.lines, strict=True):
        assert got.line_no == line.line_no
        assert got.paid == line.price * line.qty - sum(step.minus for step in got.steps)
        assert got.paid >= 0 and 0 <= got.unit <= line.price
        assert all(step.minus > 0 for step in got.steps)
    assert priced.goods == sum(line.paid for line in priced.lines)
    assert priced.subtotal - priced.goods == sum(off for kind, off in priced.totals.items() if kind != "shipping")
    assert priced.shipping == cart.shipping - priced.totals["shipping"] >= 0
    assert priced.payable == priced.goods + priced.shipping
    by_coupons = priced.totals["coupon"] + sum(s.minus for s in priced.shipping_steps if s.kind == "coupon")
    assert by_coupons == sum(coupon.minus for coupon in priced.coupons)
    assert priced.totals["points"] == priced.points_worth


@settings(max_examples=80, deadline=None)
@given(carts(), rule_sets(), PERKS, OFFSETS, POINTS)
def test_every_line_is_as_computed_slowly(cart, rules, perks, offset, points) -> None:
    got = price(cart, rules, zone=UTC, perks=perks, offset=offset, points=points)
    adds_up(cart, got)
    slow = total_price(cart, rules, perks, [], offset, points)
    assert {line.line_no: line.paid for line in got.lines} == slow["paid"]
    assert (got.payable, got.shipping, got.points) == (slow["payable"], slow["shipping"], slow["points"])


@settings(max_examples=80, deadline=None)
@given(carts(), rule_sets(), PERKS, COUPONS)
def test_the_best_coupons_save_most(cart, rules, perks, coupons) -> None:
    got = price(cart, rules, zone=UTC, perks=perks, coupons=coupons, choose="best")
    adds_up(cart, got)
    slow = total_price(cart, rules, perks, coupons, Offset(), Points())
    assert got.payable == slow["payable"]
    assert (sum(one.minus for one in got.coupons), sum(one.kind == "gift" for one in got.coupons)) == slow["saved"]
    assert {one.id for one in got.coupons} | {one.id for one in got.refused} == {one.id for one in coupons}
    for coupon in coupons:
        alone = price(cart, rules, zone=UTC, perks=perks, coupons=coupons, choose=[coupon.id])
        assert got.payable <= alone.payable
        assert [one.id for one in (*alone.coupons, *alone.refused)] == [coupon.id]


@settings(max_examples=40, deadline=None)
@given(carts(), rule_sets(), PERKS, COUPONS, OFFSETS, POINTS, st.randoms(use_true_random=False))
def test_the_sequence_of_lines_and_their_numbers_change_no_total(
    cart, rules, perks, coupons, offset, points, rnd
) -> None:
    lines = list(cart.lines)
    rnd.shuffle(lines)
    other = replace(cart, lines=tuple(replace(line, line_no=at) for at, line in enumerate(lines, start=7)))
    asked = {"zone": UTC, "perks": perks, "coupons": coupons, "choose": "best", "offset": offset, "points": points}
    one, two = price(cart, rules, **asked), price(other, rules, **asked)
    adds_up(cart, one)
    adds_up(other, two)
    assert (one.payable, one.totals, one.points) == (two.payable, two.totals, two.points)


@settings(max_examples=40, deadline=None)
@given(carts(), rule_sets(), COUPONS, st.randoms(use_true_random=False))
def test_named_coupons_are_used_or_refused(cart, rules, coupons, rnd) -> None:
    ids = [one.id for one in coupons]
    rnd.shuffle(ids)
    got = price(cart, rules, zone=UTC, coupons=coupons, choose=ids)
    adds_up(cart, got)
    used = {one.id for one in got.coupons}
    assert len(used) <= rules.coupons_together
    assert used | {one.id for one in got.refused} == set(ids) and not used & {one.id for one in got.refused}
    if len(used) > 1:
        assert all("coupon" in one.stacks for one in coupons if one.id in used)


@settings(max_examples=40, deadline=None)
@given(rule_sets())
def test_rules_read_back_as_they_are_written(rules) -> None:
    assert read_rules(rules.canonical()) == rules
