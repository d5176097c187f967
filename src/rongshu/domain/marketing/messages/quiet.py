"""Quiet hours: when marketing waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


def after_quiet(now: datetime, zone: ZoneInfo, quiet_from: int, quiet_until: int) -> datetime:
    """`now` itself, or, inside the quiet hours of the tenant's day, the instant they end. The same hour twice: none are quiet."""
    local = now.astimezone(zone)
    over_midnight = quiet_from > quiet_until
    quiet = (
        local.hour >= quiet_from or local.hour < quiet_until
        if over_midnight
        else quiet_from <= local.hour < quiet_until
    )
    if not quiet:
        return now
    day = local.date() + timedelta(days=1 if over_midnight and local.hour >= quiet_from else 0)
    return datetime(day.year, day.month, day.day, quiet_until, tzinfo=zone).astimezone(now.tzinfo)
