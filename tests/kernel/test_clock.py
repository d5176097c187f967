from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from rongshu.kernel.clock import EPOCH, from_micros, to_micros, utc_now


def test_now_is_in_utc() -> None:
    assert utc_now().utcoffset() == timedelta(0)


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_exact_both_ways(instant: datetime) -> None:
    assert from_micros(to_micros(instant)) == instant


def test_the_zone_does_not_matter() -> None:
    instant = datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    assert to_micros(instant) == to_micros(instant.astimezone(UTC)) == 1_777_593_600_000_000
    assert to_micros(EPOCH) == 0 and to_micros(EPOCH - timedelta(microseconds=1)) == -1
