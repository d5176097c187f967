"""A month closed for many promoters, beside COPY of the very rows that came of it.

A database of its own in a temporary folder. The clock runs over one call of the job: reading the month's orders, the bands, the
rewards, their transfers, the balances, the commit. The limit, right after: those rewards, transfers and balances written again by
COPY into the same tables (same indexes, another tenant), triggers off, in one go.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation
from rongshu.interfaces.cli.bench.limit import copied_again

LIMIT = 10.0
"""A close may take this many times as long as the bare COPY."""
PLAN = """
name: bench
currency: CNY
levels: {1: {rate: 10%}}
steps:
  - {id: monthly, bands: [{from: "1.00", rate: 1%}, {from: "100.00", rate: 2%}, {from: "1000.00", rate: 3%}]}
release: {after: completed, days: 15}
"""
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 2, 20, tzinfo=UTC)

_PROMOTERS = (
    "INSERT INTO referral_promoter (tenant_id, id, rank, joined_at, active_from) "
    "SELECT {tenant}, i, '', '2025-06-01', '2025-06-01' FROM generate_series(1, {promoters}) i"
)
_ORDERS = (
    "INSERT INTO commerce_order (tenant_id, id, source, external_id, buyer_id, promoter_id, credited_by, paid, paid_at) "
    "SELECT {tenant}, {first} + i, 'bench', i, {promoters} + i, 1 + i % {promoters}, 'named', 1000 + i % 300000, "
    "timestamptz '{since}' + (i % 2500000) * interval '1 second' FROM generate_series(0, {orders} - 1) i"
)
_LINES = (
    "INSERT INTO commerce_line (tenant_id, order_id, line_no, sku, category, qty, paid, cost, refunded) "
    "SELECT {tenant}, {first} + i, 1, 's', '', 1, 1000 + i % 300000, 0, 0 FROM generate_series(0, {orders} - 1) i"
)


def run(*, promoters: int, history: int) -> dict[str, Any]:
    """Measures one close with `history` months of as many orders before it. Seconds, of COPY too, their ratio, rows."""
    with installation() as found:
        tenant = _found(found, promoters, history)
        from rongshu.domain.commission.periods.actions import close_due
        from rongshu.kernel.tenancy.scope import tenant_scope

        started = time.perf_counter()
        with tenant_scope(tenant):
            closed = close_due(now=_NOW)
        seconds = time.perf_counter() - started
        if closed != 1:
            raise RuntimeError("nothing was closed")
        rows, copy_seconds = copied_again({
            table: f"WHERE tenant_id = {tenant} AND {wanted}" for table, wanted in _RESULTS.items()
        })  # fmt: skip
    return {
        "what": "close",
        "promoters": promoters,
        "months_before": history,
        "rows": rows,
        "seconds": round(seconds, 3),
        "copy_seconds": round(copy_seconds, 3),
        "ratio": round(seconds / copy_seconds, 2),
        "limit": LIMIT,
        "ok": seconds <= copy_seconds * LIMIT,
    }


def _found(found: Callable[..., int], promoters: int, history: int) -> int:
    """A tenant with a plan, promoters, and an order of each for the month and for every month before."""
    import psycopg

    from rongshu.domain.commission.plans.actions import publish_plan
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.tenancy.scope import tenant_scope

    tenant = found(slug="bench", now=_SINCE)
    with tenant_scope(tenant):
        publish_plan(text=PLAN, effective_from=_SINCE, by=COMMAND_LINE, now=_SINCE)
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(_PROMOTERS.format(tenant=tenant, promoters=promoters))
        for month in range(history, -1, -1):
            since = _SINCE.replace(year=_SINCE.year - (month + 11) // 12, month=(-month) % 12 + 1)
            given = {
                "tenant": tenant,
                "promoters": promoters,
                "orders": promoters,
                "since": since.isoformat(),
                "first": 10**15 + (history - month) * promoters,
            }
            connection.execute(_ORDERS.format(**given))
            connection.execute(_LINES.format(**given))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
    return tenant


_RESULTS = {
    "commission_reward": "true",
    "ledger_transfer": "cr_book = 102",
    "ledger_balance": "book = 102",
}
