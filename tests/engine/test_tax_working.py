"""The printed working of a month's tax agrees with what is withheld."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.tax import Cumulative, NoFigure, labour_month, non_resident
from rongshu.engine.tax.working import rule_of, working

DAY = date(2026, 6, 10)
AMOUNTS = st.integers(0, 2_000_000_00)


@given(AMOUNTS)
def test_of_labour(paid: int) -> None:
    found = working("labour", paid, DAY)
    assert found.due == labour_month(paid, DAY)
    assert (found.income, found.fee + found.taxable) == (paid, paid)
    assert abs(found.taxable * found.ppm / 1_000_000 - found.quick - found.due) < 1.5


@given(AMOUNTS)
def test_of_non_residents(paid: int) -> None:
    found = working("non_resident", paid, DAY)
    assert found.due == non_resident(paid, DAY)
    assert abs(found.taxable * found.ppm / 1_000_000 - found.quick - found.due) < 1.5


@given(st.lists(st.integers(1, 200_000_00), min_size=1, max_size=12))
def test_of_platforms_month_after_month(paid: list[int]) -> None:
    year = Cumulative()
    for month in paid:
        found = working("platform", month, DAY, year)
        year, due = year.month(month, DAY)
        assert found.due == due
        assert (found.total_income, found.total_allowance) == (year.income, 500_000 * year.months)
        assert found.due in (month, max(0, found.total_tax - found.before))


def test_a_month_by_hand() -> None:
    found = working("labour", 4_500_55, DAY)
    assert (found.fee, found.taxable, found.ppm, found.quick, found.due) == (900_11, 3_600_44, 200_000, 0, 720_09)
    found = working("labour", 500_00, DAY)
    assert (found.fee, found.taxable, found.due) == (500_00, 0, 0)
    found = working("labour", 62_500_00, DAY)
    assert (found.taxable, found.ppm, found.quick, found.due) == (50_000_00, 300_000, 2_000_00, 13_000_00)


def test_rules_have_their_dates() -> None:
    rule = rule_of("platform", DAY)
    assert rule is not None
    assert (rule.since, rule.until) == (date(2025, 10, 1), None)
    assert rule_of("none", DAY) is None
    with pytest.raises(NoFigure):
        rule_of("platform", date(2025, 9, 30))
