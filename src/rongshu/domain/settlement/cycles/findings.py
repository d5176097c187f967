"""What has to hold between runs and what they asked for."""

from __future__ import annotations

from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding


def run_findings() -> list[Finding]:
    """A run's figures are those of its withdrawals and of those it left out."""
    tenant = current_tenant()
    return [
        finding(
            "runs = their withdrawals",
            "SELECT coalesce(r.id, w.run_id)::text AS key, r.promoters || ' / ' || r.amount || ' / ' || r.fee AS expected, "
            "coalesce(w.promoters, 0) || ' / ' || coalesce(w.amount, 0) || ' / ' || coalesce(w.fee, 0) AS found FROM "
            "(SELECT id, promoters, amount, fee FROM settlement_run WHERE tenant_id = %s) r FULL JOIN "
            "(SELECT run_id, count(*) AS promoters, sum(amount) AS amount, sum(fee) AS fee FROM settlement_withdrawal "
            " WHERE tenant_id = %s AND run_id IS NOT NULL GROUP BY 1) w ON w.run_id = r.id",
            [tenant, tenant],
        ),
        finding(
            "runs = whom they left out",
            "SELECT coalesce(r.id, o.run_id)::text AS key, r.left_out || ' / ' || r.left_amount AS expected, "
            "coalesce(o.promoters, 0) || ' / ' || coalesce(o.amount, 0) AS found FROM "
            "(SELECT id, left_out, left_amount FROM settlement_run WHERE tenant_id = %s) r FULL JOIN "
            "(SELECT run_id, count(*) AS promoters, sum(amount) AS amount FROM settlement_left_out "
            " WHERE tenant_id = %s GROUP BY 1) o ON o.run_id = r.id",
            [tenant, tenant],
        ),
    ]
