"""What has to hold between withdrawals and the ledger."""

from __future__ import annotations

from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding


def settlement_findings() -> list[Finding]:
    """Reserved is what is asked for and has not ended; what was kept as tax is what the confirmed say."""
    tenant = current_tenant()
    return [
        finding(
            "reserved = open withdrawals",
            "SELECT coalesce(b.owner, w.owner)::text AS key, coalesce(w.amount, 0) AS expected, coalesce(b.amount, 0) AS found FROM "
            "(SELECT owner, amount FROM ledger_balance WHERE tenant_id = %s AND book = 103 AND owner > 0 AND amount <> 0) b FULL JOIN "
            "(SELECT promoter_id AS owner, sum(amount) AS amount FROM settlement_withdrawal "
            " WHERE tenant_id = %s AND state IN ('asked', 'approved', 'sent') GROUP BY 1) w ON w.owner = b.owner",
            [tenant, tenant],
        ),
        finding(
            "paid out, tax and fees = confirmed withdrawals",
            "SELECT m.book::text AS key, CASE m.book WHEN 152 THEN w.net WHEN 153 THEN w.tax ELSE w.fee END AS expected, "
            "coalesce(m.amount, 0) AS found FROM "
            "(SELECT k.book, sum(b.amount)::bigint AS amount FROM (VALUES (152), (153), (154)) AS k (book) "
            " LEFT JOIN ledger_balance b ON b.tenant_id = %s AND b.book = k.book GROUP BY 1) m, "
            "(SELECT coalesce(sum(amount - fee - tax), 0)::bigint AS net, coalesce(sum(tax), 0)::bigint AS tax, "
            " coalesce(sum(fee), 0)::bigint AS fee FROM settlement_withdrawal WHERE tenant_id = %s AND state = 'confirmed') w",
            [tenant, tenant],
        ),
    ]
