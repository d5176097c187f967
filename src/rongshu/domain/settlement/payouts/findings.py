"""What has to hold between batches, what providers were told to pay, and withdrawals."""

from __future__ import annotations

from rongshu.domain.settlement.payouts.sealing import LINES
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding


def payout_findings() -> list[Finding]:
    """What was approved is what is paid; what providers were told is what is on its way or has arrived."""
    tenant = current_tenant()
    return [
        finding(
            "batches are what they were when they were made",
            "SELECT b.id::text AS key, b.seal AS expected, "
            f"(SELECT {LINES} FROM settlement_withdrawal w WHERE w.tenant_id = b.tenant_id AND w.batch_id = b.id) AS found "
            "FROM settlement_batch b WHERE b.tenant_id = %s AND b.seal <> '' AND b.undone_at IS NULL",
            [tenant],
        ),
        finding(
            "told to providers = sent and confirmed",
            "SELECT coalesce(w.batch_id, p.batch_id)::text AS key, coalesce(w.net, 0) AS expected, coalesce(p.amount, 0) AS found FROM "
            "(SELECT w.batch_id, sum(w.amount - w.fee - w.tax)::bigint AS net FROM settlement_withdrawal w "
            " JOIN settlement_batch b ON b.tenant_id = w.tenant_id AND b.id = w.batch_id AND b.provider IN ('wechat', 'alipay') "
            " WHERE w.tenant_id = %s AND w.state IN ('sent', 'confirmed', 'returned') GROUP BY 1) w FULL JOIN "
            "(SELECT batch_id, sum(amount)::bigint AS amount FROM settlement_payment "
            " WHERE tenant_id = %s AND state <> 'failed' GROUP BY 1) p ON p.batch_id = w.batch_id",
            [tenant, tenant],
        ),
        finding(
            "what a provider said of a payment is what its withdrawal says",
            "SELECT p.withdrawal_id::text AS key, true AS expected, (p.code <> 'paid_after_failed' AND w.id IS NOT NULL "
            "AND w.batch_id = p.batch_id AND p.amount = w.amount - w.fee - w.tax AND CASE p.state "
            "WHEN 'paid' THEN w.state IN ('confirmed', 'returned') WHEN 'failed' THEN w.state = 'failed' ELSE w.state = 'sent' END) AS found "
            "FROM settlement_payment p LEFT JOIN settlement_withdrawal w ON w.tenant_id = p.tenant_id AND w.id = p.withdrawal_id "
            "WHERE p.tenant_id = %s",
            [tenant],
        ),
    ]
