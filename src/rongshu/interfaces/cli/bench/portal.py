"""The portal's pages for a promoter with a large team, beside the same pages for one with a team of a hundred, turn by turn.

One tenant in a database of its own holds both teams: ten members a promoter, so that a million are seven generations deep. Asked
is the application itself, signed in, in this process. Whatever grew with the team would show in the ratio of the 95th percentiles.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation

LIMIT = 2.0
"""A page of the large team may cost this many times as much as the same page of the small one."""
SMALL = 100
WIDTH = 10
ROUNDS = 60
PAGES = ("/portal/", "/portal/team", "/portal/team?state=sleeping", "/portal/team?depth=2", "/portal/team/tree", "/portal/customers", "/portal/channels")  # fmt: skip
_PASSWORD = "bench-bench"  # noqa: S105 (of a database that lives as long as the measurement)

_MEMBERS = (
    "INSERT INTO members_member (tenant_id, id, external_id, tier, created_at) "
    "SELECT {tenant}, {first} + i, 'm' || ({first} + i), '', '2025-01-01' FROM generate_series(0, {size}) i"
)
_PROMOTERS = (
    "INSERT INTO referral_promoter (tenant_id, id, inviter_id, rank, joined_at, active_from) "
    "SELECT {tenant}, {first} + i, CASE WHEN i > 0 THEN {first} + (i - 1) / {width} END, '', '2025-06-01', '2025-06-01' "
    "FROM generate_series(0, {size}) i"
)
_BONDS = (
    "INSERT INTO referral_bond (tenant_id, member_id, promoter_id, since, until) "
    "SELECT {tenant}, {first} + i, {first}, '2026-01-01', now() + (i % 300 + 1) * interval '1 day' FROM generate_series(1, {customers}) i"
)


def run(*, members: int) -> dict[str, Any]:
    """Measures. For each page the 95th percentile of both (ms) and their ratio; `ok` while none passes the limit."""
    with installation() as found:
        tenant = found(slug="bench", now=datetime(2025, 1, 1, tzinfo=UTC))
        small, large = _teams(tenant, members)
        figures: dict[str, Any] = {"what": "portal", "team": members, "beside": SMALL}
        worst = 0.0
        clients = (_entered(tenant, small), _entered(tenant, large))
        for path in PAGES:
            times: tuple[list[float], list[float]] = ([], [])
            for number in range(ROUNDS + 5):
                for client, kept in zip(clients, times, strict=True):
                    started = time.perf_counter()
                    answer = client.get(path)
                    took = time.perf_counter() - started
                    if answer.status_code != 200:
                        raise RuntimeError(f"{path}: {answer.status_code}")
                    if number >= 5:  # the first ones warm up
                        kept.append(took)
            least, most = (sorted(kept)[int(len(kept) * 0.95)] * 1000 for kept in times)
            worst = max(worst, most / least)
            figures |= {
                f"{path} small_ms": round(least, 1),
                f"{path} large_ms": round(most, 1),
                f"{path} ratio": round(most / least, 2),
            }
        return figures | {"worst_ratio": round(worst, 2), "limit": LIMIT, "ok": worst <= LIMIT}


def _teams(tenant: int, members: int) -> tuple[int, int]:
    """Both teams, with as many customers as members up to 100,000; the promoters at their heads."""
    import psycopg

    from rongshu.domain.referral.promoters.models import ForestHead
    from rongshu.domain.referral.standings.actions import refresh_standings
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope

    heads = (1_000, 1_000_000)
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"]) as connection:
        connection.execute("SET session_replication_role = replica")
        for first, size in zip(heads, (SMALL, members), strict=True):
            given = {"tenant": tenant, "first": first, "size": size, "width": WIDTH, "customers": min(size, 100_000)}
            connection.execute(_MEMBERS.format(**given))
            connection.execute(_PROMOTERS.format(**given))
            connection.execute(_BONDS.format(**given))
        connection.commit()
    with tenant_scope(tenant):
        ForestHead.objects.update_or_create(tenant_id=tenant, defaults={"version": 1, "sales_moved": True})
        refresh_standings(now=utc_now() - timedelta(minutes=1))
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    return heads


def _entered(tenant: int, promoter: int) -> Any:
    """A client of the application that a promoter has signed in with."""
    from django.test import Client

    from rongshu.kernel.access.actions import add_login
    from rongshu.kernel.access.rules import Role
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import tenant_scope

    phone = str(13_500_000_000 + promoter)
    with tenant_scope(tenant):
        add_login(
            name=phone, password=_PASSWORD, role=Role.PROMOTER, member_id=promoter, by=COMMAND_LINE, now=utc_now()
        )
    client = Client(HTTP_HOST="localhost")
    if client.post("/portal/sign-in", {"phone": phone, "password": _PASSWORD}).status_code != 302:
        raise RuntimeError("nobody could sign in")
    return client
