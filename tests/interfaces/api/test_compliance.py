"""What is declared, over HTTP."""

from __future__ import annotations

import pytest

from rongshu.kernel.access.rules import Scope
from tests.interfaces.api.shop import Opened, is_problem

FACTS = "/compliance/facts"


def test_facts_are_declared_and_read_again(open_shop: Opened) -> None:
    shop = open_shop()
    before = shop.get(FACTS).json()["number"]
    answer = shop.http.put(FACTS, json={"facts": {"join_fee": False, "minimum_age": 18, "payer_role": None}})
    assert answer.status_code == 200
    shown = shop.get(FACTS).json()
    assert shown == answer.json()
    assert (shown["number"], shown["declared"]) == (before + 1, {"join_fee": False, "minimum_age": 18})
    assert shown["facts"] == shown["declared"] | {"rules_page": True, "reverses_refunds": True}


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"colour": 1}, "fact_refused"),
        ({"join_fee": 3}, "fact_refused"),
        ({"retail_share": 1}, "fact_known"),
        ({"filing_ref": "x" * 201}, "fact_refused"),
    ],
)
def test_what_cannot_be_declared_is_named(open_shop: Opened, facts: dict[str, object], code: str) -> None:
    problem = is_problem(open_shop().http.put(FACTS, json={"facts": facts}), 422, code)
    assert problem["at"] in facts


def test_a_key_that_only_reads_declares_nothing(open_shop: Opened) -> None:
    shop = open_shop()
    bearer = {"Authorization": f"Bearer {shop.key_for(Scope.PLANS_READ)}"}
    is_problem(shop.http.put(FACTS, json={"facts": {}}, headers=bearer), 403, "scope_missing")
    assert shop.get(FACTS, headers=bearer).status_code == 200


def test_the_check_says_the_most_a_plan_can_pay(open_shop: Opened) -> None:
    text = "{name: p, currency: CNY, jurisdiction: CN, levels: {1: {rate: 12%}}, release: {days: 15}}"
    answer = open_shop().post("/plans/check", {"text": text})
    assert answer.status_code == 200
    worst = answer.json()["worst_case"]
    assert (worst["ppm"], worst["exact"], [one["rule"] for one in worst["shares"]]) == (120_000, True, ["level-1"])
    assert "PRT-02" in {one["rule"] for one in answer.json()["looked"]["findings"]}
