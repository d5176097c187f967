"""Prices worked out on paper: which rule wins, what is said of the others, hours, refusals of documents."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from rongshu.engine.plan.problems import PlanError
from rongshu.engine.prices.frames import MOST_POINTS, Cart, CartLine, HeldCoupon, Offset, Perks, Points, Scope
from rongshu.engine.prices.model import Rules
from rongshu.engine.prices.price import price
from rongshu.engine.prices.rules import read_rules
from rongshu.engine.prices.words import REASONS

SHANGHAI = ZoneInfo("Asia/Shanghai")


def rules(**groups: object) -> Rules:
    return read_rules({"currency": "CNY", **groups})


def cart(*lines: tuple[str, int, int], at: str = "2026-11-11 12:00", tier: str = "gold", shipping: int = 0) -> Cart:
    """Lines as (sku, pieces, list price); the time in Shanghai."""
    when = datetime.strptime(at, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)
    return Cart(
        tuple(CartLine(number, sku, "tea", qty, units) for number, (sku, qty, units) in enumerate(lines, 1)),
        shipping, int(when.timestamp()) * 1_000_000, tier,
    )  # fmt: skip


def steps(priced, line: int = 0) -> list[tuple[str, str, int]]:
    return [(step.rule, step.kind, step.minus) for step in priced.lines[line].steps]


def misses(priced, line: int = 0) -> dict[str, str]:
    return {miss.rule: miss.code for miss in priced.lines[line].not_applied}


def test_the_whole_way() -> None:
    """2 teas at 100.00: gold 95.00 each; second at half price −47.50; 142.50 reaches 100 − 10; a coupon of 20% (not for sales); points."""
    got = price(
        cart(("tea", 2, 10_000), shipping=1_000),
        rules(
            sales=[{"id": "s", "name": "Sale", "discount": "2%"}],
            bundles=[{"id": "half", "name": "Second half", "parts": [{"pieces": 2}], "cheapest": "50%"}],
            reductions=[{"id": "full", "name": "Full", "steps": [{"spend": "100", "minus": "10"}, {"spend": "200", "minus": "30"}]}],
            shipping=[{"id": "free", "name": "Free", "spend": "132.51"}],
        ),
        zone=SHANGHAI,
        perks=Perks(discount=50_000),
        coupons=[HeldCoupon(7, "20%", "percent", ppm=200_000), HeldCoupon(8, "5", "fixed", amount=500, stacks=frozenset())],
        choose=[7, 8],
        offset=Offset(units_per_100=100, max_ppm=100_000, step=100),
        points=Points(wanted=MOST_POINTS, available=5_000),
    )  # fmt: skip
    assert steps(got) == [
        ("tier", "member_price", 1_000), ("half", "bundle", 4_750), ("full", "reduction", 1_000),
        ("7", "coupon", 2_650), ("points", "points", 1_000),
    ]  # fmt: skip
    assert misses(got) == {"s": "lower_price"}
    assert (got.payable, got.shipping, got.points, got.points_worth) == (9_600 + 1_000, 1_000, 1_000, 1_000)
    assert [(one.id, one.code) for one in got.refused] == [(8, "not_with")]
    assert [(one.code, dict(one.params)) for one in got.not_applied] == [("spend_short", {"missing": 1})]


def test_a_sale_on_top_of_the_member_price_when_it_says_so() -> None:
    sale = {"id": "s", "name": "Sale", "minus": "10", "of": {"skus": ["tea"]}}
    asked = {"zone": SHANGHAI, "perks": Perks(discount=50_000)}
    alone = price(cart(("tea", 1, 10_000)), rules(sales=[sale]), **asked)
    both = price(cart(("tea", 1, 10_000)), rules(sales=[sale | {"with_member_price": True}]), **asked)
    assert steps(alone) == [("s", "sale", 1_000)] and misses(alone) == {"tier": "lower_price"}
    assert steps(both) == [("tier", "member_price", 500), ("s", "sale", 1_000)]


@pytest.mark.parametrize(
    ("at", "when", "code"),
    [
        ("2026-11-11 12:00", {"hours": "10:00-12:00"}, "other_hours"),
        ("2026-11-11 11:59", {"hours": "10:00-12:00", "weekdays": 3}, None),
        ("2026-11-11 11:59", {"weekdays": [1, 2]}, "other_weekday"),
        ("2026-11-12 01:59", {"hours": "22:00-02:00", "weekdays": [3]}, None),
        ("2026-11-11 01:59", {"hours": "22:00-02:00", "weekdays": [3]}, "other_weekday"),
        ("2026-11-12 02:00", {"hours": "22:00-02:00"}, "other_hours"),
        ("2026-11-10 23:59", {"from": "2026-11-11"}, "too_early"),
        ("2026-11-11 00:00", {"from": "2026-11-11", "to": "2026-11-11 20:00"}, None),
        ("2026-11-11 20:00", {"to": "2026-11-11 20:00"}, "too_late"),
        ("2026-11-11 12:00", {"tiers": ["silver", "black"]}, "other_tier"),
        ("2026-11-11 12:00", {"first_order": True}, "not_first_order"),
        ("2026-11-11 12:00", {"channels": ["app"]}, "other_channel"),
        ("2026-11-11 12:00", {"stores": ["s1"]}, "other_store"),
        ("2026-11-11 12:00", {"segments": ["cooling"]}, "other_segment"),
    ],
)
def test_conditions(at: str, when: dict, code: str | None) -> None:
    got = price(cart(("tea", 1, 10_000), at=at), rules(sales=[{"id": "s", "name": "S", "fixed": "50", "when": when}]), zone=SHANGHAI)  # fmt: skip
    assert got.payable == (5_000 if code is None else 10_000)
    assert misses(got) == ({} if code is None else {"s": code})
    assert code is None or code in REASONS


def test_a_tier_with_early_access_meets_a_sale_sooner() -> None:
    sale = rules(sales=[{"id": "s", "name": "S", "fixed": "50", "when": {"from": "2026-11-11"}}])
    for at, hours, paid in (
        ("2026-11-10 22:00", 2, 5_000),
        ("2026-11-10 21:59", 2, 10_000),
        ("2026-11-10 23:59", 0, 10_000),
    ):
        got = price(cart(("tea", 1, 10_000), at=at), sale, zone=SHANGHAI, perks=Perks(early_hours=hours))
        assert got.payable == paid


def test_three_for_a_price_takes_the_dearest_and_leaves_the_rest() -> None:
    got = price(
        cart(("a", 2, 3_000), ("b", 3, 5_000), ("c", 1, 100)),
        rules(bundles=[{"id": "three", "name": "3 for 99", "parts": [{"pieces": 3}], "price": "99"}]),
        zone=SHANGHAI,
    )
    # b, b, b for 99.00 save 51.00; a, a, c would cost 61.00 and stay.
    assert got.totals["bundle"] == 5_100 and steps(got, 1) == [("three", "bundle", 5_100)]
    assert misses(got) == {"three": "not_lower"}


def test_points_are_never_given_for_nothing() -> None:
    got = price(
        cart(("a", 1, 10_000)), rules(), zone=UTC,
        offset=Offset(units_per_100=1), points=Points(wanted=199, available=1_000),
    )  # fmt: skip
    assert (got.points, got.points_worth, got.payable) == (100, 1, 9_999)


@pytest.mark.parametrize(
    ("coupon", "code"),
    [
        (HeldCoupon(1, "c", "fixed", amount=1, until_at=1), "coupon_expired"),
        (HeldCoupon(1, "c", "fixed", amount=1, from_at=2**61), "coupon_early"),
        (HeldCoupon(1, "c", "fixed", amount=1, min_spend=10_001), "spend_short"),
        (HeldCoupon(1, "c", "fixed", amount=1, scope=Scope(skus=frozenset({"x"}))), "no_product"),
        (HeldCoupon(1, "c", "fixed", amount=1, tiers=frozenset({"black"})), "other_tier"),
        (HeldCoupon(1, "c", "shipping"), "shipping_free"),
    ],
)
def test_refused_coupons_say_why(coupon: HeldCoupon, code: str) -> None:
    got = price(cart(("a", 1, 10_000)), rules(), zone=SHANGHAI, coupons=[coupon], choose=[1])
    assert got.payable == 10_000 and [one.code for one in got.refused] == [code] and code in REASONS


def test_a_document_is_refused_with_every_problem_and_its_place() -> None:
    with pytest.raises(PlanError) as refused:
        read_rules(
            {
                "currency": "CNY",
                "sales": [{"id": "a", "name": "A", "when": {"hours": "3"}, "fixed": "1.234"}],
                "bundles": [{"id": "a", "name": "B", "parts": []}],
                "reductions": [{"id": "r", "name": "R", "steps": [{"spend": "1", "pieces": 2, "minus": "1"}]}],
            }
        )
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {
        ("sales[0].when.hours", "not_hours"),
        ("sales[0].fixed", "money_decimals"),
        ("bundles[0].id", "id_duplicate"),
        ("bundles[0]", "one_of_spans"),
        ("bundles[0].parts", "empty_list"),
        ("reductions[0].steps[0]", "one_of_spans"),
    }
    with pytest.raises(PlanError) as refused:
        read_rules(
            {
                "currency": "CNY",
                "reductions": [
                    {
                        "id": "r",
                        "name": "R",
                        "steps": [{"spend": "100", "minus": "101"}, {"spend": "100", "minus": "1"}],
                    },
                    {"id": "q", "name": "Q", "each": {"spend": "0", "minus": "1"}},
                ],
                "sales": [
                    {"id": "s", "name": "S", "discount": "0%", "when": {"from": "2026-11-12", "to": "2026-11-12"}}
                ],
            }
        )
    assert {(problem.path, problem.code) for problem in refused.value.problems} == {
        ("reductions[0].steps[0].minus", "minus_above_spend"),
        ("reductions[0].steps[1]", "steps_ascend"),
        ("reductions[1].each.spend", "too_small"),
        ("sales[0].when", "empty_range"),
        ("sales[0].discount", "nothing_off"),
    }
