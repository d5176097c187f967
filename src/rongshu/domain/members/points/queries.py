from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import F
from numpy.typing import NDArray

from rongshu.domain.members.points.models import OWED, TAKEN_BACK, PointsAccount, PointsLot, PointsMove, PointsVersion
from rongshu.domain.members.points.rulebook import offset_at
from rongshu.engine.calendar import local_day
from rongshu.engine.points.arithmetic import sign_in_points
from rongshu.engine.points.rules import Offset, Rules
from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book
from rongshu.ledger.queries import balances_of

I64 = NDArray[np.int64]


def newest_number() -> int:
    """Number of the version published last, begun or not; 0 for none."""
    return PointsVersion.objects.order_by("-number").values_list("number", flat=True).first() or 0


def version_numbered(number: int) -> PointsVersion | None:
    """A version by its number."""
    return PointsVersion.objects.filter(number=number).first()


def version(number: int) -> PointsVersion:
    """A version by its number. Raises `missing`."""
    found = version_numbered(number)
    if found is None:
        raise missing("no_points_version", "There is no version %(number)s of the rules of points.", number=number)
    return found


def versions(*, limit: int = 50) -> list[PointsVersion]:
    """Published versions, latest first."""
    return list(PointsVersion.objects.order_by("-number")[:limit])


def offset_rule(now: datetime) -> Offset | None:
    """What points are worth at checkout: `worth` minor units for 100, from `least`, in steps, for at most `share` ppm; None: nothing."""
    return offset_at(now)


@dataclass(frozen=True, slots=True)
class OrderLot:
    """What an order brought in all, by which version of the rules, and how much of it was taken back."""

    granted: int
    version: int
    back: int


def order_lots(orders: I64) -> dict[int, OrderLot]:
    """Of those of these orders that brought something."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT l.about, sum(l.amount)::bigint, min(l.version), coalesce((SELECT -sum(m.amount) FROM members_points_move m "
            " WHERE m.tenant_id = %s AND m.about = l.about AND m.kind IN (%s, %s)), 0)::bigint "
            "FROM members_points_lot l WHERE l.tenant_id = %s AND l.about = ANY (%s::bigint[]) AND l.about > 0 GROUP BY l.about "
            "ORDER BY l.about",
            [current_tenant(), TAKEN_BACK, OWED, current_tenant(), bulk.int8s(orders)],
        )
        return {order: OrderLot(granted, number, back) for order, granted, number, back in cursor.fetchall()}


def earned_since(members: I64, periods: I64, kind: str) -> I64:
    """What members earned by rules in days, or months, of the tenant's calendar: for each pair of the two arrays."""
    copying.flush()
    day = "(l.at AT TIME ZONE %s)::date"
    period = (
        f"({day} - date '1970-01-01')"
        if kind == "day"
        else f"(extract(year FROM {day}) * 12 + extract(month FROM {day}) - 1)::bigint"
    )
    zone = str(house().zone)
    with bulk.cursor() as cursor:
        cursor.execute(
            f"SELECT u.n, coalesce(sum(l.amount), 0)::bigint FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) "
            "AS u (n, member_id, period) JOIN members_points_lot l ON l.tenant_id = %s AND l.member_id = u.member_id "
            f"AND {period} = u.period AND (l.source IN ('order', 'first_order', 'sign_in') OR starts_with(l.source, 'task:')) "
            "GROUP BY u.n",
            [
                bulk.int8s(np.arange(len(members))), bulk.int8s(members), bulk.int8s(periods), current_tenant(),
                *([zone] if kind == "day" else [zone, zone]),
            ],
        )  # fmt: skip
        used = np.zeros(len(members), dtype=np.int64)
        for at, amount in cursor.fetchall():
            used[at] = amount
    return used


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's points: usable now, waiting, set aside, and owed (0 or above)."""

    usable: int = 0
    pending: int = 0
    reserved: int = 0
    owed: int = 0
    lapsing: int = 0
    """Still in the books but over: lapses with the next look of the clock; not in `usable`."""


def standings(members: Sequence[int], *, now: datetime) -> dict[int, Standing]:
    """The points of some members."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            'SELECT member_id, coalesce(sum("left") FILTER (WHERE is_open AND (expires_at IS NULL OR expires_at > %s)), 0)::bigint, '
            'coalesce(sum("left") FILTER (WHERE NOT is_open), 0)::bigint, '
            'coalesce(sum("left") FILTER (WHERE is_open AND expires_at <= %s), 0)::bigint '
            'FROM members_points_lot WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND "left" > 0 GROUP BY 1',
            [now, now, current_tenant(), bulk.int8s(list(members))],
        )
        lots = {member: amounts for member, *amounts in cursor.fetchall()}
    books = balances_of(members, (Book.POINTS_RESERVED, Book.POINTS_DEBT))
    found = {}
    for member in members:
        usable, pending, lapsing = lots.get(member, (0, 0, 0))
        held = books.get(member, {})
        owed = -held.get(Book.POINTS_DEBT, 0)
        found[member] = Standing(usable, pending, held.get(Book.POINTS_RESERVED, 0), owed, lapsing)
    return found


def standing(member_id: int, *, now: datetime) -> Standing:
    """The points of one member."""
    return standings([member_id], now=now)[member_id]


def lots_of(member_id: int, *, limit: int = 100) -> list[PointsLot]:
    """A member's lots that hold something, what ends first first."""
    mine = PointsLot.objects.filter(member_id=member_id, left__gt=0)
    return list(mine.order_by("-is_open", F("expires_at").asc(nulls_last=True), "id")[:limit])


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of a member's history: moves of one journal entry and kind together."""

    cursor: int
    at: datetime
    kind: int
    points: int
    """Up or down; of what was set aside and then spent or freed, down at the first and up at the release."""
    source: str
    """The lots' source where points came or lapsed."""
    why: dict[str, Any]
    about: int
    """The order, or 0."""
    what: str
    """What they were spent on."""
    lots: tuple[tuple[int, int], ...]
    """Lots with what each went up by, or down."""


def brought_points(order_id: int) -> tuple[int, int]:
    """What an order brought its buyer in points, and what refunds took back of it, with what is owed for that."""
    brought = sum(PointsLot.objects.filter(about=order_id).values_list("amount", flat=True))
    back = PointsMove.objects.filter(about=order_id, kind__in=(TAKEN_BACK, OWED)).values_list("amount", flat=True)
    return brought, -sum(back)


def history(member_id: int, *, below: int | None = None, limit: int = 30) -> list[Happened]:
    """What happened to a member's points, latest first; `below` is the cursor of the page before's last."""
    copying.flush()
    bound = "" if below is None else "HAVING max(m.id) < %s "
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT g.*, coalesce(h.what, ''), coalesce(l.source, ''), coalesce(l.why::text, '{}') FROM ("
            " SELECT max(m.id) AS id, max(m.at) AS at, m.kind, sum(m.amount)::bigint AS points, m.about, "
            " array_agg(m.lot_id ORDER BY m.id) AS lots, array_agg(m.amount ORDER BY m.id) AS amounts, min(m.lot_id) AS lot "
            " FROM members_points_move m WHERE m.tenant_id = %s AND m.member_id = %s "
            f" GROUP BY m.journal, m.kind, m.about {bound}ORDER BY 1 DESC LIMIT %s) g "
            "LEFT JOIN members_points_hold h ON h.tenant_id = %s AND h.id = g.about "
            "LEFT JOIN members_points_lot l ON l.tenant_id = %s AND l.id = g.lot ORDER BY g.id DESC",
            [current_tenant(), member_id, *(() if below is None else (below,)), limit, current_tenant(), current_tenant()],
        )  # fmt: skip
        return [
            Happened(
                at_id, at, kind, points, source, json.loads(why), about, what, tuple(zip(lots, amounts, strict=True))
            )
            for at_id, at, kind, points, about, lots, amounts, _lot, what, source, why in cursor.fetchall()
        ]


def signing(member_id: int, *, rules: Rules, now: datetime) -> tuple[int | None, bool, int]:
    """(days in a row so far, whether today is still to be signed, what it would bring); None where signing in brings nothing."""
    if not rules.sign_in:
        return None, False, 0
    account = PointsAccount.objects.filter(member_id=member_id).first()
    today = local_day(to_micros(now), house().zone)
    streak = account.streak if account is not None and account.signed_day >= today - 1 else 0
    return streak, account is None or account.signed_day < today, sign_in_points(rules, streak + 1)
