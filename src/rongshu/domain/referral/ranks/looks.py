"""A look at every promoter: what they hold, their figures in a window, and what a ladder makes of it. Nothing is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.queries import credited_sales
from rongshu.engine.calendar import local_days
from rongshu.engine.forest import grow
from rongshu.engine.ranks import NO_RANK, NOT_BELOW, Figures, Holdings, Ladder
from rongshu.kernel.clock import to_micros
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

_EPOCH = date(1970, 1, 1)


def date_of(day: int) -> date:
    """The date of a count of days since 1970-01-01."""
    return _EPOCH + timedelta(days=day)


def midnight(day: int, zone: ZoneInfo) -> datetime:
    """The instant at which a day begins in the zone."""
    return datetime.combine(date_of(day), time.min, zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Everybody:
    """All promoters of the tenant, by id."""

    ids: I64
    inviter: I64
    """Row of the inviter, -1 for none."""
    active: NDArray[np.bool_]


def everybody(now: datetime) -> Everybody:
    """All promoters, and who of them is active."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, coalesce(inviter_id, 0), (active_from <= %s AND coalesce(active_to > %s, true))::int "
            "FROM referral_promoter WHERE tenant_id = %s ORDER BY id",
            [now, now, current_tenant()],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    ids = np.ascontiguousarray(table[:, 0])
    inviter = np.where(table[:, 1] == 0, -1, np.searchsorted(ids, table[:, 1])).astype(np.int64)
    return Everybody(ids, inviter, table[:, 2] == 1)


def figures_between(people: Everybody, first: int, last: int, zone: ZoneInfo) -> Figures:
    """Everybody's figures of the days `first` to `last`, both included; the team is that of now."""
    starts = [first]
    for day in range(first + 1, last + 1):
        if date_of(day).day == 1:
            starts.append(day)
    sales = credited_sales([midnight(day, zone) for day in (*starts, last + 1)])
    columns = np.zeros((len(people.ids), 3), dtype=np.int64)
    if len(people.ids) and len(sales):
        rows = np.minimum(np.searchsorted(people.ids, sales[:, 0]), len(people.ids) - 1)
        known = people.ids[rows] == sales[:, 0]
        columns[rows[known]] = sales[known, 1:]
    orders, months, own = (np.ascontiguousarray(columns[:, column]) for column in range(3))
    active = people.active.astype(np.int64)
    forest = grow(people.inviter)
    invited = np.zeros(len(people.ids), dtype=np.int64)
    below = (people.inviter >= 0) & people.active
    np.add.at(invited, people.inviter[below], 1)
    return Figures(
        own_sales=own,
        own_orders=orders,
        active_months=months,
        invited_promoters=invited,
        team_size=forest.team_sum(active, own=False),
        team_sales=forest.team_sum(own),
    )


@dataclass(frozen=True, slots=True)
class Held:
    """What everybody holds, in the terms of one ladder."""

    words: list[str]
    """The rank's name as it stands, also one that the ladder does not know."""
    holdings: Holdings


def held(people: Everybody, ladder: Ladder, zone: ZoneInfo, now: datetime) -> Held:
    """What the people hold now; whoever stopped, or has a rank set until later, is marked as held. Who joined meanwhile is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, rank, coalesce(rank_since, joined_at), rank_below, coalesce(rank_held_until > %s, false) "
            "FROM referral_promoter WHERE tenant_id = %s ORDER BY id",
            [now, current_tenant()],
        )
        known = set(people.ids.tolist())
        rows = [row for row in cursor.fetchall() if row[0] in known]
    positions = {name: position for position, name in enumerate(ladder.names)}
    since = np.array([to_micros(row[2]) for row in rows], dtype=np.int64)
    below = [NOT_BELOW if row[3] is None else (row[3] - _EPOCH).days for row in rows]
    by_hand = np.array([row[4] for row in rows], dtype=np.bool_)
    return Held(
        [row[1] for row in rows],
        Holdings(
            rank=np.array([positions.get(row[1], NO_RANK) for row in rows], dtype=np.int64),
            since=local_days(since, zone),
            below=np.array(below, dtype=np.int64),
            held=by_hand | ~people.active,
        ),
    )
