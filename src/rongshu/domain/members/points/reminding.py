"""Who is to be told that points of theirs end: so many days before, as the rules say, each batch once.

What is still ahead is read in the order in which lots end, so that the cost of a day is that of the lots it reminds of.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db import connection

from rongshu.domain.members.points.models import PointsReminder
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.kernel import copying
from rongshu.kernel.tenancy.scope import current_tenant

BATCH = 5_000

_DUE = (
    'SELECT expires_at, member_id, sum("left")::bigint FROM members_points_lot WHERE tenant_id = %s AND "left" > 0 AND is_open '
    "AND (expires_at, member_id) > (%s, %s) AND expires_at <= %s GROUP BY 1, 2 ORDER BY 1, 2 LIMIT %s"
)


@dataclass(frozen=True, slots=True)
class EndingPoints:
    """`points` of a member end at `until`; told `days` before or later."""

    member_id: int
    points: int
    until: datetime
    days: int


def due_reminders(*, now: datetime, limit: int = BATCH) -> list[EndingPoints]:
    """At most `limit` reminders for each number of days the rules name; they count as told from then on.

    Where points end within fewer days, the smaller number speaks for them.
    """
    return [one for days, least in _spans(rules_at(now)[1].remind) for one in _due(now, days, least, limit)]


def _spans(days: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Each number of days and the next smaller one, 0 for the last."""
    ordered = sorted(set(days), reverse=True)
    return pairwise([*ordered, 0])


def _due(now: datetime, days: int, least: int, limit: int) -> list[EndingPoints]:
    copying.flush()
    start = now + timedelta(days=least)
    PointsReminder.objects.bulk_create(
        [PointsReminder(tenant_id=current_tenant(), days=days, until_at=start)], ignore_conflicts=True
    )
    mark = PointsReminder.objects.select_for_update().get(days=days)
    since, member = max((mark.until_at, mark.member_id), (start, 0))
    until = now + timedelta(days=days)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [current_tenant(), since, member, until, limit])
        rows = cursor.fetchall()
    if rows:
        mark.until_at, mark.member_id = rows[-1][:2]
        mark.save(update_fields=["until_at", "member_id"])
    return [EndingPoints(who, points, ends, days) for ends, who, points in rows]
