from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.plan.problems import PlanError
from rongshu.engine.tiers.assessment import CAUSES, assess, reached, warnings_of
from rongshu.engine.tiers.frames import Benefits, read_ladder
from rongshu.engine.tiers.growth import read_growth_rules, taken_back
from rongshu.engine.tiers.windows import judged, next_assessment, running

LADDER = """
ladder: 1
currency: CNY
grace: 30
tiers:
  - {code: silver, title: {zh: 银卡, en: Silver}, growth: 100, keep: 50}
  - {code: gold, title: {zh: 金卡, en: Gold}, growth: 1000, keep: 600, benefits: {discount: 5%, points: '1.5'}}
"""


def test_the_ladder_reads_back_equal_and_names_what_is_wrong() -> None:
    ladder = read_ladder(LADDER)
    assert read_ladder(ladder.canonical()) == ladder
    assert ladder.tiers[1].benefits.discount == 50_000 and ladder.tiers[1].benefits.points_ppm == 1_500_000
    assert Benefits().points_ppm == 1_000_000
    with pytest.raises(PlanError) as caught:
        read_ladder(
            LADDER.replace("growth: 1000, keep: 600", "growth: 100, keep: 600").replace("code: gold", "code: silver")
        )
    assert {one.path for one in caught.value.problems} == {"tiers[1].code", "tiers[1].growth", "tiers[1].keep"}


def test_assessment_rises_keeps_waits_falls_by_one() -> None:
    ladder = read_ladder(LADDER)
    cases = [
        # tier, growth, due, in grace, unknown -> tier, cause
        (-1, 99, False, False, False, -1, ""),
        (-1, 100, False, False, False, 0, "risen"),
        (-1, 1000, False, False, False, 1, "risen"),
        (1, 0, False, False, False, 1, ""),
        (1, 600, True, False, False, 1, "kept"),
        (1, 599, True, False, False, 1, "grace"),
        (1, 599, True, True, False, 0, "fallen"),
        (0, 0, True, True, False, -1, "fallen"),
        (0, 1000, True, True, False, 1, "risen"),
        (-1, 100, False, False, True, 0, "ladder"),
    ]
    column = lambda place, kind: np.array([case[place] for case in cases], dtype=kind)  # noqa: E731
    growth = column(1, np.int64)
    after = assess(
        ladder, column(0, np.int64), rising=growth, judged=growth, due=column(2, bool), in_grace=column(3, bool),
        unknown=column(4, bool),
    )  # fmt: skip
    assert list(zip(after.tier.tolist(), [CAUSES[at] for at in after.cause], strict=True)) == [
        case[5:] for case in cases
    ]


def test_what_fell_does_not_rise_again_on_the_same_growth() -> None:
    ladder = read_ladder(LADDER)
    fallen = np.array([599])
    assert reached(ladder, fallen).tolist() == [0]


def test_windows_of_the_year_and_rolling() -> None:
    rolling, year = read_ladder(LADDER), read_ladder(LADDER + "window: year\n")
    month = 2026 * 12 + 10
    assert running(rolling, month) == (month - 11, month) and running(year, month) == (2026 * 12, month)
    assert judged(year, 2027 * 12) == (2026 * 12, 2027 * 12)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    assert next_assessment(year, now, UTC, rose=True) == datetime(2028, 1, 1, tzinfo=UTC)
    assert next_assessment(year, now, UTC, rose=False) == datetime(2027, 1, 1, tzinfo=UTC)
    assert next_assessment(rolling, now, UTC, rose=True) == datetime(2027, 12, 1, tzinfo=UTC)


def test_warnings() -> None:
    ladder = read_ladder(LADDER)
    assert [one.code for one in warnings_of(ladder, [0, 40], 10)] == ["empty", "top_heavy"]
    dense = read_ladder(LADDER.replace("growth: 1000, keep: 600", "growth: 120, keep: 60"))
    assert [one.code for one in warnings_of(dense, [1, 1], 1)] == ["dense"]


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=8))
def test_refunds_in_parts_take_back_all_and_never_more(granted: int, parts: list[int]) -> None:
    paid, so_far, back = sum(parts), 0, 0
    for part in parts:
        so_far += part
        now = taken_back(granted, so_far, paid)
        assert back <= now <= granted
        back = now
    assert back == granted


def test_growth_rules_read_back_equal() -> None:
    rules = read_growth_rules(
        "growth: 1\ncurrency: CNY\nspending: {per: '1.00'}\nfirst_order: 50\n"
        "activities: [{id: review, name: A review, growth: 5, per_day: 2}]"
    )
    assert read_growth_rules(rules.canonical()) == rules
