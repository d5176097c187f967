from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.referral.promoters.models import ForestHead
from rongshu.domain.referral.standings.models import ACTIVE, DAYS, ENDED, NEW, SLEEPING, STATES
from rongshu.engine.forest import grow
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

_FIGURES = ("enter", "leave", "depth", "team_size", "own_sales", "team_sales", "state", "place")
_FRESH = timedelta(days=1)
"""How long states hold by themselves: whoever sold nothing becomes sleeping without anything having moved."""


def count_sales(*, orders: Sequence[int]) -> None:
    """Adds newly paid orders to the sales of the promoters they are credited to."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_sales AS s (tenant_id, promoter_id, orders, sales, last_at) "
            "SELECT tenant_id, promoter_id, count(*), sum(paid), max(paid_at) FROM commerce_order "
            "WHERE tenant_id = %s AND id = ANY (%s::bigint[]) AND promoter_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 "
            "ON CONFLICT (tenant_id, promoter_id) DO UPDATE SET orders = s.orders + EXCLUDED.orders, sales = s.sales + EXCLUDED.sales, "
            "last_at = greatest(s.last_at, EXCLUDED.last_at)",
            [current_tenant(), bulk.int8s(orders)],
        )
    ForestHead.objects.filter(sales_moved=False).update(sales_moved=True)


def count_refunds(*, orders: Sequence[int], amounts: Sequence[int]) -> None:
    """Takes refunds off the sales of the promoters their orders are credited to, also when it hears of the sale later."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_sales AS s (tenant_id, promoter_id, orders, sales) "
            "SELECT o.tenant_id, o.promoter_id, 0, -sum(u.amount) FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, amount) "
            "JOIN commerce_order o ON o.tenant_id = %s AND o.id = u.id WHERE o.promoter_id IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 "
            "ON CONFLICT (tenant_id, promoter_id) DO UPDATE SET sales = s.sales + EXCLUDED.sales",
            [bulk.int8s(orders), bulk.int8s(amounts), current_tenant()],
        )
    ForestHead.objects.filter(sales_moved=False).update(sales_moved=True)


def move_sales(*, orders: Sequence[int], old: Sequence[int], new: Sequence[int], amounts: Sequence[int]) -> None:
    """Moves orders that a re-rating credited to others from the sales of `old` to those of `new` (0: nobody).

    `amounts` are what they were worth then, net of refunds; refunds that come later go by the new promoter themselves.
    """
    if not (len(orders) == len(old) == len(new) == len(amounts)):
        raise ValueError("one promoter before, one after and one amount for each order")
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO referral_sales AS s (tenant_id, promoter_id, orders, sales) SELECT %s, who, sum(sign), sum(sign * amount) FROM ("
            " SELECT old AS who, -1 AS sign, amount FROM unnest(%s::bigint[], %s::bigint[]) AS a (old, amount)"
            " UNION ALL SELECT new, 1, amount FROM unnest(%s::bigint[], %s::bigint[]) AS b (new, amount)) m "
            "WHERE who <> 0 GROUP BY who ORDER BY who "
            "ON CONFLICT (tenant_id, promoter_id) DO UPDATE SET orders = s.orders + EXCLUDED.orders, sales = s.sales + EXCLUDED.sales",
            [current_tenant(), bulk.int8s(old), bulk.int8s(amounts), bulk.int8s(new), bulk.int8s(amounts)],
        )
    ForestHead.objects.filter(sales_moved=False).update(sales_moved=True)


def refresh_standings(*, now: datetime) -> int:
    """Computes the standing of every promoter of the tenant, the whole forest at once; how many rows changed.

    Nothing is done while neither the forest nor any sales have moved and a day has not passed. Only rows that differ are written.
    """
    head = ForestHead.objects.select_for_update().first()
    fresh = head is not None and head.standing_at is not None and now - head.standing_at < _FRESH
    if head is None or (fresh and head.standing_version == head.version and not head.sales_moved):
        return 0
    ids, inviter, sales, state, known = _load(now)
    forest = grow(inviter)
    enter, leave = forest.intervals()
    figures = {
        "enter": enter,
        "leave": leave,
        "depth": forest.depth.astype(np.int64),
        "team_size": forest.team_size(),
        "own_sales": sales,
        "team_sales": forest.team_sum(sales),
        "state": state,
        "place": _places(forest.depth.astype(np.int64) * len(STATES) + state, enter),
    }
    changed = np.zeros(len(ids), dtype=bool)
    for column, name in enumerate(_FIGURES):
        changed |= known[:, column] != figures[name]
    rows = np.flatnonzero(changed)
    if len(rows):
        with bulk.cursor() as cursor:
            bulk.insert(
                cursor,
                "referral_standing",
                {
                    "promoter_id": bulk.int8s(ids[rows]),
                    **{name: bulk.int8s(values[rows]) for name, values in figures.items()},
                },
                constants={"tenant_id": current_tenant()},
                suffix="ON CONFLICT (tenant_id, promoter_id) DO UPDATE SET "
                + ", ".join(f"{name} = EXCLUDED.{name}" for name in _FIGURES),
            )
    ForestHead.objects.update(standing_version=head.version, standing_at=now, sales_moved=False)
    return len(rows)


def _places(group: I64, enter: I64) -> I64:
    """The place of each within its group, in the order of `enter`."""
    order = np.lexsort((enter, group))
    sorted_group = group[order]
    begins = np.flatnonzero(np.r_[True, sorted_group[1:] != sorted_group[:-1]]) if len(group) else np.zeros(0, np.int64)
    places = np.empty(len(group), dtype=np.int64)
    places[order] = np.arange(len(group)) - np.repeat(begins, np.diff(np.r_[begins, len(group)]))
    return places


def _load(now: datetime) -> tuple[I64, I64, I64, I64, I64]:
    """Ids, inviters (rows, -1 for none), own sales, states, and the standings as stored (-1 where there is none)."""
    since = now - timedelta(days=DAYS)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id, coalesce(p.inviter_id, 0), coalesce(s.sales, 0), CASE WHEN p.active_to <= %s THEN %s "
            "WHEN s.last_at > %s THEN %s WHEN p.joined_at > %s THEN %s ELSE %s END, "
            + ", ".join(f"coalesce(k.{name}, -1)" for name in _FIGURES)
            + " FROM referral_promoter p "
            "LEFT JOIN referral_sales s ON s.tenant_id = p.tenant_id AND s.promoter_id = p.id "
            "LEFT JOIN referral_standing k ON k.tenant_id = p.tenant_id AND k.promoter_id = p.id "
            "WHERE p.tenant_id = %s ORDER BY p.id",
            [now, ENDED, since, ACTIVE, since, NEW, SLEEPING, current_tenant()],
        )
        table = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 4 + len(_FIGURES))
    ids = np.ascontiguousarray(table[:, 0])
    inviter = np.where(table[:, 1] == 0, -1, np.searchsorted(ids, table[:, 1])).astype(np.int64)
    return ids, inviter, np.ascontiguousarray(table[:, 2]), np.ascontiguousarray(table[:, 3]), table[:, 4:]
