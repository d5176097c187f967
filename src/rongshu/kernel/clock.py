"""The one place where the time of day is read. Everything below receives it as an argument `now`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def utc_now() -> datetime:
    """The present instant, in UTC."""
    return datetime.now(UTC)


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970-01-01 UTC, exact (no float on the way)."""
    return (instant - EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The UTC instant of a count of microseconds since 1970-01-01 UTC."""
    return EPOCH + timedelta(microseconds=micros)
