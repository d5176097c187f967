"""Members are told of their tiers, once, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.translation import override

from rongshu.domain.marketing.messages.models import Message
from rongshu.domain.marketing.messages.words import say
from rongshu.domain.members.growth.models import GrowthMonth
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.actions import assess_due, publish_ladder, raise_members
from rongshu.engine.tiers.windows import month_of
from rongshu.flows.table import deliver_all
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import TESTER, found

NOW = datetime(2026, 3, 20, 4, tzinfo=UTC)
LADDER = """
ladder: 1
currency: CNY
window: rolling
months: 12
grace: 30
tiers:
  - {code: silver, title: {zh: 银卡, en: Silver}, growth: 100}
  - {code: gold, title: {zh: 金卡, en: Gold}, growth: 1500}
"""


def test_risen_grace_and_fallen_are_told_once() -> None:
    house = found(now=NOW - timedelta(days=9))

    def told() -> list[tuple[str, dict[str, object]]]:
        deliver_all(now=NOW)
        deliver_all(now=NOW)
        with tenant_scope(house.id):
            return [(one.kind, one.data) for one in Message.objects.order_by("id") if one.kind.startswith("tier.")]

    with tenant_scope(house.id):
        member = Member.add(external_id="lin", created_at=NOW).id
        GrowthMonth.add(member_id=member, month=month_of(NOW, house.zone), amount=2_000)
        publish_ladder(source=LADDER, by=TESTER, now=NOW)
        while assess_due(now=NOW):
            pass
    (risen,) = told()
    assert risen == ("tier.risen", {"tier": {"zh": "金卡", "en": "Gold"}})
    with override("en"):
        assert say(*risen, "CNY").title == "You are Gold now"
    with override("zh-hans"):
        assert "金卡" in say(*risen, "CNY").title and "Gold" not in say(*risen, "CNY").text
    later = NOW + timedelta(days=400)
    with tenant_scope(house.id):
        assess_due(now=later)
    found_now = told()
    assert [kind for kind, _data in found_now] == ["tier.risen", "tier.grace"]
    assert found_now[1][1] == {"tier": {"zh": "金卡", "en": "Gold"}, "keeps": "1,500", "day": "2027-05-24"}
    with tenant_scope(house.id):
        assess_due(now=later + timedelta(days=31))
        raise_members([member], now=later + timedelta(days=31))  # type: ignore[arg-type]
    assert told()[2:] == [("tier.fallen", {"tier": {"zh": "银卡", "en": "Silver"}})]
