from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta

from django.db.models import Q

from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.tenancy.queries import house

BIRTHDAY, ANNIVERSARY = "birthday", "anniversary"
OCCASIONS = (BIRTHDAY, ANNIVERSARY)


def members_of_day(occasion: str, day: date, *, after: int, limit: int) -> list[tuple[int, str]]:
    """(id, tier) of those whose birthday or anniversary a day is, by id; whoever was merged into another is left out.

    Where the year has no 29 February, its day is the 28th. The day of joining itself is no anniversary.
    """
    rows = Member.objects.filter(heir_id__isnull=True, id__gt=after)
    rows = rows.filter(birth_day__in=_numbers(day)) if occasion == BIRTHDAY else rows.filter(_joined_on(day))
    return list(rows.order_by("id").values_list("id", "tier")[:limit])


def _numbers(day: date) -> list[int]:
    short = (day.month, day.day) == (2, 28) and not calendar.isleap(day.year)
    return [100 * day.month + day.day, *([229] if short else [])]


def _joined_on(day: date) -> Q:
    first = Member.objects.order_by("created_at").values_list("created_at", flat=True).first()
    found, zone = Q(id__isnull=True), house().zone
    for year in range(day.year if first is None else first.astimezone(zone).year, day.year):
        for number in _numbers(day):
            month, number = divmod(number, 100)
            if (month, number) == (2, 29) and not calendar.isleap(year):
                continue
            begins = datetime.combine(date(year, month, number), time(), tzinfo=zone)
            ends = datetime.combine(date(year, month, number) + timedelta(days=1), time(), tzinfo=zone)
            found |= Q(created_at__gte=begins, created_at__lt=ends)
    return found
