"""Steps and pools in figures: what the engine makes of them, for whom, in the reader's language; what a promoter is told changes."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import translation

from rongshu.domain.commission.notices.queries import Told
from rongshu.engine.plan import read_plan
from rongshu.interfaces.faces.reward_example import rewards_of
from rongshu.interfaces.portal.notices import _rewards
from tests.conftest import NOW

PLAN = """
name: rewarding
currency: JPY
levels: {1: {rate: 10%}}
steps:
  - {id: climb, period: quarter, apply: whole, bands: [{from: "0", rate: 1%}]}
pools:
  - {id: leaders, period: month, share: 1%, eligible: {rank: [gold]}, split: own_sales}
  - {id: all, period: year, share: 2%, split: equal}
"""


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_rule_in_figures(language: str) -> None:
    from zoneinfo import ZoneInfo

    with translation.override(language):
        found = rewards_of(read_plan(PLAN), ZoneInfo("Asia/Tokyo"), NOW)
    assert [(one.kind, one.name) for one in found] == [("steps", "climb"), ("pool", "leaders"), ("pool", "all")]
    told = [one.told.replace(",", "") for one in found]
    assert "2026-01-01" in told[0] and "2026-03-31" in told[0] and "10000" in told[0] and "100" in told[0]
    # 1 % of 100000 is 1000, of which 5000 of 20000 make 250; 2 % for eight: 250 each
    assert "2026-03-31" in told[1] and "250" in told[1]
    assert "2026-12-31" in told[2] and "2000" in told[2] and "250" in told[2]
    assert ("of all who share make" in told[1]) == (language == "en")


def test_only_what_a_rank_may_get() -> None:
    from zoneinfo import ZoneInfo

    zone, plan = ZoneInfo("UTC"), read_plan(PLAN)
    assert [one.name for one in rewards_of(plan, zone, NOW, rank="")] == ["climb", "all"]
    assert [one.name for one in rewards_of(plan, zone, NOW, rank="gold")] == ["climb", "leaders", "all"]


def test_a_promoter_is_told_of_pools_when_they_change() -> None:
    from zoneinfo import ZoneInfo

    visit: Any = SimpleNamespace(house=SimpleNamespace(zone=ZoneInfo("UTC")))
    me: Any = SimpleNamespace(rank="gold")
    plan, before = read_plan(PLAN), read_plan(PLAN.replace("share: 2%", "share: 1%"))

    def names(old: Any, *, cancelled: bool = False) -> list[str]:
        version: Any = SimpleNamespace(effective_from=NOW + timedelta(days=9))
        told: Any = SimpleNamespace(before=old, plan=plan, cancelled=cancelled, version=version)
        assert set(vars(told)) <= set(Told.__dataclass_fields__) | {"plan", "before"}
        return [one.name for one in _rewards(visit, told, me)]

    assert names(before) == names(None) == ["climb", "leaders", "all"]
    assert names(plan) == [], "nothing of them changes"
    assert names(before, cancelled=True) == []
