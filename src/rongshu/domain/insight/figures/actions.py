from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from django.db import connection

from rongshu.kernel.tenancy.scope import current_tenant

COLUMNS = ("orders", "paid", "accrued", "released", "reversed", "refunded")


def count(*, columns: Sequence[str], days: Mapping[str, Sequence[int]]) -> None:
    """Adds to the figures of days (days since 1970-01-01 in the tenant's zone, as text): one number a column and day."""
    if not set(columns) <= set(COLUMNS):
        raise ValueError(f"no such figures: {columns}")
    if not days:
        return
    dates = [date(1970, 1, 1) + timedelta(days=int(day)) for day in days]
    numbers = [[values[i] for values in days.values()] for i in range(len(columns))]
    names = ", ".join(columns)
    others = [name for name in COLUMNS if name not in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO insight_day AS d (tenant_id, day, {names}, {', '.join(others)}) "
            f"SELECT %s, u.*, {', '.join('0' for _ in others)} "
            f"FROM unnest(%s::date[], {', '.join('%s::bigint[]' for _ in columns)}) AS u ORDER BY 2 "
            f"ON CONFLICT (tenant_id, day) DO UPDATE SET {', '.join(f'{name} = d.{name} + EXCLUDED.{name}' for name in columns)}",
            [current_tenant(), dates, *numbers],
        )
