"""Every rule with a case that triggers it, and one that does not: the plan and the declarations nothing is minded in."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest

from rongshu.engine.jurisdictions import NoValue, known, permits_instant_release, profile
from rongshu.engine.jurisdictions.profiles import ALIASES, DEFAULT, PROFILES
from rongshu.engine.lint import Facts, check_plan, contradictions
from rongshu.engine.lint.facts import CHOICES
from rongshu.engine.lint.report import BLOCK, INFO, WARN
from rongshu.engine.lint.rules import RULES
from rongshu.engine.plan import read_plan
from rongshu.engine.ranks import Ladder, read_ladder

ON = date(2026, 11, 22)
PLAN: dict[str, Any] = {
    "name": "plain", "currency": "CNY", "jurisdiction": "CN", "levels": {1: {"rate": "10%"}}, "caps": {"order": "20%"},
    "release": {"after": "completed", "days": 15},
}  # fmt: skip
GOOD = Facts(
    join_fee=False, purchase_required=False, periodic_purchase_required=False, stock_required=False, recruiting_reward=False,
    auto_enrolment=False, may_leave=True, bond_days=365, minimum_age=18, excluded_groups_asked=True, rules_page=True,
    notice_days=7, agreement_signed=True, quiz=True, base_excludes_tax_and_shipping=True, base_excludes_coupons=True,
    gross_margin=600_000, other_rewards=20_000, retail_share=900_000, staged_rebate=False, stored_balance=False,
    real_name_before_payout=True, payee_name_checked=True, payer_role="merchant", tax_method="monthly", vat_withholding="advise",
    reporting_calendar=True,
)  # fmt: skip
RANKED: dict[str, Any] = {"overrides": [{"id": "gold", "level": 1, "when": {"rank": "gold"}, "rate": "12%"}]}


def ladder(**needs: Any) -> Ladder:
    ranks = [{"name": "gold", "needs": needs or {"own_sales": "1000.00"}}]
    return read_ladder({"currency": "CNY", "window": {"months": 3}, "ranks": ranks})


def found(
    plan: dict[str, Any] | None = None, facts: Facts = GOOD, rungs: Ladder | None = None, on: date = ON
) -> list[tuple[str, str, str]]:
    report = check_plan(read_plan(PLAN | (plan or {})), facts, rungs, on)
    for finding in report.findings:
        assert finding.words and finding.remedy_words and finding.basis
        assert "compliant" not in finding.words + finding.remedy_words
    return [(finding.rule, finding.severity, finding.path) for finding in report.findings]


def test_nothing_is_minded_in_a_plain_plan_with_everything_declared() -> None:
    assert found() == []
    assert found(RANKED, rungs=ladder()) == []


TWO = {"levels": {1: {"rate": "10%"}, 2: {"rate": "3%"}}}
REBATE = {"self_purchase": "rebate"}
DIFFERENTIAL = {"differential": {"ranks": {"gold": "5%"}, "peer": {"rate": "10%"}}}

BY_PLAN: list[tuple[str, dict[str, Any], dict[str, Any], Ladder | None, tuple[str, str, str]]] = [
    ("three levels", {"levels": {1: {"rate": "5%"}, 3: {"rate": "1%"}}}, {}, None, ("STR-01", BLOCK, "levels.3")),
    ("Korea: two", TWO | {"jurisdiction": "KR"}, {}, None, ("STR-01", BLOCK, "levels.2")),
    ("trial: two", TWO | {"jurisdiction": "XX"}, {}, None, ("STR-01", BLOCK, "levels.2")),
    ("two levels", TWO, {}, None, ("STR-02", BLOCK, "levels.2")),
    ("with an opinion", TWO, {"legal_opinion_ref": "LO-1"}, None, ("STR-02", WARN, "levels.2")),
    ("elsewhere", TWO | {"jurisdiction": "DE"}, {}, None, ("STR-02", WARN, "levels.2")),
    ("differential", DIFFERENTIAL, {}, ladder(), ("STR-03", BLOCK, "differential")),
    ("peer", DIFFERENTIAL, {}, ladder(), ("STR-03", BLOCK, "differential.peer")),
    ("team pay", DIFFERENTIAL, {}, ladder(), ("STR-04", BLOCK, "differential")),
    ("team pay elsewhere", DIFFERENTIAL | {"jurisdiction": "US"}, {}, ladder(), ("STR-04", WARN, "differential")),
    ("tier and own purchases", REBATE | {"boosts": [{"id": "b", "when": {"tier": "vip"}, "add": "1%"}]}, {}, None,
     ("STR-08", WARN, "boosts[0].when.tier")),
    ("rank by recruits", RANKED, {}, ladder(invited_promoters=3), ("STR-11", BLOCK, "overrides[0].when.rank")),
    ("rank by team sales", RANKED, {}, ladder(team_sales="5.00"), ("STR-11", WARN, "overrides[0].when.rank")),
    ("honorary rank", {}, {}, ladder(team_size=3), ("STR-11", WARN, "")),
    ("ranks from nowhere", RANKED, {}, None, ("STR-11", WARN, "overrides[0].when.rank")),
    ("pool for leaders", {"pools": [{"id": "p", "share": "1%", "eligible": {"rank": "gold"}}]}, {}, ladder(team_size=3),
     ("STR-11", BLOCK, "pools[0].eligible.rank")),
    ("retail low", {}, {"retail_share": 699_999}, None, ("STR-13", WARN, "")),
    ("retail very low", {}, {"retail_share": 499_999}, None, ("STR-13", BLOCK, "")),
    ("own purchases", REBATE, {}, None, ("STR-14", WARN, "self_purchase")),
    ("endless tie", {}, {"bond_days": 0}, None, ("STR-15", WARN, "")),
    ("Malaysia", {"jurisdiction": "MY"}, {}, None, ("STR-16", BLOCK, "jurisdiction")),
    ("Taiwan, two levels", TWO | {"jurisdiction": "TW"}, {}, None, ("STR-16", BLOCK, "jurisdiction")),
    ("much", {"caps": {"order": "31%"}, "levels": {1: {"rate": "31%"}}}, {}, None, ("PAY-01", WARN, "caps.order")),
    ("very much", {"caps": {}, "levels": {1: {"rate": "51%"}}}, {}, None, ("PAY-01", BLOCK, "levels")),
    ("with points", {}, {"other_rewards": 210_000}, None, ("PAY-01", WARN, "caps.order")),
    ("above the margin", {}, {"gross_margin": 100_000}, None, ("PAY-01", BLOCK, "caps.order")),
    ("one promoter", {"caps": {}, "levels": {1: {"rate": "31%"}}}, {}, None, ("PAY-02", WARN, "levels")),
    ("too soon", {"release": {"days": 7}}, {}, None, ("PAY-04", BLOCK, "release.days")),
    ("from payment", {"release": {"after": "paid", "days": 30}}, {}, None, ("PAY-04", BLOCK, "release.after")),
    ("instant", {"release": {"days": 15, "instant_below": "1.00"}}, {}, None, ("PAY-04", INFO, "release.instant_below")),
    ("instant in a trial", {"jurisdiction": "XX", "release": {"days": 15, "instant_below": "1.00"}}, {}, None,
     ("PAY-04", BLOCK, "release.instant_below")),
    ("Europe", {"jurisdiction": "FR", "release": {"days": 14}}, {}, None, ("PAY-04", BLOCK, "release.days")),
    ("the whole price", REBATE | {"caps": {}, "levels": {1: {"rate": "100%"}}}, {}, None, ("PAY-06", BLOCK, "self_purchase")),
    ("children", {}, {"minimum_age": 17}, None, ("PRT-01", BLOCK, "")),
    ("no notice", {}, {"notice_days": 6}, None, ("PRT-04", WARN, "")),
    ("tax by payment", {}, {"tax_method": "per_payment"}, None, ("TAX-02", BLOCK, "")),
    ("platform", {}, {"payer_role": "platform"}, None, ("TAX-03", BLOCK, "")),
    ("merchant", {}, {"tax_method": "cumulative"}, None, ("TAX-03", BLOCK, "")),
    ("VAT", {}, {"vat_withholding": None}, None, ("TAX-04", WARN, "")),
    ("never", {"overrides": [
        {"id": "a", "level": 1, "when": {"order": "first"}, "rate": "5%"},
        {"id": "b", "level": 1, "when": {"order": ["first", "repeat"]}, "rate": "6%"},
    ]}, {}, None, ("PLN-01", INFO, "overrides[0]")),
    ("over", {"boosts": [{"id": "b", "when": {"paid": {"to": "2026-11-22"}}, "add": "1%"}]}, {}, None,
     ("PLN-02", INFO, "boosts[0].when.paid")),
    ("trial", {"jurisdiction": "XX"}, {}, None, ("PLN-03", WARN, "jurisdiction")),
    ("unknown market", {"jurisdiction": "ZZ"}, {}, None, ("PLN-03", WARN, "jurisdiction")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("plan", "facts", "rungs", "expected"), [case[1:] for case in BY_PLAN], ids=[case[0] for case in BY_PLAN]
)
def test_what_is_minded(plan: dict[str, Any], facts: dict[str, Any], rungs: Ladder | None, expected: Any) -> None:
    assert expected in found(plan, replace(GOOD, **facts), rungs)


BY_ANSWER = [
    ("join_fee", "STR-07", BLOCK), ("purchase_required", "STR-08", BLOCK), ("periodic_purchase_required", "STR-09", BLOCK),
    ("stock_required", "STR-10", BLOCK), ("recruiting_reward", "STR-05", BLOCK), ("auto_enrolment", "STR-12", WARN),
    ("may_leave", "STR-15", WARN), ("excluded_groups_asked", "PRT-03", WARN), ("rules_page", "PRT-04", BLOCK),
    ("agreement_signed", "PRT-05", WARN), ("quiz", "PRT-05", WARN), ("base_excludes_tax_and_shipping", "PAY-03", BLOCK),
    ("base_excludes_coupons", "PAY-03", BLOCK), ("reverses_refunds", "PAY-05", BLOCK), ("staged_rebate", "PAY-06", BLOCK),
    ("stored_balance", "PAY-07", BLOCK), ("real_name_before_payout", "PRT-02", BLOCK), ("payee_name_checked", "PAY-08", BLOCK),
    ("reporting_calendar", "TAX-06", WARN),
]  # fmt: skip


@pytest.mark.parametrize(("fact", "rule", "severity"), BY_ANSWER)
def test_an_answer_that_is_minded_and_one_that_was_never_given(fact: str, rule: str, severity: str) -> None:
    wrong = replace(GOOD, **{fact: not getattr(GOOD, fact)})
    assert found(facts=wrong) == [(rule, severity, "")]
    silent = {"block": "warn", "warn": "info"}[severity]
    assert found(facts=replace(GOOD, **{fact: None})) == [(rule, silent, "")]


@pytest.mark.parametrize(
    ("fact", "rule", "severity"),
    [
        ("bond_days", "STR-15", INFO), ("minimum_age", "PRT-01", WARN), ("notice_days", "PRT-04", INFO),
        ("gross_margin", "PAY-01", INFO), ("other_rewards", "PAY-01", INFO), ("retail_share", "STR-13", INFO),
        ("payer_role", "TAX-01", WARN), ("tax_method", "TAX-01", WARN),
    ],
)  # fmt: skip
def test_figures_never_declared_are_said(fact: str, rule: str, severity: str) -> None:
    assert found(facts=replace(GOOD, **{fact: None})) == [(rule, severity, "")]


def test_every_rule_has_a_case() -> None:
    tried = {case[4][0] for case in BY_PLAN} | {rule for _fact, rule, _severity in BY_ANSWER} | {"TAX-01", "PLN-04"}
    assert {rule.id for rule in RULES} == tried
    asked = {fact for fact, _rule, _severity in BY_ANSWER}
    others = {"bond_days", "minimum_age", "notice_days", "gross_margin", "other_rewards", "retail_share", "payer_role",
              "tax_method", "vat_withholding", "legal_opinion_ref", "filing_ref"}  # fmt: skip
    assert {one.name for one in fields(Facts)} == asked | others


def test_what_lets_a_rule_pass() -> None:
    assert ("STR-16", BLOCK, "jurisdiction") not in found({"jurisdiction": "MY"}, replace(GOOD, filing_ref="AJL 93"))
    registered = found(TWO | {"jurisdiction": "KR"}, replace(GOOD, filing_ref="KR 1"))
    assert "STR-01" not in [rule for rule, _severity, _path in registered]
    assert found(facts=replace(GOOD, vat_withholding=None), on=date(2026, 10, 31)) == []
    assert found({"jurisdiction": "US", "release": {"after": "paid", "days": 0, "instant_below": "1.00"}}) == []
    # Of the margin, 40 % are 16 % of the sales.
    margin = {"basis": "margin", "caps": {}, "levels": {1: {"rate": "30%"}}}
    assert found(margin, replace(GOOD, gross_margin=400_000)) == []


def test_rules_too_entangled_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rongshu.engine.lint.worst.MOST_LOOKS", 0)
    boosts = [{"id": f"b{n}", "when": {"sku": f"s{n}"}, "add": "1%"} for n in range(3)]
    report = check_plan(read_plan(PLAN | {"boosts": boosts}), GOOD, None, ON)
    assert [finding.rule for finding in report.findings] == ["PLN-04"]
    assert report.worst_case.order_ppm == 110_000


def test_contradictions() -> None:
    plan = PLAN | {
        "overrides": [
            {"id": "a", "level": 1, "when": {"rank": ["gold", "lead"]}, "rate": "5%"},
            {"id": "b", "level": 1, "when": {"sku": "A"}, "fixed": "10.00"},
        ],
        "caps": {"promoter_day": "9.99", "promoter_month": "10.00"},
        "steps": [{"id": "s", "bands": [{"from": "0", "rate": "1%"}]}],
        "pools": [{"id": "p", "share": "1%", "eligible": {"rank": "tin"}}],
    }
    problems = contradictions(read_plan(plan), ladder())
    assert [(one.path, one.code) for one in problems] == [
        ("overrides[0].when.rank", "rank_unknown"),
        ("pools[0].eligible.rank", "rank_unknown"),
        ("overrides[1].fixed", "fixed_above_cap"),
        ("levels", "more_than_base"),
    ]
    assert all(one.words for one in problems)
    assert problems[3].params == {"value": "102%"}
    assert contradictions(read_plan(PLAN | RANKED), ladder()) == []
    assert contradictions(read_plan(PLAN | RANKED), None) == []
    beyond = PLAN | {"differential": {"ranks": {"lead": "5%"}}}
    assert [one.path for one in contradictions(read_plan(beyond), ladder())] == ["differential.ranks.lead"]


def test_a_report_can_be_kept() -> None:
    import json

    report = check_plan(read_plan(PLAN | TWO), Facts(), None, ON)
    document = json.loads(json.dumps(report.as_document()))
    assert (document["profile"], document["profile_version"], document["on"]) == ("CN", "2026-11-22", "2026-11-22")
    assert [one["severity"] for one in document["findings"]] == [one.severity for one in report.findings]
    assert report.blocking and report.warnings


def test_facts_are_read_and_refused_by_name() -> None:
    assert Facts.from_document(GOOD.as_document()) == GOOD
    assert Facts.from_document({}) == Facts()
    for document, words in (
        ({"joinfee": True}, "joinfee: unknown"),
        ({"join_fee": "no"}, "join_fee: 'no' is not true or false"),
        ({"bond_days": -1}, "a whole number"),
        ({"bond_days": True}, "a whole number"),
        ({"gross_margin": 1_000_001}, "parts per million"),
        ({"payer_role": "bank"}, "one of merchant, platform"),
        ({"filing_ref": "x" * 201}, "a text"),
        ({"payer_role": ["merchant"]}, "one of merchant"),
    ):
        with pytest.raises(ValueError, match=words):
            Facts.from_document(document)
    assert set(CHOICES) < {one.name for one in fields(Facts)}


def test_every_profile_answers_every_key() -> None:
    for code, each in PROFILES.items():
        assert {one.key for one in each.in_force(ON)} == set(DEFAULT)
        assert each.code == code
        for one in each.data:
            assert one.basis
    assert set(ALIASES.values()) <= set(PROFILES)
    assert known("DE") and known("UK") and not known("ZZ")
    assert profile("ZZ").code == "XX"
    assert [permits_instant_release(code) for code in ("CN", "DE", "US", "XX", "ZZ")] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_a_value_is_picked_by_its_days() -> None:
    cn = profile("CN")
    assert cn.flag("vat_decision", date(2026, 10, 31)) is False
    assert cn.flag("vat_decision", date(2026, 11, 1)) is True
    with pytest.raises(NoValue):
        cn.datum("colour", ON)
