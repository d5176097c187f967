"""Promoters confirm again: told before, frozen after, going on once they confirm; nobody by surprise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.members.profiles.actions import ensure_members
from rongshu.domain.referral.care.actions import freeze, resume
from rongshu.domain.referral.joining.actions import set_joining_policy
from rongshu.domain.referral.joining.policy import JoiningPolicy, Question
from rongshu.domain.referral.joining.queries import acceptances_of
from rongshu.domain.referral.joining.renewal import (
    GRACE,
    NOTICE,
    confirm_again,
    frozen_for_it,
    look_at_renewals,
    renewal_of,
    renewals,
)
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.flows.join.actions import Answers, confirm
from rongshu.flows.join.terms import terms_at
from rongshu.flows.table import deliver_all
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER

DAY = timedelta(days=1)
BEGUN = datetime(2024, 1, 10, tzinfo=UTC)
SET = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = JoiningPolicy(renew_months=12, quiz=(Question("?", ("a", "b"), 1),))
GOOD = Answers(of_age=True, in_no_group=True, agreed=True, quiz=(1,))


def promoters(tenant: int, *, since: datetime, names: tuple[str, ...] = ("a", "b")) -> list[int]:
    with tenant_scope(tenant):
        ids = list(ensure_members(external_ids=names, now=since).values())
        enrol_promoters(joinings=[Joining(one, None, since) for one in ids], by=TESTER, now=since)
    return ids


def look(tenant: int, now: datetime) -> int:
    done = 0
    while True:
        with tenant_scope(tenant):
            step = look_at_renewals(now=now)
        if not step:
            deliver_all(now=now)
            return done
        done += step


def frozen(tenant: int, who: int) -> bool:
    with tenant_scope(tenant):
        return promoter(who).ended_as == "frozen"


def told(tenant: int, who: int) -> list[str]:
    with tenant_scope(tenant):
        return [
            one.kind for one in Message.objects.filter(recipient=who).order_by("id") if one.kind.startswith("renewal.")
        ]


def test_where_nothing_is_asked_nothing_happens(tenant: int) -> None:
    (one, _) = promoters(tenant, since=BEGUN)
    assert look(tenant, SET) == 0
    with tenant_scope(tenant):
        assert renewal_of(one, now=SET) is None and renewals(now=SET) == []


def test_old_promoters_are_told_first_and_frozen_only_after_their_days_of_grace(tenant: int) -> None:
    one, other = promoters(tenant, since=BEGUN)
    with tenant_scope(tenant):
        set_joining_policy(rules=POLICY, by=TESTER, now=SET)
    look(tenant, SET)
    assert told(tenant, one) == [] and not frozen(tenant, one), "asked for only now: nobody is overdue"
    due = SET + GRACE
    look(tenant, due - NOTICE - DAY)
    assert told(tenant, one) == []
    look(tenant, due - NOTICE)
    look(tenant, due - NOTICE)
    assert told(tenant, one) == ["renewal.due"], "once"
    with tenant_scope(tenant):
        assert [row.promoter_id for row in renewals(now=due)] == [one, other]
        first = renewals(now=due, limit=1)[0]
        assert [row.promoter_id for row in renewals(now=due, after=(first.held_at, first.promoter_id))] == [other]
        found = renewal_of(one, now=due)
        assert found is not None and found.due_at == due
        assert confirm(promoter_id=other, answers=GOOD, terms=terms_at(due), address="::1", now=due) is False
        assert len(acceptances_of(other)) == 1
    look(tenant, due - timedelta(minutes=1))
    assert told(tenant, one) == ["renewal.due"]
    look(tenant, due)
    look(tenant, due + DAY)
    assert told(tenant, one) == ["renewal.due", "renewal.today"], "on the day itself, once"
    look(tenant, due + GRACE - DAY)
    assert not frozen(tenant, one)
    look(tenant, due + GRACE)
    assert frozen(tenant, one) and not frozen(tenant, other)
    assert told(tenant, one) == ["renewal.due", "renewal.today", "renewal.overdue"] and told(tenant, other) == [
        "renewal.due"
    ]
    late = due + GRACE + DAY
    with tenant_scope(tenant):
        assert frozen_for_it(one) and [row.promoter_id for row in renewals(now=late)] == [one]
        with pytest.raises(Refusal) as wrong:
            confirm(promoter_id=one, answers=replace(GOOD, quiz=(0,)), terms=terms_at(late), address="::1", now=late)
        assert wrong.value.code == "quiz_wrong"
    assert frozen(tenant, one)
    with tenant_scope(tenant):
        assert confirm(promoter_id=one, answers=GOOD, terms=terms_at(late), address="::1", now=late) is True
        assert promoter(one).active_to is None and renewals(now=late) == []
    look(tenant, late + 300 * DAY)
    assert not frozen(tenant, one)
    assert told(tenant, one).count("renewal.due") == 1
    look(tenant, late + 366 * DAY)
    assert told(tenant, one).count("renewal.due") == 2, "a year later again"


def test_an_outage_of_the_clock_takes_nobodys_notice_away(tenant: int) -> None:
    (one, _) = promoters(tenant, since=BEGUN)
    with tenant_scope(tenant):
        set_joining_policy(rules=POLICY, by=TESTER, now=SET)
    late = SET + 400 * DAY
    look(tenant, late)
    assert not frozen(tenant, one) and told(tenant, one) == ["renewal.due"]
    look(tenant, late + DAY)
    assert told(tenant, one) == ["renewal.due"], "told after the day: no reminder of a day that is past"
    look(tenant, late + NOTICE)
    assert frozen(tenant, one) and told(tenant, one) == ["renewal.due", "renewal.overdue"]


def test_who_the_team_froze_does_not_go_on_by_confirming(tenant: int) -> None:
    one, other = promoters(tenant, since=BEGUN)
    with tenant_scope(tenant):
        set_joining_policy(rules=POLICY, by=TESTER, now=SET)
    look(tenant, SET + GRACE)
    late = SET + 2 * GRACE
    with tenant_scope(tenant):
        freeze(promoter_id=one, reason="fraud", by=TESTER, now=late - DAY)
    look(tenant, late)
    with tenant_scope(tenant):
        with pytest.raises(Refusal) as refused:
            confirm_again(promoter_id=one, by=TESTER, now=late)
        assert refused.value.code == "not_active"
        assert frozen_for_it(other)
        resume(promoter_id=other, reason="called us", by=TESTER, now=late)
    look(tenant, late + DAY)
    assert not frozen(tenant, other), "what the team decided stands"
    with tenant_scope(tenant):
        freeze(promoter_id=other, reason="fraud", by=TESTER, now=late + 2 * DAY)
        assert not frozen_for_it(other)
