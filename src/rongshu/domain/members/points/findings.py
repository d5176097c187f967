"""What must always hold between lots, moves, holds and the ledger's books of points."""

from __future__ import annotations

from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.queries import Finding, finding


def points_findings() -> list[Finding]:
    """Recomputed from the rows of the active tenant."""
    tenant = current_tenant()
    lots = 'SELECT member_id AS owner, sum("left") AS amount FROM members_points_lot WHERE tenant_id = %s AND {} GROUP BY 1'
    return [
        finding(
            "lots = points balance",
            "SELECT coalesce(l.owner, b.owner)::text AS key, coalesce(l.amount, 0) AS expected, coalesce(b.amount, 0) AS found "
            f"FROM ({lots.format('is_open')}) l FULL JOIN "
            "(SELECT owner, amount FROM ledger_balance WHERE tenant_id = %s AND book = 202 AND owner > 0) b ON b.owner = l.owner",
            [tenant, tenant],
        ),
        finding(
            "waiting lots = pending points",
            "SELECT coalesce(l.owner, t.owner)::text AS key, coalesce(l.amount, 0) AS expected, coalesce(t.amount, 0) AS found "
            f"FROM ({lots.format('NOT is_open')}) l FULL JOIN (SELECT owner, sum(delta) AS amount FROM ("
            " SELECT cr_owner AS owner, amount AS delta FROM ledger_transfer WHERE tenant_id = %s AND cr_book = 201 UNION ALL "
            " SELECT dr_owner, -amount FROM ledger_transfer WHERE tenant_id = %s AND dr_book = 201) m GROUP BY 1) t ON t.owner = l.owner",
            [tenant, tenant, tenant],
        ),
        finding(
            "open holds = reserved points",
            "SELECT coalesce(h.owner, b.owner)::text AS key, coalesce(h.amount, 0) AS expected, coalesce(b.amount, 0) AS found "
            "FROM (SELECT member_id AS owner, sum(points) AS amount FROM members_points_hold "
            " WHERE tenant_id = %s AND state = 0 GROUP BY 1) h FULL JOIN "
            "(SELECT owner, amount FROM ledger_balance WHERE tenant_id = %s AND book = 203 AND owner > 0) b ON b.owner = h.owner",
            [tenant, tenant],
        ),
        finding(
            "a lot is what its moves left",
            'SELECT coalesce(l.id, m.lot_id)::text AS key, coalesce(l."left", 0) AS expected, coalesce(m.amount, 0) AS found '
            "FROM (SELECT * FROM members_points_lot WHERE tenant_id = %s) l FULL JOIN "
            "(SELECT lot_id, sum(amount) AS amount FROM members_points_move WHERE tenant_id = %s AND lot_id > 0 GROUP BY 1) m "
            "ON m.lot_id = l.id",
            [tenant, tenant],
        ),
    ]
