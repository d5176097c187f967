"""The calendar of a year is given as a whole, and replaces what was there: what one sees is what holds."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from rongshu.domain.settlement.holidays.models import Holiday
from rongshu.engine.withdrawals import Policy
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.scope import current_tenant

MOST = 366
_OFF = frozenset({"off", "holiday", "休", "放假", "休息"})
_WORKED = frozenset({"working", "work", "班", "上班", "调休"})


@dataclass(frozen=True, slots=True)
class Day:
    """One line of a calendar."""

    day: date
    working: bool
    name: str = ""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that cannot be taken: its number and a code (`date`, `kind`, `year`, `twice`, `same`, `too_many`)."""

    line: int
    code: str
    text: str


def read_days(text: str, year: int, rules: Policy | None = None) -> tuple[list[Day], list[BadLine]]:
    """A calendar as typed or pasted: `2026-10-01, off, National Day` a line, `working` for a weekend day worked; 休 and 班 do as well.

    With `rules`, a line that says what the weekday says anyway is refused: it is mostly a slip.
    """
    days: list[Day] = []
    wrong: list[BadLine] = []
    seen: set[date] = set()
    for number, cells in enumerate(csv.reader(io.StringIO(text.replace("，", ",").replace("\t", ","))), 1):
        parts = [cell.strip() for cell in cells]
        if not any(parts):
            continue
        try:
            day = date.fromisoformat(parts[0].replace("/", "-"))
        except ValueError:
            wrong.append(BadLine(number, "date", parts[0][:40]))
            continue
        kind = parts[1].lower() if len(parts) > 1 else "off"
        working = kind in _WORKED
        code = (
            "kind" if not working and kind not in _OFF
            else "year" if day.year != year
            else "twice" if day in seen
            else "same" if rules is not None and (day.weekday() in rules.working_weekdays) == working
            else ""
        )  # fmt: skip
        seen.add(day)
        if code:
            wrong.append(BadLine(number, code, parts[1][:40] if code == "kind" else str(day)))
        else:
            days.append(Day(day, working, ", ".join(part for part in parts[2:] if part)[:80]))
    if len(days) > MOST:
        wrong.append(BadLine(0, "too_many", str(len(days))))
    return sorted(days, key=lambda one: one.day), wrong


def set_holidays(*, year: int, days: Sequence[Day], by: Actor, now: datetime) -> int:
    """Sets the calendar of a year in place of the one before; how many days. Raises `invalid` for days of another year or twice the same."""
    if any(one.day.year != year for one in days) or len({one.day for one in days}) != len(days):
        raise invalid("bad_calendar", "Each day once, and all of the same year.", at="days")
    old = [Day(one.day, one.working, one.name) for one in Holiday.objects.filter(day__year=year).order_by("day")]
    wanted = sorted(days, key=lambda one: one.day)
    if old == wanted:
        return len(wanted)
    Holiday.objects.filter(day__year=year).delete()
    Holiday.objects.bulk_create(
        Holiday(tenant_id=current_tenant(), day=one.day, working=one.working, name=one.name) for one in wanted
    )
    record(
        "holidays.set", subject=str(year), by=by, now=now,
        off=[str(one.day) for one in wanted if not one.working], working=[str(one.day) for one in wanted if one.working],
    )  # fmt: skip
    return len(wanted)


__all__ = ["BadLine", "Day", "read_days", "set_holidays"]
