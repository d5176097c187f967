"""Plan documents: what is refused, where and why; the canonical form; differences in words."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rongshu.engine.plan import Plan, PlanError, differences, read_plan
from rongshu.engine.plan.problems import TEMPLATES

SPRING = """
name: spring
currency: CNY
jurisdiction: CN
basis: margin
self_purchase: rebate
compress: true
levels:
  1: {rate: 10%}
  2: {rate: 3%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 15%}
  - {id: beauty-gold, level: 1, when: {category: [beauty], rank: [gold, diamond]}, rate: 18%}
  - {id: flat-sku, level: 2, when: {sku: A100, min_order: "99.90"}, fixed: "5.00"}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 0.5%}
  - {id: may, when: {paid: {from: 2026-05-01, to: "2026-05-08"}}, add: 1%}
caps: {order: 25%, promoter_day: 500, promoter_month: "10000.00"}
release: {after: completed, days: 15, instant_below: "1.00"}
"""


def small(**more: Any) -> dict[str, Any]:
    return {"name": "small", "currency": "CNY", "levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}}} | more


def found(source: Any) -> list[tuple[str, str]]:
    """Path and code of every problem; whatever is reported can be said in words."""
    with pytest.raises(PlanError) as refused:
        read_plan(source)
    for problem in refused.value.problems:
        assert "%(" not in str(problem)
    return [(problem.path, problem.code) for problem in refused.value.problems]


def test_a_plan_is_read() -> None:
    plan = read_plan(SPRING)
    assert plan.max_level == 2 and plan.level_numbers == (1, 2)
    assert plan.levels[1].rate == 100_000
    assert plan.overrides[2].fixed == 500 and plan.overrides[2].when.sku == ("A100",)
    assert plan.overrides[2].when.given == ("sku", "min_order")
    assert plan.boosts[0].add == 5_000
    assert plan.caps.promoter_day == 50_000
    assert plan.release.instant_below == 100


def test_what_is_left_out_has_a_meaning() -> None:
    plan = read_plan(small())
    assert (plan.jurisdiction, plan.basis, plan.self_purchase, plan.compress) == ("XX", "paid", "none", False)
    assert (plan.release.after, plan.release.days, plan.release.instant_below) == ("completed", 15, None)


def test_the_canonical_form_reads_back() -> None:
    plan = read_plan(SPRING)
    document = plan.canonical()
    assert read_plan(document) == read_plan(json.dumps(document)) == read_plan(SPRING.encode("utf-8-sig")) == plan
    assert json.dumps(read_plan(document).canonical()) == json.dumps(document)
    assert document["caps"] == {"order": "25%", "promoter_day": "500.00", "promoter_month": "10000.00"}


def test_a_plan_does_not_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_plan(small()).name = "other"


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"name": ""}, "name", "empty_text"),
        ({"name": 5}, "name", "not_text"),
        ({"currency": "yuan"}, "currency", "not_currency"),
        ({"jurisdiction": "China"}, "jurisdiction", "not_jurisdiction"),
        ({"basis": "gross"}, "basis", "not_choice"),
        ({"self_purchase": True}, "self_purchase", "not_choice"),
        ({"compress": "yes"}, "compress", "not_yes_no"),
        ({"levels": {}}, "levels", "no_levels"),
        ({"levels": [1]}, "levels", "not_mapping"),
        ({"levels": {0: {"rate": "1%"}}}, "levels.0", "level_number"),
        ({"levels": {"first": {"rate": "1%"}}}, "levels.first", "level_number"),
        ({"levels": {1: {"rate": "1%"}, "1": {"rate": "1%"}}}, "levels.1", "level_twice"),
        ({"levels": {1: {"rate": "1%"}, 101: {"rate": "1%"}}}, "levels.101", "level_number"),
        ({"levels": {1: {"rate": 0.1}}}, "levels.1.rate", "not_percent"),
        ({"levels": {1: {"rate": "100.0001%"}}}, "levels.1.rate", "percent_too_big"),
        ({"levels": {1: {"rate": "0.00001%"}}}, "levels.1.rate", "not_percent"),
        ({"levels": {1: {"rate": "-1%"}}}, "levels.1.rate", "not_percent"),
        ({"levels": {1: {"ratio": "1%", "rate": "1%"}}}, "levels.1.ratio", "unknown_key"),
        ({"levels": {1: {}}}, "levels.1.rate", "missing"),
        ({"effective": "now"}, "effective", "unknown_key"),
        ({"differential": {"ranks": {}}}, "differential.ranks", "empty_list"),
        ({"differential": {"ranks": {"a b": "3%"}}}, "differential.ranks.a b", "rank_sign"),
        ({"steps": [{"id": "m", "bands": []}]}, "steps[0].bands", "empty_list"),
        (
            {"steps": [{"id": "m", "bands": [{"from": "5.00", "rate": "1%"}, {"from": "5.00", "rate": "2%"}]}]},
            "steps[0].bands[1].from",
            "bands_overlap",
        ),
        ({"pools": [{"id": "p"}]}, "pools[0].share", "missing"),
        ({"caps": {"order": 25}}, "caps.order", "not_percent"),
        ({"caps": {"promoter_day": 5.0}}, "caps.promoter_day", "money_float"),
        ({"caps": {"promoter_day": "5.001"}}, "caps.promoter_day", "money_decimals"),
        ({"caps": {"promoter_day": "-5"}}, "caps.promoter_day", "too_small"),
        ({"caps": {"promoter_day": "99999999999.00"}}, "caps.promoter_day", "money_too_large"),
        ({"caps": {"promoter_day": True}}, "caps.promoter_day", "not_money"),
        ({"caps": {"promoter_day": None}}, "caps.promoter_day", "nothing_written"),
        ({"caps": {"promoter_week": "5"}}, "caps.promoter_week", "unknown_key"),
        ({"caps": "none"}, "caps", "not_mapping"),
        ({"release": {"after": "shipped"}}, "release.after", "not_choice"),
        ({"release": {"days": -1}}, "release.days", "too_small"),
        ({"release": {"days": 1.5}}, "release.days", "not_whole"),
        ({"overrides": {}}, "overrides", "not_list"),
        ({"boosts": ["a"]}, "boosts[0]", "not_mapping"),
        ({"boosts": [{"id": "a"}]}, "boosts[0].add", "missing"),
    ],
)
def test_a_wrong_value_is_refused_at_its_path(change: dict[str, Any], path: str, code: str) -> None:
    assert found(small(**change)) == [(path, code)]


@pytest.mark.parametrize(
    ("override", "path", "code"),
    [
        ({"rate": "1%", "fixed": "1"}, "", "rate_and_fixed"),
        ({}, "", "no_rate"),
        ({"level": 3, "rate": "1%"}, ".level", "level_unknown"),
        ({"level": "1", "rate": "1%"}, ".level", "not_whole"),
        ({"id": "a+b", "rate": "1%"}, ".id", "id_sign"),
        ({"id": "a b", "rate": "1%"}, ".id", "id_sign"),
        ({"id": "level-1", "rate": "1%"}, ".id", "id_reserved"),
        ({"id": "rank:gold", "rate": "1%"}, ".id", "id_reserved"),
        ({"id": 7, "rate": "1%"}, ".id", "not_text"),
        ({"id": "twin", "rate": "1%"}, ".id", "id_duplicate"),
        ({"rate": "1%", "when": {"rank": []}}, ".when.rank", "empty_list"),
        ({"rate": "1%", "when": {"rank": [1]}}, ".when.rank[0]", "not_text"),
        ({"rate": "1%", "when": {"rank": None}}, ".when.rank", "nothing_written"),
        ({"rate": "1%", "when": {"ranks": "gold"}}, ".when.ranks", "unknown_key"),
        ({"rate": "1%", "when": {"order": "third"}}, ".when.order[0]", "not_choice"),
        ({"rate": "1%", "when": {"category": "beauty/"}}, ".when.category[0]", "category_slash"),
        ({"rate": "1%", "when": {"paid": {"from": "1 May"}}}, ".when.paid.from", "not_date"),
        ({"rate": "1%", "when": {"paid": {"from": "2026-02-30"}}}, ".when.paid.from", "not_date"),
        ({"rate": "1%", "when": {"paid": {"from": "2026-05-02", "to": "2026-05-02"}}}, ".when.paid", "empty_range"),
        ({"rate": "1%", "when": {"paid": {}}}, ".when.paid", "open_range"),
        ({"rate": "1%", "when": {"promoter_days": {"from": 9, "below": 3}}}, ".when.promoter_days", "empty_range"),
        ({"rate": "1%", "when": {"promoter_days": 30}}, ".when.promoter_days", "not_mapping"),
        ({"rate": "1%", "when": {"min_order": 9.9}}, ".when.min_order", "money_float"),
        ({"rate": "1%", "when": "always"}, ".when", "not_mapping"),
    ],
)
def test_a_wrong_override_is_refused_at_its_path(override: dict[str, Any], path: str, code: str) -> None:
    first = {"id": "twin", "level": 1, "rate": "1%"}
    problems = found(small(overrides=[first, {"id": "mine", "level": 1} | override]))
    assert problems == [(f"overrides[1]{path}", code)]


def test_ids_of_boosts_and_overrides_differ() -> None:
    rules = {"overrides": [{"id": "a", "level": 1, "rate": "1%"}], "boosts": [{"id": "a", "add": "1%"}]}
    assert found(small(**rules)) == [("boosts[0].id", "id_duplicate")]


def test_all_problems_are_reported_at_once() -> None:
    source = "currency: CNY\nlevels: {1: {rate: ten}, x: {}}\ncaps: {order: 5}\nsteps: 7\nother: 1"
    assert found(source) == [
        ("name", "missing"), ("levels.x", "level_number"), ("levels.1.rate", "not_percent"),
        ("caps.order", "not_percent"), ("steps", "not_list"), ("other", "unknown_key"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("source", "path", "code"),
    [
        ("name: a\nname: b", "name", "duplicate_key"),
        ("levels:\n  1: {rate: 1%}\n  1: {rate: 2%}", "levels.1", "duplicate_key"),
        ("overrides:\n  - id: a\n    id: b", "overrides[0].id", "duplicate_key"),
        ('{"name": "a", "name": "b"}', "name", "duplicate_key_json"),
        ("name: [", "", "not_readable"),
        ("a: b: c", "", "not_readable"),
        ("when: 2026-99-99", "", "not_readable"),
        ("!!python/object:os.system {}", "", "not_readable"),
        ("", "", "not_mapping"),
        ("- 1", "", "not_mapping"),
        (b"\xff\xfe", "", "not_utf8"),
        ("[" * 100_000, "", "not_readable"),
        ("a" * 1_000_001, "", "too_long"),
    ],
)
def test_an_unreadable_document_is_refused(source: str | bytes, path: str, code: str) -> None:
    assert found(source) == [(path, code)]


def test_a_problem_says_what_would_be_right() -> None:
    with pytest.raises(PlanError) as refused:
        read_plan(small(caps={"promoter_day": 5.0}))
    problem = refused.value.problems[0]
    assert str(problem) == 'caps.promoter_day: 5.0 may lose digits as a number; write it in quotes, like "5.00"'
    assert problem.template == TEMPLATES["money_float"]


def spring(**change: Any) -> Plan:
    return read_plan(read_plan(SPRING).canonical() | change)


def test_differences_in_words() -> None:
    old = read_plan(SPRING)
    document = old.canonical()
    first, beauty, flat = document["overrides"]
    new = spring(
        basis="paid",
        levels={"1": {"rate": "10%"}, "2": {"rate": "4%"}, "3": {"rate": "1%"}},
        overrides=[flat | {"fixed": "6.00"}, first, {"id": "new", "level": 1, "when": {"rank": "gold"}, "rate": "9%"}],
        caps={"order": "20%"},
    )
    assert [str(change) for change in differences(old, new)] == [
        "basis: margin -> paid",
        "level 2 rate: 3% -> 4%",
        "level 3 added: 1%",
        "override beauty-gold removed: {level: 1, when: {category: [beauty], rank: [gold, diamond]}, rate: 18%}",
        "override flat-sku fixed: 5.00 -> 6.00",
        "override new added: {level: 1, when: {rank: [gold]}, rate: 9%}",
        "overrides in another order, which decides ties: first-order, flat-sku -> flat-sku, first-order",
        "caps.order: 25% -> 20%",
        "caps.promoter_day removed: 500.00",
        "caps.promoter_month removed: 10000.00",
    ]
    assert beauty["id"] == "beauty-gold"


def test_a_condition_that_changed_is_named() -> None:
    boosts = [{"id": "newcomer", "when": {"promoter_days": {"below": 60}}, "add": "0.5%"}]
    changes = differences(read_plan(SPRING), spring(boosts=boosts))
    assert [(change.path, str(change)) for change in changes] == [
        ("boosts.may", "boost may removed: {when: {paid: {from: 2026-05-01, to: 2026-05-08}}, add: 1%}"),
        ("boosts.newcomer.when.promoter_days", "boost newcomer when.promoter_days: {below: 30} -> {below: 60}"),
    ]


def test_equal_plans_do_not_differ() -> None:
    assert differences(read_plan(SPRING), read_plan(read_plan(SPRING).canonical())) == []
