"""Lots of points whose time is over lapse for many members, beside COPY of the very rows that came of it.

A database of its own in a temporary folder. The clock runs over the calls of the job, batch by batch with its commits: finding
the lots, emptying them, their moves, transfers and balances. The limit, right after: those lots, moves, transfers and balances
written again by COPY into the same tables (same indexes, another tenant), triggers off, in one go.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation
from rongshu.interfaces.cli.bench.limit import copied_again

LIMIT = 10.0
"""The lapse may take this many times as long as the bare COPY."""
_NOW = datetime(2027, 1, 1, tzinfo=UTC)
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_EACH = 5
"""Lots of a member."""

_STATEMENTS = (
    "INSERT INTO members_points_account (tenant_id, member_id, streak, signed_day) "
    "SELECT {tenant}, i, 0, 0 FROM generate_series(1, {members}) i",
    "INSERT INTO members_points_lot (tenant_id, id, member_id, amount, \"left\", source, ref, about, version, why, at, usable_at, "
    "is_open, expires_at) SELECT {tenant}, i, 1 + i % {members}, 10 + i % 500, 10 + i % 500, 'order', 'order:' || i, i, 1, '{{}}', "
    "timestamptz '{since}', timestamptz '{since}', true, timestamptz '{since}' + (i % 31000000) * interval '1 second' "
    "FROM generate_series(1, {lots}) i",
    "INSERT INTO ledger_balance (tenant_id, owner, book, amount) SELECT {tenant}, member_id, 202, sum(amount) "
    "FROM members_points_lot WHERE tenant_id = {tenant} GROUP BY member_id",
)  # fmt: skip


def run(*, lots: int) -> dict[str, Any]:
    """Measures the lapse of so many lots, five of each member. Seconds, of COPY too, their ratio, rows."""
    with installation() as found:
        tenant = found(slug="bench", now=_SINCE)
        _fill(tenant, lots)
        from rongshu.domain.members.points.actions import expire_due
        from rongshu.kernel.tenancy.scope import tenant_scope

        gone = batches = 0
        started = time.perf_counter()
        while True:
            with tenant_scope(tenant):
                some = expire_due(now=_NOW)
            if not some:
                break
            gone, batches = gone + some, batches + 1
        seconds = time.perf_counter() - started
        if gone != lots:
            raise RuntimeError(f"{gone} of {lots} lots lapsed")
        rows, copy_seconds = copied_again({
            "members_points_lot": f"WHERE tenant_id = {tenant}",
            "members_points_move": f"WHERE tenant_id = {tenant}",
            "ledger_transfer": f"WHERE tenant_id = {tenant}",
            "ledger_balance": f"WHERE tenant_id = {tenant}",
        })  # fmt: skip
    return {
        "what": "lapse",
        "lots": lots,
        "batches": batches,
        "rows": rows,
        "seconds": round(seconds, 3),
        "copy_seconds": round(copy_seconds, 3),
        "ratio": round(seconds / copy_seconds, 2),
        "limit": LIMIT,
        "ok": seconds <= copy_seconds * LIMIT,
    }


def _fill(tenant: int, lots: int) -> None:
    """Members with lots that have all ended, laid down without the product."""
    import psycopg

    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            connection.execute(
                statement.format(tenant=tenant, members=max(1, lots // _EACH), lots=lots, since=_SINCE.isoformat())
            )
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
