from __future__ import annotations

from datetime import date

from rongshu.domain.insight.figures.models import DayFigures


def figures_between(since: date, until: date) -> list[DayFigures]:
    """The figures of the days from `since` to `until`, both included; days without any are left out."""
    return list(DayFigures.objects.filter(day__gte=since, day__lte=until).order_by("day"))


def last_day_with_orders(until: date) -> date | None:
    """The latest day up to `until` on which something was paid."""
    found = DayFigures.objects.filter(day__lte=until, orders__gt=0).order_by("-day").first()
    return None if found is None else found.day
