"""What a tenant declares, what the system knows, and checks that are kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from rongshu.domain.commission.compliance.actions import declare_facts, keep_check
from rongshu.domain.commission.compliance.models import DeclaredFacts, KeptCheck
from rongshu.domain.commission.compliance.queries import (
    check,
    declarations,
    declared,
    facts_at,
    kept_checks,
    retail_share,
)
from rongshu.engine.lint import Facts
from rongshu.engine.plan import PlanError, read_plan
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.referral.shop import Ranked
from tests.factories import TESTER

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAN = "{name: p, currency: CNY, jurisdiction: CN, levels: {1: {rate: 10%}}, release: {after: completed, days: 15}}"


def say(now: datetime = NOW, **facts: Any) -> DeclaredFacts:
    return declare_facts(facts=facts, by=TESTER, now=now)


def test_each_declaration_is_a_version_of_its_own_and_the_same_again_is_none(tenant: int) -> None:
    with tenant_scope(tenant):
        assert declared() is None
        assert say(join_fee=False, minimum_age=18).number == 1
        assert say(join_fee=False, minimum_age=18).number == 1
        assert say(now=NOW + timedelta(days=1), join_fee=False, filing_ref="").number == 2
        assert [one.facts for one in declarations()] == [{"join_fee": False}, {"join_fee": False, "minimum_age": 18}]
        assert facts_at(NOW) == Facts(join_fee=False, rules_page=True)
        entries = AuditEntry.objects.filter(action="compliance.facts_declared").order_by("id")
        assert [one.details["changed"] for one in entries] == [["join_fee", "minimum_age"], ["minimum_age"]]


@pytest.mark.parametrize(
    ("facts", "code", "at"),
    [
        ({"colour": 1}, "fact_refused", "colour"),
        ({"join_fee": "no"}, "fact_refused", "join_fee"),
        ({"minimum_age": -1}, "fact_refused", "minimum_age"),
        ({"retail_share": 900_000}, "fact_known", "retail_share"),
        ({"rules_page": None}, "fact_known", "rules_page"),
    ],
)
def test_what_cannot_be_declared_is_refused_by_name(tenant: int, facts: dict[str, Any], code: str, at: str) -> None:
    with tenant_scope(tenant), pytest.raises(Refusal) as told:
        say(**facts)
    assert (told.value.code, told.value.at) == (code, at)
    with tenant_scope(tenant):
        assert declared() is None


def test_a_check_is_kept_with_all_it_went_by_and_never_changed(tenant: int) -> None:
    with tenant_scope(tenant):
        say(join_fee=True)
        kept, report = keep_check(text=PLAN, begins=NOW, by=TESTER, now=NOW)
        again, _report = keep_check(text=PLAN.replace("name: p", "name:   p"), begins=NOW, by=TESTER, now=NOW)
    with tenant_scope(tenant):
        found = KeptCheck.objects.get(id=kept.id)
        assert found.plan_hash == again.plan_hash
        assert found.facts == {"join_fee": True, "rules_page": True, "reverses_refunds": True}
        assert found.report == report.as_document()
        assert (found.blocking, found.worst_ppm, found.report["profile"]) == (1, 100_000, "CN")
        assert [one.id for one in kept_checks()] == [again.id, kept.id]
        assert report.blocking[0].rule == "STR-07"
    for model in (DeclaredFacts, KeptCheck):
        with pytest.raises(DatabaseError), tenant_scope(tenant), transaction.atomic():
            model.objects.update(actor="somebody else")


def test_a_plan_that_contradicts_itself_is_refused_and_nothing_kept(tenant: int) -> None:
    text = PLAN.replace("levels: {1: {rate: 10%}}", "levels: {1: {rate: 90%}, 2: {rate: 20%}}")
    with tenant_scope(tenant):
        with pytest.raises(PlanError):
            keep_check(text=text, begins=NOW, by=TESTER, now=NOW)
        assert kept_checks() == []


def test_the_retail_share_counts_what_people_bought_who_do_not_promote(tenant: int) -> None:
    with tenant_scope(tenant):
        assert retail_share(NOW) is None
    shop = Ranked(tenant, joined=NOW - timedelta(days=200))
    yesterday = NOW - timedelta(days=1)
    shop.order("one", "a", "30.00", yesterday)
    shop.order("two", "a", "60.00", yesterday, buyer="b")
    shop.order("three", "a", "9.00", yesterday, buyer="y")
    shop.order("old", "a", "500.00", NOW - timedelta(days=91), buyer="b")
    with tenant_scope(tenant):
        assert retail_share(NOW) == 39 * 1_000_000 // 99
        report = check(read_plan(PLAN), begins=NOW, now=NOW)
        assert [(one.rule, one.severity) for one in report.findings if one.fact == "retail_share"] == [
            ("STR-13", "block")
        ]
        unknown = PLAN.replace("10%}}", "10%}}, boosts: [{id: b, when: {rank: iron}, add: 1%}]")
        with pytest.raises(PlanError, match="the ladder has no rank"):
            check(read_plan(unknown), begins=NOW, now=NOW)
