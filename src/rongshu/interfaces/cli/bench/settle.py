"""A settlement run of many promoters with its tax, beside COPY of the very rows that came of it.

A database of its own in a temporary folder. The clock runs over the whole way from balances to batches: every portion of the run
(papers looked up, amounts, reservations, steps), then the sending in batches (tax of each person's month, its lines, the states). The
limit, right after: those rows written again by COPY into the same tables (same indexes, another tenant), triggers off, in one go.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import Any

from rongshu.interfaces.cli.bench.installation import installation
from rongshu.interfaces.cli.bench.limit import copied_again

LIMIT = 6.0
"""A run may take this many times as long as the bare COPY."""
_SINCE = datetime(2026, 1, 1, tzinfo=UTC)
_NOW = datetime(2026, 2, 20, tzinfo=UTC)

_PROMOTERS = (
    "INSERT INTO referral_promoter (tenant_id, id, rank, joined_at, active_from) "
    "SELECT {tenant}, i, '', '2025-06-01', '2025-06-01' FROM generate_series(1, {promoters}) i"
)
_PAPERS = (
    "INSERT INTO settlement_payee (tenant_id, id, promoter_id, name, name_shown, document_kind, document, document_hash, "
    "document_shown, account_kind, account, account_shown, bank, resident, agreement, at, actor) "
    "SELECT {tenant}, {promoters} + i, i, sha256(int8send(i)), '张*', 'cn_id', sha256(int8send(i)), sha256(int8send(i)), '****', "
    "'bank', sha256(int8send(i)), '****', '', true, '1', '2025-06-01', 'bench' FROM generate_series(1, {promoters}) i"
)
_BALANCES = (
    "INSERT INTO ledger_balance (tenant_id, owner, book, amount) "
    "SELECT {tenant}, i, 102, 10000 + i % 1000000 FROM generate_series(1, {promoters}) i"
)
_EARLIER = (
    "INSERT INTO settlement_tax (tenant_id, document_hash, id, month, withdrawal_id, method, gross, tax, basis, at) "
    "SELECT {tenant}, sha256(int8send(i)), i, 2026 * 12 + 1, i, 'labour', 50000, 0, '', '2026-02-01' "
    "FROM generate_series(1, {promoters}) i"
)
_RESULTS = {
    "settlement_withdrawal": "true",
    "settlement_step": "true",
    "settlement_tax": "basis <> ''",
    "ledger_journal": "kind = 'reserve'",
    "ledger_transfer": "true",
    "ledger_balance": "book = 103",
}


def run(*, promoters: int) -> dict[str, Any]:
    """Measures one run and its sending. Seconds of each, of COPY, their ratio, rows."""
    with installation() as found:
        tenant = found(slug="bench", now=_SINCE)
        _fill(tenant, promoters)
        asking, sending = _settled(tenant, promoters)
        rows, copy_seconds = copied_again({
            table: f"WHERE tenant_id = {tenant} AND {wanted}" for table, wanted in _RESULTS.items()
        })  # fmt: skip
    seconds = asking + sending
    return {
        "what": "settle",
        "promoters": promoters,
        "rows": rows,
        "asking_seconds": round(asking, 3),
        "sending_seconds": round(sending, 3),
        "seconds": round(seconds, 3),
        "copy_seconds": round(copy_seconds, 3),
        "ratio": round(seconds / copy_seconds, 2),
        "limit": LIMIT,
        "ok": seconds <= copy_seconds * LIMIT,
    }


def _fill(tenant: int, promoters: int) -> None:
    """Promoters with papers, something available, and a payment earlier in the month."""
    import psycopg

    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_PROMOTERS, _PAPERS, _BALANCES, _EARLIER):
            connection.execute(statement.format(tenant=tenant, promoters=promoters))
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _settled(tenant: int, promoters: int) -> tuple[float, float]:
    from rongshu.domain.settlement.cycles.actions import begin_run, start_run, work_on_runs
    from rongshu.domain.settlement.cycles.queries import run as run_of
    from rongshu.domain.settlement.policies.actions import set_policy
    from rongshu.domain.settlement.withdrawals.actions import send_withdrawals
    from rongshu.domain.settlement.withdrawals.models import Withdrawal
    from rongshu.engine.withdrawals import Policy
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.ids import new_id
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(tenant):
        set_policy(rules=Policy(cycle="daily", at_once_below=10**12), by=COMMAND_LINE, now=_NOW)
    started = time.perf_counter()
    with tenant_scope(tenant):
        begun = begin_run(by=COMMAND_LINE, now=_NOW)
        start_run(run_id=begun.id, by=COMMAND_LINE, now=_NOW)
    while True:
        with tenant_scope(tenant):
            if not work_on_runs(now=_NOW):
                break
    asked = time.perf_counter()
    with tenant_scope(tenant):
        if run_of(begun.id).promoters != promoters:
            raise RuntimeError("somebody was left out")
    after = 0
    while True:
        with tenant_scope(tenant):
            waiting = Withdrawal.objects.filter(run_id=begun.id, state="approved", id__gt=after).order_by("id")
            ids = list(waiting.values_list("id", flat=True)[:5000])
            if not ids:
                break
            send_withdrawals(identifiers=ids, batch_id=new_id(), by=COMMAND_LINE, now=_NOW)
            after = ids[-1]
    return asked - started, time.perf_counter() - asked
