"""Which months of growth value count, and when somebody is assessed next. Months are `year * 12 + month - 1`."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from rongshu.engine.tiers.frames import Ladder


def month_of(at: datetime, zone: tzinfo) -> int:
    """The month of an instant in the zone."""
    local = at.astimezone(zone)
    return local.year * 12 + local.month - 1


def start_of_month(month: int, zone: tzinfo) -> datetime:
    """Its first instant."""
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone).astimezone(UTC)


def running(ladder: Ladder, month: int) -> tuple[int, int]:
    """The months (first, last) that count for rising in a month."""
    if ladder.window == "ever":
        return 0, month
    return (month // 12 * 12 if ladder.window == "year" else month - ladder.months + 1), month


def judged(ladder: Ladder, month: int) -> tuple[int, int]:
    """The months that an assessment in a month looks at: by the year, the one before and this one so far, so that grace
    can make up for it; else the same that count for rising."""
    return (month // 12 * 12 - 12, month) if ladder.window == "year" else running(ladder, month)


def next_assessment(ladder: Ladder, now: datetime, zone: tzinfo, *, rose: bool) -> datetime:
    """When a tier reached or kept now is assessed: by the year on 1 January, not before a whole year has counted for who
    rose in this one; else after the window's months, on the first of the month after."""
    month = month_of(now, zone)
    if ladder.window == "year":
        return start_of_month((month // 12 + (2 if rose else 1)) * 12, zone)
    return start_of_month(month + ladder.months + 1, zone)
