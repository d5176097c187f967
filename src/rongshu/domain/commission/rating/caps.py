"""Promoter caps in the live path: what each promoter has accrued this day and month.

Kept from the first capped version on, one row a promoter and period. A period that has no row yet is counted once from the
commissions themselves, so that a cap published in the middle of a month knows the month's beginning.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.batch import OrderBatch
from rongshu.domain.referral.promoters.queries import Upline
from rongshu.engine.calendar import local_days, months_of_days
from rongshu.engine.rating.frames import Usage
from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

DAY, MONTH = 0, 1


def usage_before(batch: OrderBatch, members: I64, upline: Upline, zone: tzinfo) -> Usage:
    """What everybody in `upline` has accrued in the days and months of these orders; keys are rows of `upline`."""
    days = np.unique(local_days(batch.paid_at[members], zone))
    months = np.unique(months_of_days(days))
    if not len(upline.ids):
        return Usage()
    return Usage(day=_usage(DAY, days, upline, zone), month=_usage(MONTH, months, upline, zone))


def _usage(kind: int, periods: I64, upline: Upline, zone: tzinfo) -> dict[tuple[int, int], int]:
    ids = upline.ids
    tenant = current_tenant()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT promoter_id, period, used FROM commission_cap_usage "
            "WHERE tenant_id = %s AND promoter_id = ANY (%s::bigint[]) AND kind = %s AND period = ANY (%s::integer[])",
            [tenant, bulk.int8s(ids), kind, bulk.int4s(periods)],
        )
        known = {(who, period): used for who, period, used in cursor.fetchall()}
        for period in periods.tolist():
            lacking = np.array([who for who in ids.tolist() if (who, period) not in known], dtype=np.int64)
            if not len(lacking):
                continue
            start, end = bounds(kind, period, zone)
            cursor.execute(
                "SELECT u.id, coalesce((SELECT sum(c.amount) FROM commission_commission c WHERE c.tenant_id = %s "
                "AND c.beneficiary_id = u.id AND c.state = ANY ('{0,1}') AND c.paid_at >= %s AND c.paid_at < %s), 0)::bigint "
                "FROM unnest(%s::bigint[]) AS u (id)",
                [tenant, start, end, bulk.int8s(lacking)],
            )
            counted = cursor.fetchall()
            known.update({(who, period): used for who, used in counted})
            bulk.insert(
                cursor,
                "commission_cap_usage",
                {
                    "promoter_id": bulk.int8s([who for who, _ in counted]),
                    "used": bulk.int8s([used for _, used in counted]),
                },
                constants={"tenant_id": tenant, "kind": kind, "period": period},
                suffix="ON CONFLICT DO NOTHING",
            )
    rows = {who: row for row, who in enumerate(ids.tolist())}
    return {(rows[who], period): used for (who, period), used in known.items() if used}


def bounds(kind: int, period: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of a day or month in the tenant's zone, and the first one after it."""
    if kind == DAY:
        start = date(1970, 1, 1) + timedelta(days=period)
        end = start + timedelta(days=1)
    else:
        start = date(period // 12, period % 12 + 1, 1)
        end = date((period + 1) // 12, (period + 1) % 12 + 1, 1)
    first, after = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (start, end))
    return first, after


def count_usage(paid_at: I64, beneficiary: I64, amount: I64, zone: tzinfo) -> None:
    """Adds what was just accrued to the days and months it was paid in."""
    if not len(amount):
        return
    days = local_days(paid_at, zone)
    with bulk.cursor() as cursor:
        for kind, periods in ((DAY, days), (MONTH, months_of_days(days))):
            cursor.execute(
                "INSERT INTO commission_cap_usage AS k (tenant_id, promoter_id, kind, period, used) "
                "SELECT %s, who, %s, period, sum(amount) "
                "FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS u (who, period, amount) GROUP BY who, period "
                "ORDER BY who, period "
                "ON CONFLICT (tenant_id, promoter_id, kind, period) DO UPDATE SET used = k.used + EXCLUDED.used",
                [current_tenant(), kind, bulk.int8s(beneficiary), bulk.int4s(periods), bulk.int8s(amount)],
            )
