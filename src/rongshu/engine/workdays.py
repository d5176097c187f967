"""Working days, and the days on which withdrawals are settled. Days are dates where the tenant is."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from rongshu.engine.withdrawals import Policy

_DAY = timedelta(days=1)
_LONGEST = 60
"""Days in a row that may be off; a calendar without a working day for longer is taken to have one then."""


@dataclass(frozen=True, slots=True)
class Workdays:
    """The weekdays that are worked (Monday is 0), the days off among them, and the days worked all the same (调休)."""

    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    off: frozenset[date] = frozenset()
    on: frozenset[date] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether a day is worked; a day named both ways is."""
        return day in self.on or (day.weekday() in self.weekdays and day not in self.off)

    def from_day(self, day: date) -> date:
        """The first working day on or after `day`."""
        for later in range(_LONGEST):
            if self.is_working(day + later * _DAY):
                return day + later * _DAY
        return day + _LONGEST * _DAY


def cycle_days(policy: Policy, since: date) -> Iterator[date]:
    """The days a policy names for settling, from `since` on, in order, whether worked or not; none for "request"."""
    if policy.cycle == "request":
        return
    day = since
    while True:
        if _is_named(policy, day):
            yield day
        day += _DAY


def _is_named(policy: Policy, day: date) -> bool:
    if policy.cycle == "weekly":
        return day.weekday() == policy.cycle_day
    if policy.cycle == "monthly":
        return day.day == min(policy.cycle_day, monthrange(day.year, day.month)[1])
    return True


def next_run(policy: Policy, workdays: Workdays, since: date) -> date | None:
    """The first working day from `since` on on which a run is due: a day named that is off moves to the next working day. None for "request"."""
    for day in cycle_days(policy, since - _LONGEST * _DAY):
        due = workdays.from_day(day)
        if due >= since:
            return due
    return None


def ripe_before(policy: Policy, day: date) -> date:
    """What became available before this day began counts in a run of `day` (T+N): with N = 0 all of it, with N = 1 yesterday's and older."""
    return day - (policy.cycle_wait_days - 1) * _DAY
