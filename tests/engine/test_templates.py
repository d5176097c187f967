"""Templates read in every currency, contradict nothing, and have nothing that would stop them in mainland China."""

from __future__ import annotations

from datetime import date

import pytest

from rongshu.engine import templates
from rongshu.engine.lint import Facts, check_plan, contradictions
from rongshu.engine.plan import read_plan

ON = date(2026, 11, 22)
KEYS = [one.key for one in templates.all()]


def test_there_is_one_for_each_trade() -> None:
    assert KEYS == ["retail", "beauty", "electrical", "liquor", "fast-moving", "catering"]
    assert templates.template("retail") is templates.all()[0]
    assert templates.template("banking") is None


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("currency", ["CNY", "USD", "JPY", "KWD"])
def test_it_passes_its_profile(key: str, currency: str) -> None:
    found = templates.template(key)
    assert found is not None and found.title and found.why
    plan = read_plan(found.text(currency))
    assert (plan.max_level, plan.differential, plan.currency) == (1, None, currency)
    assert contradictions(plan, None) == []
    report = check_plan(plan, Facts(), None, ON)
    assert not report.blocking
    # Nothing in the document itself is minded: what is left was only never declared.
    assert [one for one in report.findings if one.declared] == []
    assert report.worst_case.exact and report.worst_case.ppm <= 250_000
