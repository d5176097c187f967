from __future__ import annotations

from datetime import date, timedelta

from rongshu.domain.settlement.holidays.models import Holiday
from rongshu.domain.settlement.policies.queries import policy
from rongshu.engine.workdays import Workdays

_BACK = timedelta(days=100)
"""Older days decide nothing any more."""


def workdays(since: date) -> Workdays:
    """The tenant's working days as of `since` and later: the policy's weekdays and the calendar."""
    rows = Holiday.objects.filter(day__gte=since - _BACK).values_list("day", "working")
    days = list(rows)
    return Workdays(
        policy().working_weekdays,
        frozenset(day for day, working in days if not working),
        frozenset(day for day, working in days if working),
    )


def holidays(year: int) -> list[Holiday]:
    """The calendar of a year, in order."""
    return list(Holiday.objects.filter(day__year=year).order_by("day"))


def holiday_years() -> list[int]:
    """The years the calendar says something about, in order."""
    return [found.year for found in Holiday.objects.dates("day", "year")]


def handled_on(day: date) -> date:
    """The working day on which a withdrawal asked for on `day` is handled."""
    return workdays(day).from_day(day)
