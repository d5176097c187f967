"""Price rules in versions: a draft that two people write on, published whole, in force from a moment on."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from rongshu.domain.commerce.prices.actions import discard_draft, publish_draft, publish_rules, save_draft
from rongshu.domain.commerce.prices.queries import draft, rules_at, version, versions
from rongshu.engine.plan.problems import PlanError
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

SALE = {"currency": "CNY", "sales": [{"id": "s", "name": "Sale", "discount": "10%"}]}
FREE = {"currency": "CNY", "shipping": [{"id": "f", "name": "Free", "spend": "99"}]}


def test_no_rules_to_begin_with_and_versions_after(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        assert rules_at(now)[0] == 0 and not rules_at(now)[1].sales
        first = publish_rules(source=SALE, reason="spring", by=TESTER, now=now)
        assert publish_rules(source=SALE, reason="again", by=TESTER, now=now).number == first.number == 1
        later = now + timedelta(days=1)
        publish_rules(source=FREE, reason="", by=TESTER, now=now, effective_from=later, instead_of=1)
        assert (rules_at(now)[0], rules_at(later)[0]) == (1, 2)
        assert rules_at(later)[1].shipping[0].spend == 9_900
        assert rules_at(now - timedelta(seconds=1))[0] == 0
        # What began now would hold, until the one to come begins.
        third = publish_rules(source=SALE, reason="", by=TESTER, now=now + timedelta(hours=1))
        assert third.number == 3 and rules_at(later)[0] == 2
        assert [one.number for one in versions(below=3)] == [2, 1] and version(2).reason == ""


def test_what_is_refused(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        with pytest.raises(Refusal, match="USD"):
            publish_rules(source={"currency": "USD"}, reason="", by=TESTER, now=now)
        with pytest.raises(PlanError, match="discount"):
            publish_rules(
                source={"currency": "CNY", "sales": [{"id": "s", "name": "S"}]}, reason="", by=TESTER, now=now
            )
        with pytest.raises(Refusal) as past:
            publish_rules(source=SALE, reason="", by=TESTER, now=now, effective_from=now)
        assert past.value.code == "begins_in_past"
        publish_rules(source=SALE, reason="", by=TESTER, now=now)
        with pytest.raises(Refusal) as moved:
            publish_rules(source=FREE, reason="", by=TESTER, now=now, instead_of=0)
        assert moved.value.code == "prices_moved"
        with pytest.raises(Refusal):
            version(9)


def test_a_draft_is_published_as_it_was_looked_at(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        kept = save_draft(source=SALE, revision=0, by=TESTER, now=now)
        assert (kept.based_on, kept.revision) == (0, 1)
        with pytest.raises(Refusal) as moved:
            save_draft(source=FREE, revision=0, by=TESTER, now=now)
        assert moved.value.code == "draft_moved"
        save_draft(source=FREE, revision=1, by=TESTER, now=now)
        with pytest.raises(Refusal):
            publish_draft(revision=1, reason="", by=TESTER, now=now)
        made = publish_draft(revision=2, reason="free", by=TESTER, now=now)
        assert (made.number, draft()) == (1, None) and rules_at(now)[1].shipping
        save_draft(source=SALE, revision=0, by=TESTER, now=now)
        publish_rules(source=SALE, reason="meanwhile", by=TESTER, now=now)
        with pytest.raises(Refusal) as meanwhile:
            publish_draft(revision=1, reason="", by=TESTER, now=now)
        assert meanwhile.value.code == "prices_moved"
        discard_draft(by=TESTER, now=now)
        discard_draft(by=TESTER, now=now)
        assert draft() is None
