from __future__ import annotations

from rongshu.domain.commerce.purchases.actions import FIGURES
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding

_SHOWN = "{0}.orders || ':' || {0}.paid || ':' || {0}.refunded || ':' || {0}.first_at || ':' || {0}.last_at"


def purchase_findings() -> list[Finding]:
    """Whether the figures of buyers are what their orders say, once all have theirs; of whom something waits to be counted is left out."""
    tenant = current_tenant()
    return [
        finding(
            "purchases of members = their orders",
            "SELECT coalesce(f.member_id, p.member_id)::text AS key, "
            f"coalesce({_SHOWN.format('f')}, '') AS expected, coalesce({_SHOWN.format('p')}, '') AS found FROM "
            f"({FIGURES.format(where='').replace('%(tenant)s', '%s')}) f FULL JOIN "
            "(SELECT * FROM commerce_purchases WHERE tenant_id = %s) p ON p.member_id = f.member_id "
            "WHERE EXISTS (SELECT 1 FROM commerce_purchases_head WHERE tenant_id = %s AND filled_at IS NOT NULL) "
            "AND coalesce(f.member_id, p.member_id) NOT IN (SELECT o.buyer_id FROM kernel_outboxevent e "
            " JOIN commerce_order o ON o.tenant_id = e.tenant_id AND o.id = ANY (e.subjects) "
            " WHERE e.tenant_id = %s AND e.delivered_at IS NULL AND e.kind IN ('order.paid', 'order.refunded') "
            " AND o.buyer_id IS NOT NULL)",
            [tenant, tenant, tenant, tenant],
        )
    ]
