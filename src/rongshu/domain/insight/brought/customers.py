"""What a promoter's customers bought."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from rongshu.domain.commission.rating.models import REPLACED
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Bought:
    """A customer's orders credited to the promoter, the latest payment, and the commission of them, what was taken back taken off."""

    orders: int
    last_at: datetime
    commission: int


def bought_by(promoter_id: int, members: Sequence[int]) -> dict[int, Bought]:
    """What some customers bought with the promoter; those who bought nothing are left out. Cancelled orders do not count."""
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.buyer_id, count(*), max(o.paid_at), coalesce(sum(c.net), 0)::bigint FROM commerce_order o "
            "LEFT JOIN LATERAL (SELECT sum(amount - reversed) AS net FROM commission_commission c WHERE c.tenant_id = %s "
            "AND c.order_id = o.id AND c.beneficiary_id = %s AND c.state < %s) c ON true "
            "WHERE o.tenant_id = %s AND o.buyer_id = ANY (%s) AND o.promoter_id = %s AND o.cancelled_at IS NULL GROUP BY 1",
            [tenant, promoter_id, REPLACED, tenant, list(members), promoter_id],
        )
        return {row[0]: Bought(row[1], row[2], row[3]) for row in cursor.fetchall()}
