"""kill -9 at random points of a settlement: the run, its sending in batches, the results. Afterwards every promoter is held to plain arithmetic.

`python -m tests.faults.settlement --kills 200 --promoters 3000 --seed 1`: one line of JSON; exit 1 when anything is lost, twice or differs.
Every worker is forked from one process that has the code loaded and has never opened the database, so that a kill costs
milliseconds; every fourth kill takes the worker's server process instead.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

NOW = datetime(2026, 6, 10, 4, tzinfo=UTC)
PORTION, BATCH = 12, 9
BACKEND_DIES = 4
FAILS = 7
"""Every so many promoters' payment comes back."""


def amount_of(promoter: int) -> int:
    """What a promoter has at the beginning; minor units."""
    return 100_00 + promoter * 7919 % 9_000_00


def fill(tenant: int, promoters: int) -> None:
    """Promoters 1 to `promoters` with papers and a balance that a transfer explains."""
    import psycopg

    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        given = {"t": tenant, "n": promoters}
        amount = "(10000 + i * 7919 % 900000)"
        for statement in (
            "INSERT INTO referral_promoter (tenant_id, id, rank, joined_at, active_from) "
            "SELECT {t}, i, '', '2025-06-01', '2025-06-01' FROM generate_series(1, {n}) i",
            "INSERT INTO settlement_payee (tenant_id, id, promoter_id, name, name_shown, document_kind, document, document_hash, "
            "document_shown, account_kind, account, account_shown, bank, resident, agreement, at, actor) "
            "SELECT {t}, i, i, '', '', 'cn_id', '', sha256(int8send(i)), '', 'bank', '', '', '', true, '1', '2025-06-01', '' "
            "FROM generate_series(1, {n}) i",
            "INSERT INTO ledger_journal (tenant_id, kind, ref, id, hash) "
            "SELECT {t}, 'release', 'r' || i, i, '' FROM generate_series(1, {n}) i",
            "INSERT INTO ledger_transfer (tenant_id, journal, line, dr_owner, dr_book, cr_owner, cr_book, amount, about, about_row, at) "
            f"SELECT {{t}}, i, 1, 0, 151, i, 102, {amount}, 0, 0, '2026-06-01' FROM generate_series(1, {{n}}) i",
            f"INSERT INTO ledger_balance (tenant_id, owner, book, amount) SELECT {{t}}, i, 102, {amount} FROM generate_series(1, {{n}}) i",
            f"INSERT INTO ledger_balance (tenant_id, owner, book, amount) SELECT {{t}}, 0, 151, -sum({amount}) FROM generate_series(1, {{n}}) i",
        ):
            connection.execute(statement.format(**given))
        connection.execute("ANALYZE")


def work(tenant: int, ready: Callable[[], None], forgetful: bool) -> None:
    """A worker: run, sending, results, a transaction each, until nothing is left. `forgetful` is the control: it withholds in a transaction of its own."""
    from rongshu.domain.settlement.cycles.actions import work_on_runs
    from rongshu.domain.settlement.payouts.actions import make_batch, settle_by_hand
    from rongshu.domain.settlement.withdrawals.models import Withdrawal
    from rongshu.domain.settlement.withdrawals.rows import held
    from rongshu.domain.settlement.withdrawals.taxed import withhold
    from rongshu.kernel.actor import COMMAND_LINE, Actor
    from rongshu.kernel.tenancy.scope import tenant_scope

    sender, idle = Actor("login", "sender"), 0
    with tenant_scope(tenant):
        ready()
    while idle < 2:
        with tenant_scope(tenant):
            moved = work_on_runs(now=NOW, portion=PORTION)
        with tenant_scope(tenant):
            rows = Withdrawal.objects.filter(state="approved").order_by("id")
            approved = list(rows.values_list("id", flat=True)[:BATCH])
            if approved and forgetful:
                withhold(held(approved), "labour", NOW.date(), NOW)
        with tenant_scope(tenant):
            if approved:
                make_batch(identifiers=approved, provider="manual", by=sender, now=NOW)
        with tenant_scope(tenant):
            first = Withdrawal.objects.filter(state="sent").order_by("id").values_list("batch_id", flat=True).first()
            if first is not None:
                sent = list(Withdrawal.objects.filter(batch_id=first).values_list("id", "promoter_id"))
                failed = [one for one, promoter in sent if promoter % FAILS == 0]
                paid = [one for one, promoter in sent if promoter % FAILS]
                settle_by_hand(
                    batch_id=first, paid=paid, failed=failed, reason="no such account", by=COMMAND_LINE, now=NOW
                )
        idle = 0 if moved or approved or first is not None else idle + 1


def nursery(tenant: int, kills: int, seed: int, forgetful: bool) -> Counter[str]:
    """Forks workers and kills them; the last one is let be. What was killed, by kind, and how many of it in a transaction."""
    import psycopg

    dice, done = random.Random(seed), Counter[str]()
    owner = psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True)
    ours = owner.info.backend_pid
    while True:
        last = done["process"] + done["backend"] >= kills
        told, tell = os.pipe()
        child = os.fork()
        if child == 0:
            code = 1
            with contextlib.suppress(BaseException):
                work(tenant, partial(os.close, tell), forgetful)
                code = 0
            os._exit(code)
        os.close(tell)
        if last:
            os.close(told)
            _, status = os.waitpid(child, 0)
            if status:
                done["failed at the end"] += 1
                if done["failed at the end"] > 3:
                    return done
                continue
            return done
        with os.fdopen(told, "rb") as beginning:
            beginning.read()
        time.sleep(dice.uniform(0, 0.25))
        busy = owner.execute(
            "SELECT pid FROM pg_stat_activity WHERE xact_start IS NOT NULL AND pid <> %s AND backend_type = 'client backend'",
            [ours],
        ).fetchall()
        if os.waitpid(child, os.WNOHANG)[0]:
            done["found nothing left"] += 1
            if done["found nothing left"] > 2:
                return done
            continue
        kind = "backend" if busy and dice.randrange(BACKEND_DIES) == 0 else "process"
        done["in a transaction"] += bool(busy)
        done[kind] += 1
        if kind == "backend":
            owner.execute("SELECT pg_terminate_backend(%s)", [busy[0][0]])
            time.sleep(dice.uniform(0, 0.1))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def examine(tenant: int, promoters: int) -> list[str]:
    """What differs from plain arithmetic: each promoter once, for all there was, its tax by the table, back where it came back."""
    from rongshu.domain.settlement.cycles.findings import run_findings
    from rongshu.domain.settlement.cycles.models import SettlementRun
    from rongshu.domain.settlement.withdrawals.findings import settlement_findings
    from rongshu.domain.settlement.withdrawals.models import TaxLine, Withdrawal, WithdrawalStep
    from rongshu.engine.tax import labour_month
    from rongshu.kernel.outbox.models import OutboxEvent
    from rongshu.kernel.tenancy.scope import tenant_scope
    from rongshu.ledger.queries import invariants, standings_of

    wrong: list[str] = []

    def demand(holds: bool, text: str) -> None:
        if not holds:
            wrong.append(text)

    with tenant_scope(tenant):
        found: dict[int, list[Withdrawal]] = {}
        for one in Withdrawal.objects.all():
            found.setdefault(one.promoter_id, []).append(one)
        taxes, steps = Counter[int](), Counter[tuple[int, str]]()
        for line in TaxLine.objects.all():
            taxes[line.withdrawal_id] += line.tax
        for step in WithdrawalStep.objects.all():
            steps[step.withdrawal_id, step.state] += 1
        told = Counter[tuple[int, str]]()
        for event in OutboxEvent.objects.filter(kind__startswith="withdrawal."):
            told.update((one, event.kind.partition(".")[2]) for one in event.subjects)
        standings = standings_of(range(1, promoters + 1))
        for promoter in range(1, promoters + 1):
            amount, comes_back = amount_of(promoter), promoter % FAILS == 0
            mine = found.get(promoter, [])
            demand(len(mine) == 1, f"{promoter} has {len(mine)} withdrawals")
            for one in mine:
                tax = labour_month(amount, NOW.date())
                end = "failed" if comes_back else "confirmed"
                demand(
                    (one.amount, one.tax, one.state) == (amount, tax, end),
                    f"{promoter}: {one.amount} {one.tax} {one.state}",
                )
                demand(taxes[one.id] == (0 if comes_back else tax), f"{promoter}: tax lines of {taxes[one.id]}")
                for state in ("asked", "approved", "sent", end):
                    demand(steps[one.id, state] == 1, f"{promoter}: {steps[one.id, state]} steps {state}")
                    demand(told[one.id, state] == 1, f"{promoter}: told {told[one.id, state]} times of {state}")
            standing = standings[promoter]
            left = (amount if comes_back else 0, 0, 0)
            demand((standing.available, standing.reserved, standing.debt) == left, f"{promoter}: {standing}")
        run = SettlementRun.objects.get()
        total = sum(map(amount_of, range(1, promoters + 1)))
        demand(
            (run.state, run.promoters, run.amount) == ("done", promoters, total),
            f"run {run.state} {run.promoters} {run.amount}",
        )
        wrong += [
            f"{one.name}: {one.differences}"
            for one in (*settlement_findings(), *run_findings(), *invariants())
            if one.differences
        ]
    return wrong


def prepare(promoters: int) -> int:
    """A tenant with its promoters, its rules, and a run that is started; its id."""
    from rongshu.domain.settlement.cycles.actions import begin_run, start_run
    from rongshu.domain.settlement.policies.actions import set_policy
    from rongshu.engine.withdrawals import Policy
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.founding import found_tenant
    from rongshu.kernel.tenancy.scope import tenant_scope

    tenant: int = found_tenant(
        slug="faults", name="Faults", currency="CNY", time_zone="Asia/Shanghai", by=COMMAND_LINE, now=NOW
    ).id
    fill(tenant, promoters)
    with tenant_scope(tenant):
        set_policy(rules=Policy(at_once_below=10**9, two_people=False), by=COMMAND_LINE, now=NOW)
        start_run(run_id=begin_run(by=COMMAND_LINE, now=NOW).id, by=COMMAND_LINE, now=NOW)
    return tenant


def main() -> int:
    """Founds, kills, examines, prints."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.settlement", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--promoters", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--forgetful", action="store_true", help="negative control: a worker that withholds in a transaction of its own"
    )
    asked = parser.parse_args()
    started = time.monotonic()
    home = Path(tempfile.mkdtemp(prefix="rongshu-faults-"))
    os.environ.update(RONGSHU_HOME=str(home))
    for name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(name, None)
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    try:
        migrate()
        figures = _run(asked.kills, asked.promoters, asked.seed, asked.forgetful)
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)
    figures["seconds"] = round(time.monotonic() - started, 1)
    print(json.dumps(figures))
    return 1 if figures["differences"] else 0


def _run(kills: int, promoters: int, seed: int, forgetful: bool) -> dict[str, Any]:
    from django.db import connections

    import rongshu.flows.table  # noqa: F401 all the code, before anything is forked

    for connection in connections.all():
        connection.close()
        if connection.alias == "default":
            connection.close_pool()  # type: ignore[attr-defined]
    tenant = _apart(lambda: prepare(promoters))
    killed = _apart(lambda: dict(nursery(tenant, kills, seed, forgetful)))
    wrong = _apart(lambda: examine(tenant, promoters))
    return {"kills": killed, "promoters": promoters, "seed": seed, "differences": len(wrong), "examples": wrong[:10]}


def _apart(task: Any) -> Any:
    """What a task returns, done in a forked process: whoever forks workers must not hold connections of its own."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            with os.fdopen(write, "w") as out:
                json.dump(task(), out)
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(1)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        text = told.read()
    if os.waitpid(child, 0)[1] or not text:
        raise RuntimeError("a part of the harness failed")
    return json.loads(text)


if __name__ == "__main__":
    sys.exit(main())
