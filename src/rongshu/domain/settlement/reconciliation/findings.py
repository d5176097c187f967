"""What has to hold between the ledger's deposits and what bills and people said came and went."""

from __future__ import annotations

from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding


def cash_findings() -> list[Finding]:
    """Deposits, charges and losses in the ledger are what bills and decisions say; a line counts once; settled cash was posted."""
    tenant = current_tenant()
    return [
        finding(
            "deposits, charges and losses = what moved at providers",
            "SELECT k.book::text AS key, coalesce(m.amount, 0) AS expected, coalesce(b.amount, 0) AS found FROM "
            "(VALUES (155), (156), (157), (158)) AS k (book) LEFT JOIN "
            "(SELECT book, sum(amount)::bigint AS amount FROM (SELECT 155 AS book, amount FROM settlement_cash_move WHERE tenant_id = %s "
            " UNION ALL SELECT CASE kind WHEN 'fee' THEN 157 WHEN 'loss' THEN 158 ELSE 156 END, -amount FROM settlement_cash_move "
            " WHERE tenant_id = %s) s GROUP BY 1) m ON m.book = k.book LEFT JOIN "
            "(SELECT book, sum(amount)::bigint AS amount FROM ledger_balance WHERE tenant_id = %s GROUP BY 1) b ON b.book = k.book",
            [tenant, tenant, tenant],
        ),
        finding(
            "deposits and charges of bills count once",
            "SELECT l.id::text AS key, CASE WHEN l.gone_at IS NOT NULL THEN 0 WHEN l.kind = 'fee' THEN -l.amount ELSE l.amount END AS expected, "
            "coalesce(m.amount, 0) AS found FROM settlement_bill_line l LEFT JOIN "
            "(SELECT coalesce(o.line_id, r.line_id) AS line_id, sum(o.amount)::bigint AS amount FROM settlement_cash_move o "
            " LEFT JOIN settlement_cash_move r ON r.tenant_id = o.tenant_id AND r.id = o.replaced "
            " WHERE o.tenant_id = %s GROUP BY 1) m ON m.line_id = l.id "
            "WHERE l.tenant_id = %s AND l.kind IN ('deposit', 'fee')",
            [tenant, tenant],
        ),
        finding(
            "written off = what its differences come to",
            "SELECT coalesce(d.id, m.difference_id)::text AS key, d.amount AS expected, m.amount AS found FROM "
            "(SELECT id, ours - theirs AS amount FROM settlement_difference WHERE tenant_id = %s AND state = 'settled' "
            " AND decision = 'write_off') d FULL JOIN "
            "(SELECT difference_id, sum(amount)::bigint AS amount FROM settlement_cash_move WHERE tenant_id = %s AND kind = 'loss' "
            " GROUP BY 1) m ON m.difference_id = d.id",
            [tenant, tenant],
        ),
    ]
