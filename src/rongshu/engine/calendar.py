"""Days and months of a time zone, for many instants at once.

Instants are int64 microseconds since 1970-01-01 UTC; a day is the count of days since 1970-01-01 in the zone; a month
is `year * 12 + month - 1` there.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

I64 = NDArray[np.int64]

SECOND = 1_000_000
DAY = 86_400 * SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST = -719_162 + 2
_LAST = 2_932_896 - 2
"""Days the calendar can name, less a margin for the offset of a zone; instants outside are taken as the nearest."""


def local_days(instants: I64, zone: tzinfo) -> I64:
    """The day of each instant in the zone, changes of the clock included."""
    if not instants.size:
        return instants.copy()
    first = min(max(int(instants.min()) // DAY, _FIRST), _LAST)
    last = min(max(int(instants.max()) // DAY, _FIRST), _LAST)
    changes, offsets = _offsets(first, last + 1, zone)
    if len(offsets) == 1:
        return (instants + offsets[0]) // DAY
    at = np.searchsorted(np.array(changes, dtype=np.int64), instants, side="right")
    return (instants + np.array(offsets, dtype=np.int64)[at]) // DAY


def months_of_days(days: I64) -> I64:
    """The month of each day; the zone is already in the day."""
    months: I64 = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months


def sums_by_day(days: I64, *values: I64) -> dict[str, list[int]]:
    """The sums of each of `values` by day; keys are days as text, so that it can be kept as JSON."""
    unique, at = np.unique(days, return_inverse=True)
    sums = np.zeros((len(unique), len(values)), dtype=np.int64)
    for column, amounts in enumerate(values):
        np.add.at(sums[:, column], at, amounts)
    return dict(zip(map(str, unique.tolist()), sums.tolist(), strict=True))


def local_day(instant: int, zone: tzinfo) -> int:
    """The day of one instant in the zone."""
    return int(local_days(np.array([instant], dtype=np.int64), zone)[0])


def month_of_day(day: int) -> int:
    """The month of one day."""
    return int(months_of_days(np.array([day], dtype=np.int64))[0])


def day_number(day: date) -> int:
    """Days since 1970-01-01 of a date."""
    return day.toordinal() - 719_163


def day_of(number: int) -> date:
    """The date of a count of days since 1970-01-01."""
    return date.fromordinal(number + 719_163)


def instant_of(moment: datetime) -> int:
    """Microseconds since 1970-01-01 UTC of an aware datetime. Raises ValueError for one without a zone."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _offsets(first: int, last: int, zone: tzinfo) -> tuple[list[int], list[int]]:
    """Instants between two UTC days at which the zone's offset changes, and the offsets around them, microseconds.

    A zone changes its clock at most once within 24 hours, so that comparing midnights finds every change.
    """
    changes: list[int] = []
    offsets = [_offset(first * DAY, zone)]
    day = first
    while day < last:
        following = min(day + 1, last)
        after = _offset(following * DAY, zone)
        if after != offsets[-1]:
            low, high = day * DAY // SECOND, following * DAY // SECOND
            while high - low > 1:
                middle = (low + high) // 2
                if _offset(middle * SECOND, zone) == offsets[-1]:
                    low = middle
                else:
                    high = middle
            changes.append(high * SECOND)
            offsets.append(after)
        day = following
    return changes, offsets


def _offset(instant: int, zone: tzinfo) -> int:
    offset = (_EPOCH + timedelta(microseconds=instant)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(microseconds=1)
