"""The yearly assessment of the tiers of many members, beside COPY of the very rows that came of it.

A database of its own in a temporary folder. The clock runs over the calls of the job, batch by batch with its commits: who is
due, the growth value of their windows, who stays, rises or falls, standings, history, members. The limit, right after: those
members, standings and changes written again by COPY into the same tables (same indexes, another tenant), triggers off.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation
from rongshu.interfaces.cli.bench.limit import copied_again

LIMIT = 10.0
"""The assessment may take this many times as long as the bare COPY."""
_SINCE = datetime(2025, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 1, 1, tzinfo=UTC)
_LADDER = """
ladder: 1
currency: CNY
window: year
months: 12
grace: 30
tiers:
  - {code: silver, title: {zh: 银卡, en: Silver}, colour: silver, picture: leaf, growth: 500}
  - {code: gold, title: {zh: 金卡, en: Gold}, colour: gold, picture: tree, growth: 1500}
  - {code: black, title: {zh: 黑卡, en: Black}, colour: onyx, picture: crown, growth: 2500}
"""
_STATEMENTS = (
    "INSERT INTO members_member (tenant_id, id, external_id, tier, created_at) "
    "SELECT {tenant}, i, 'm' || i, (ARRAY['silver', 'gold', 'black'])[1 + i % 3], timestamptz '{since}' "
    "FROM generate_series(1, {members}) i",
    "INSERT INTO members_growth_month (tenant_id, member_id, month, amount) SELECT {tenant}, i, {month} + j, (i::bigint * 7919 + j * 104729) % 900 "
    "FROM generate_series(1, {members}) i, generate_series(0, 11, 3) j",
    "INSERT INTO members_tier_standing (tenant_id, member_id, tier, since, kept_until, next_at) SELECT {tenant}, id, tier, "
    "timestamptz '{since}', timestamptz '{now}', timestamptz '{now}' FROM members_member WHERE tenant_id = {tenant}",
    "INSERT INTO members_tier_head (tenant_id, version, at) VALUES ({tenant}, {version}, timestamptz '{since}')",
)


def run(*, members: int) -> dict[str, Any]:
    """Measures one yearly assessment of everybody. Seconds, of COPY too, their ratio, rows."""
    with installation() as found:
        tenant = found(slug="bench", now=_SINCE)
        _fill(tenant, members)
        from rongshu.domain.members.tiers.actions import assess_due
        from rongshu.kernel.tenancy.scope import tenant_scope

        looked = batches = 0
        started = time.perf_counter()
        while True:
            with tenant_scope(tenant):
                some = assess_due(now=_NOW)
            if not some:
                break
            looked, batches = looked + some, batches + 1
        seconds = time.perf_counter() - started
        if looked < members:
            raise RuntimeError(f"{looked} of {members} members were assessed")
        rows, copy_seconds = copied_again({
            "members_tier_change": f"WHERE tenant_id = {tenant}",
            "members_tier_standing": f"WHERE tenant_id = {tenant}",
            "members_member": f"WHERE tenant_id = {tenant}",
        })  # fmt: skip
    return {
        "what": "assess",
        "members": members,
        "batches": batches,
        "rows": rows,
        "seconds": round(seconds, 3),
        "copy_seconds": round(copy_seconds, 3),
        "ratio": round(seconds / copy_seconds, 2),
        "limit": LIMIT,
        "ok": seconds <= copy_seconds * LIMIT,
    }


def _fill(tenant: int, members: int) -> None:
    """Members with tiers and growth value in four months of the year, all of them due."""
    import psycopg

    from rongshu.domain.members.tiers.actions import publish_ladder
    from rongshu.engine.tiers.windows import month_of
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(tenant):
        version = publish_ladder(source=_LADDER, by=COMMAND_LINE, now=_SINCE)
    given = {
        "tenant": tenant, "members": members, "since": _SINCE.isoformat(), "now": _NOW.isoformat(),
        "month": month_of(_SINCE, UTC), "version": version.number,
    }  # fmt: skip
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in _STATEMENTS:
            connection.execute(statement.format(**given))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")
