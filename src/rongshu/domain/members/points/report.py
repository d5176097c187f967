"""What a tenant owes in points: by the month they were earned in, by the month they end in, and how many will likely lapse.

Counting reads every lot and move once, so the clock does it once a day and keeps it; pages read what was kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from rongshu.domain.members.points.models import (
    EXPIRED,
    GIVEN_BACK,
    GRANTED,
    RELEASED,
    RESERVED,
    SPENT,
    PointsReport,
    PointsVersion,
)
from rongshu.engine.calendar import local_day
from rongshu.engine.points.arithmetic import lapse_forecast
from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

MONTHS = 24
"""Months to the end that are told apart; what ends later is taken as the last of them."""
_MONTH = 30 * 86_400


@dataclass(frozen=True, slots=True)
class Earned:
    """Lots earned in one month (`2026-11`) of the tenant's calendar. `used` is net of what was released and given back."""

    month: str
    granted: int
    used: int
    expired: int
    back: int
    left: int


@dataclass(frozen=True, slots=True)
class Ending:
    """What is left of lots that end in one month; "" for those that never do. `forecast` of them will likely lapse."""

    month: str
    left: int
    forecast: int


@dataclass(frozen=True, slots=True)
class Report:
    """Of lots that are over, `over_used` points were used and `over_expired` lapsed."""

    earned: tuple[Earned, ...]
    ending: tuple[Ending, ...]
    over_used: int
    over_expired: int

    @property
    def left(self) -> int:
        return sum(one.left for one in self.ending)

    @property
    def forecast(self) -> int:
        return sum(one.forecast for one in self.ending)


def count_report(*, now: datetime) -> bool:
    """Counts and keeps the report of the day, once. False where it was there already.

    A tenant that never had rules costs one look.
    """
    day = local_day(to_micros(now), house().zone)
    if PointsReport.objects.filter(day=day).exists() or not PointsVersion.objects.exists():
        return False
    PointsReport.add(day=day, at=now, document=asdict(_count(now)))
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """A report and when it was counted."""

    at: datetime
    report: Report


def kept_reports(*, limit: int = 1) -> list[Kept]:
    """The latest reports, latest first."""
    return [Kept(one.at, _read(one.document)) for one in PointsReport.objects.order_by("-day")[:limit]]


def _read(document: Mapping[str, Any]) -> Report:
    return Report(
        tuple(Earned(**one) for one in document["earned"]),
        tuple(Ending(**one) for one in document["ending"]),
        document["over_used"],
        document["over_expired"],
    )


def _count(now: datetime) -> Report:
    copying.flush()
    tenant, zone = current_tenant(), str(house().zone)
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT date_trunc('month', l.at AT TIME ZONE %s)::date, m.kind, sum(m.amount)::bigint FROM members_points_move m "
            "JOIN members_points_lot l ON l.tenant_id = m.tenant_id AND l.id = m.lot_id WHERE m.tenant_id = %s GROUP BY 1, 2",
            [zone, tenant],
        )
        moved = cursor.fetchall()
        cursor.execute(
            "SELECT least(%s, floor(extract(epoch FROM l.expires_at - m.at) / %s))::int, m.kind = %s, -sum(m.amount)::bigint "
            "FROM members_points_move m JOIN members_points_lot l ON l.tenant_id = m.tenant_id AND l.id = m.lot_id "
            "WHERE m.tenant_id = %s AND l.expires_at <= %s AND m.kind IN (%s, %s, %s, %s, %s) GROUP BY 1, 2",
            [MONTHS - 1, _MONTH, EXPIRED, tenant, now, RESERVED, SPENT, RELEASED, GIVEN_BACK, EXPIRED],
        )
        over = cursor.fetchall()
        cursor.execute(
            "SELECT date_trunc('month', l.expires_at AT TIME ZONE %s)::date, CASE WHEN l.expires_at IS NULL THEN -1 ELSE "
            'greatest(0, least(%s, floor(extract(epoch FROM l.expires_at - %s) / %s)))::int END, sum(l."left")::bigint '
            'FROM members_points_lot l WHERE l.tenant_id = %s AND l."left" > 0 GROUP BY 1, 2',
            [zone, MONTHS - 1, now, _MONTH, tenant],
        )
        living = cursor.fetchall()
    used, expired = [0] * MONTHS, 0
    for months, lapsed, amount in over:
        if lapsed:
            expired += amount
        else:
            used[max(months, 0)] += amount
    return Report(_earned(moved), _ending(living, used, expired), sum(used), expired)


def _earned(moved: Sequence[tuple[date, int, int]]) -> tuple[Earned, ...]:
    sums: dict[str, dict[str, int]] = {}
    for month, kind, amount in moved:
        one = sums.setdefault(f"{month:%Y-%m}", dict.fromkeys(("granted", "used", "expired", "back", "left"), 0))
        one["left"] += amount
        if kind == GRANTED:
            one["granted"] += amount
        elif kind == EXPIRED:
            one["expired"] -= amount
        elif kind in (RESERVED, SPENT, RELEASED, GIVEN_BACK):
            one["used"] -= amount
        else:
            one["back"] -= amount
    return tuple(Earned(month, **sums[month]) for month in sorted(sums, reverse=True))


def _ending(living: Sequence[tuple[date | None, int, int]], used: Sequence[int], expired: int) -> tuple[Ending, ...]:
    by_month: dict[str, list[int]] = {}
    never = 0
    for month, months, amount in living:
        if month is None:
            never += amount
        else:
            by_month.setdefault(f"{month:%Y-%m}", [0] * MONTHS)[months] += amount
    found = [
        Ending(month, sum(left), sum(lapse_forecast(left, used, expired))) for month, left in sorted(by_month.items())
    ]
    return (*found, Ending("", never, 0)) if never else tuple(found)
