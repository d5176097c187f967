"""What is in a batch cannot change unseen: its lines are hashed when it is made, and compared before anything leaves."""

from __future__ import annotations

from rongshu.domain.settlement.payouts.models import Batch
from rongshu.kernel.bulk import cursor
from rongshu.kernel.errors import conflict
from rongshu.kernel.tenancy.scope import current_tenant

LINES = (
    "encode(sha256(convert_to(string_agg(w.id || ':' || w.promoter_id || ':' || w.payee_id || ':' || w.amount || ':' || "
    "w.fee || ':' || w.tax, ',' ORDER BY w.id), 'UTF8')), 'hex')"
)
"""SQL over the withdrawals `w` of one batch: who is paid what, as one hash."""


def seal_of(batch_id: int) -> str:
    """The hash of a batch's lines as they are now."""
    with cursor() as rows:
        rows.execute(
            f"SELECT {LINES} FROM settlement_withdrawal w WHERE w.tenant_id = %s AND w.batch_id = %s",
            [current_tenant(), batch_id],
        )
        found = rows.fetchone()
    return str(found[0] or "") if found else ""


def check_seal(made: Batch) -> None:
    """Raises `conflict` when what is to be paid is no longer what was put together."""
    if made.seal and seal_of(made.id) != made.seal:
        raise conflict(
            "seal_broken",
            "This batch is no longer what it was when it was made. Nothing of it is sent; call whoever runs the system.",
        )
