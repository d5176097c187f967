"""What is told of commission, rewards, ranks, rules and papers: from what the books say, to whom it concerns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rongshu.domain.commission.periods.models import Reward
from rongshu.domain.commission.plans.actions import publish_plan
from rongshu.domain.marketing.messages import channel as way
from rongshu.domain.marketing.messages.digests import tell_digests
from rongshu.domain.marketing.messages.models import PROMOTER, Mail, Message
from rongshu.domain.marketing.messages.queries import inbox
from rongshu.domain.marketing.messages.telling import tell_of_ranks
from rongshu.domain.marketing.messages.words import say
from rongshu.domain.members.profiles.actions import add_member
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.referral.promoters.actions import Joining, enrol_promoters
from rongshu.domain.referral.ranks.models import RankChange
from rongshu.flows.table import deliver_all
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.commission.months import PLAN, Months, at
from tests.domain.marketing.test_messages import settings
from tests.factories import TESTER, found
from tests.races.test_ledger_races import NOW as FILLED
from tests.races.test_ledger_races import fill


def test_releases_are_one_sum_a_day_and_papers_are_asked_for_once_a_month(tenant: int) -> None:
    with tenant_scope(tenant):
        one = add_member(external_id="one", by=TESTER, now=FILLED).id
        enrol_promoters(joinings=[Joining(one, None, FILLED)], by=TESTER, now=FILLED)
    fill(tenant, one, 30_00)
    fill(tenant, one, 12_50)
    morning = datetime(FILLED.year, FILLED.month, FILLED.day, 2, tzinfo=UTC)  # ten in Shanghai
    while morning <= FILLED:
        morning += timedelta(days=1)
    with tenant_scope(tenant):
        tell_digests(now=morning)
        told = {row.kind: row.data for row in inbox(PROMOTER, one)}
        assert told["commission.released"]["amount"] == 42_50
        assert told["papers.waiting"] == {"amount": 42_50}
        tell_digests(now=morning + timedelta(days=1))
        assert Message.objects.filter(recipient=one).count() == 2


def test_rewards_of_a_closed_period_and_new_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Months(found(now=datetime(2025, 11, 1, tzinfo=UTC)).id)
    shop.order("1", "c", "700.00", at(1, 5))
    shop.close(at(2, 16))
    deliver_all(now=at(2, 16))
    monkeypatch.setattr(way, "environment", lambda: settings(1))
    with shop.scope():
        paid: dict[int, int] = {}
        for row in Reward.objects.all():
            paid[row.promoter_id] = paid.get(row.promoter_id, 0) + row.amount
        told: dict[int, int] = {}
        for message in Message.objects.filter(kind="reward.paid"):
            told[message.recipient] = told.get(message.recipient, 0) + message.data["amount"]
            assert (message.data["since"], message.data["until"]) == ("2026-01-01", "2026-01-31")
        assert told == paid and paid
        Member.objects.filter(id=shop.ids["b"]).update(email=seal("b@example.org"), email_hash=b"b" * 16)
        publish_plan(text=PLAN.replace("10%", "12%"), effective_from=at(4, 1), by=TESTER, now=at(2, 20))
    deliver_all(now=at(2, 20))
    with shop.scope():
        (rules,) = Message.objects.filter(kind="plan.changed")
        assert (rules.recipient, rules.in_app, rules.data) == (shop.ids["b"], False, {"day": "2026-04-01"})
        assert Mail.objects.get(message_id=rules.id).state == "waiting"
        assert rules.id not in {row.id for row in inbox(PROMOTER, shop.ids["b"])}  # there its notice tells it


def test_each_change_of_a_rank_is_told_once(tenant: int, now: datetime) -> None:
    with tenant_scope(tenant):
        one = add_member(external_id="one", by=TESTER, now=now).id
        enrol_promoters(joinings=[Joining(one, None, now)], by=TESTER, now=now)
        for number, rank in enumerate(("gold", "silver")):
            RankChange.add(
                promoter_id=one,
                at=now + timedelta(days=number),
                old_rank="",
                new_rank=rank,
                cause="earned",
                actor="worker:",
            )
            tell_of_ranks(promoters=[one], at=now)
            tell_of_ranks(promoters=[one], at=now)
        said = [say(row.kind, row.data, "CNY").title for row in inbox(PROMOTER, one)]
        assert len(said) == 2 and "silver" in said[0] and "gold" in said[1]
