"""What promoters had accrued before an order was rated, for plans that cap a promoter's day or month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import connection

from rongshu.domain.commission.explanations.found import Found
from rongshu.domain.commission.rating.caps import DAY, MONTH, bounds
from rongshu.domain.commission.rating.models import Commission
from rongshu.engine.calendar import local_day, month_of_day
from rongshu.kernel.clock import to_micros
from rongshu.kernel.tenancy.scope import current_tenant


def used_before(found: Found) -> Iterator[tuple[int, int, int]]:
    """(place from 0, used of the day, used of the month) of everybody in the chain, minor units; nothing where no cap asks.

    What a row's cut tells of it is exact, for that is what the rating counted with; where nothing was cut it is the sum of
    what was rated before, as far as it left room for this order.
    """
    plan = found.plan
    if plan is None or (plan.caps.promoter_day is None and plan.caps.promoter_month is None):
        return
    sums = _sums(found)
    for place, promoter in enumerate(found.rating.chain):
        rows = [row for row in found.commissions if row.beneficiary_id == promoter]
        rows.sort(key=lambda row: (row.line_no, row.kind, row.level))  # as caps count; a re-rating numbers anew
        day, month = sums.get(promoter, (0, 0))
        yield (
            place,
            _counted(plan.caps.promoter_day, day, [(row, row.cut_day, row.cut_month) for row in rows]),
            _counted(plan.caps.promoter_month, month, [(row, row.cut_month, 0) for row in rows]),
        )


def _counted(cap: int | None, summed: int, rows: Sequence[tuple[Commission, int, int]]) -> int:
    """`rows` with what the cap took of each, and what a later cap took of the rest."""
    if cap is None:
        return summed
    granted = 0
    for row, cut, later in rows:
        if cut:
            return max(0, cap - granted - (row.amount + later))
        granted += row.amount
    return max(0, min(summed, cap - granted))


def _sums(found: Found) -> dict[int, tuple[int, int]]:
    """By promoter what orders rated before this one accrued in its day and its month."""
    order, zone = found.order, found.house.zone
    day = local_day(to_micros(order.paid_at), zone)
    day_start, day_end = bounds(DAY, day, zone)
    month_start, month_end = bounds(MONTH, month_of_day(day), zone)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.beneficiary_id, coalesce(sum(c.amount) FILTER (WHERE c.paid_at >= %s AND c.paid_at < %s), 0)::bigint, "
            "sum(c.amount)::bigint FROM commission_commission c "
            "JOIN commission_rating r ON r.tenant_id = %s AND r.order_id = c.order_id "
            "WHERE c.tenant_id = %s AND c.beneficiary_id = ANY (%s::bigint[]) AND c.state = ANY ('{0,1}') "
            "AND c.paid_at >= %s AND c.paid_at < %s AND (r.rated_at, c.paid_at, c.order_id) < (%s, %s, %s) GROUP BY 1",
            [
                day_start, day_end, current_tenant(), current_tenant(), list(found.rating.chain), month_start, month_end,
                found.rating.rated_at, order.paid_at, order.id,
            ],
        )  # fmt: skip
        return {who: (of_day, of_month) for who, of_day, of_month in cursor.fetchall()}
