"""kill -9 at random points, while a shop delivers and the releases overlap; afterwards the books are held to the reference."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.checks import Report, examine
from tests.faults.client import Client
from tests.faults.installation import Installation, found, installation
from tests.faults.load import Load, make_load

KINDS = ("worker", "worker", "worker", "backend", "backend", "database", "postmaster", "web", "web process")
"""What is killed, as often as it stands here; worker, backend and database come first in every run."""
FORGETFUL = [sys.executable, "-m", "tests.faults.forgetful_worker"]
"""The negative control: a worker that takes, commits, then works."""
END = 300.0
"""Seconds the installation has, after the last kill, to answer and work off everything."""
STILL, SILENT = 12.0, 60.0
"""When nothing has moved for so long while something waits, or no call was answered for so long, nothing ever will."""


@dataclass(frozen=True)
class Run:
    """What is to be done."""

    kills: int
    orders: int
    seed: int = 1
    workers: int = 2
    cap: str | None = None
    """A promoter's cap of the month, in the plan's currency."""
    forgetful: bool = False
    kinds: tuple[str, ...] = KINDS


def run(what: Run, say: Callable[[str], None]) -> dict[str, Any]:
    """Does a run and returns its figures: nothing may be lost or twice, and nothing may differ."""
    started = time.monotonic()
    load = make_load(orders=what.orders, seed=what.seed, now=datetime.now(UTC))
    with installation(workers=what.workers, worker=FORGETFUL if what.forgetful else None) as house:
        found(house, load, what.cap)
        house.start()
        say(f"ready after {time.monotonic() - started:.0f} s: {what.orders} orders in {len(load.deliveries)} calls")
        client = Client(house.port, house.secret, load.deliveries, what.seed)
        releases = Releases(house.tenant)
        killed, in_transaction = Counter[str](), 0
        try:
            client.start()
            releases.start()
            killed, in_transaction = _kill(house, client, what, say)
            say(f"the last kill after {time.monotonic() - started:.0f} s; waiting for the rest")
            waiting = _settle(house, client)
        finally:
            client.stop()
            releases.stop()
        house.stop()
        say(f"settled after {time.monotonic() - started:.0f} s; checking")
        _close_connections()
        _last_release(house.tenant)
        deadlocks = house.deadlocks()
        report = examine(house, load, client.acknowledged, client.accepted, what.cap)
        _note(report, house, load, client, waiting)
    return {
        "kills": dict(sorted(killed.items())),
        "in_transaction": in_transaction,
        "orders": load.count("orders"),
        "statuses": load.count("statuses"),
        "refunds": load.count("refunds"),
        "deliveries": len(load.deliveries),
        "entries": sum(len(delivery.refs) for delivery in load.deliveries),
        "retries": client.retries,
        "releases": releases.done,
        "lost": report.lost,
        "twice": report.twice,
        "differences": report.differences,
        "cut_by_cap": report.capped,
        "deadlocks": deadlocks,
        "restarts": dict(sorted((name, count) for name, count in house.restarts.items() if count)),
        "supervision": house.trouble[:5],
        "examples": report.examples,
        "seed": what.seed,
        "seconds": round(time.monotonic() - started, 1),
    }


def failed(figures: dict[str, Any]) -> bool:
    """Whether anything was lost or twice or differs."""
    return bool(figures["lost"] or figures["twice"] or figures["differences"])


def _kill(house: Installation, client: Client, what: Run, say: Callable[[str], None]) -> tuple[Counter[str], int]:
    """Kills at random points; with each kill a further share of the load is let through. By kind, and how many met a transaction."""
    draw = random.Random(what.seed + 7)
    kinds = [what.kinds[number % len(what.kinds)] for number in range(what.kills)]
    draw.shuffle(kinds)
    killed: Counter[str] = Counter()
    in_transaction = 0
    for number, kind in enumerate(kinds, 1):
        client.open_until(number / (what.kills + 1))
        _wait_for_a_point(house, draw)
        busy = house.in_transaction()
        if not house.kill(kind, draw):  # it is down already: wait for it, then
            house.wait_for(lambda: house.kill(kind, draw), 20, kind)  # noqa: B023 called at once
            busy = False
        killed[kind] += 1
        in_transaction += busy
        if number % max(1, what.kills // 10) == 0:
            say(f"{number} kills, {len(client.acknowledged['orders'])} orders acknowledged, {client.retries} retries")
        if draw.random() < 0.8:  # else the next one falls into the recovery from this one
            _wait_for_progress(house, client, draw, kind)
    client.open_until(1.0)
    return killed, in_transaction


def _wait_for_a_point(house: Installation, draw: random.Random) -> None:
    """A random moment; seven in ten right inside a transaction, should there be one within a second."""
    if draw.random() < 0.3:
        time.sleep(draw.uniform(0, 0.6))
        return
    time.sleep(draw.uniform(0, 0.25))
    with contextlib.suppress(TimeoutError):
        house.wait_for(house.in_transaction, 1.0, "a transaction")
        time.sleep(draw.choice((0, 0, draw.uniform(0, 0.06))))


def _wait_for_progress(house: Installation, client: Client, draw: random.Random, kind: str) -> None:
    if kind == "worker":
        time.sleep(draw.uniform(0.2, 1.2))
        return
    with contextlib.suppress(TimeoutError):
        if kind in ("backend", "database", "postmaster"):
            house.wait_for(house.database_is_up, 20, "the database")
        house.wait_for(client.has_caught_up, 4, "the answers")


_WAITING = (
    "SELECT (SELECT count(*) FROM commerce_inbox WHERE refused_at IS NULL), (SELECT count(*) FROM commerce_parked), "
    "(SELECT count(*) FROM kernel_outboxevent WHERE delivered_at IS NULL), (SELECT count(*) FROM commerce_inbox WHERE refused_at IS NOT NULL)"
)


def _settle(house: Installation, client: Client) -> tuple[int, int, int, int]:
    """Waits until everything is answered and worked off. What is left: inbox, parked, outbox, set aside."""
    deadline = time.monotonic() + END
    moved_at, last = time.monotonic(), (-1, -1, -1, -1, -1)
    waiting = (0, 0, 0, 0)
    while time.monotonic() < deadline:
        with contextlib.suppress(Exception), house.database() as database:
            inbox, parked, outbox, aside = database.execute(_WAITING).fetchone() or (0, 0, 0, 0)
            waiting = (inbox, parked, outbox, aside)
            now = (*waiting, client.answered)
            if client.done and not (inbox or parked or outbox):
                break
            if now != last:
                moved_at, last = time.monotonic(), now
            elif time.monotonic() - moved_at > (STILL if client.done else SILENT):
                break
        time.sleep(0.2)
    return waiting


def _note(report: Report, house: Installation, load: Load, client: Client, waiting: tuple[int, int, int, int]) -> None:
    for name, count in zip(("in the inbox", "parked", "in the outbox", "set aside"), waiting, strict=True):
        if count:
            report.differ(f"left {name}: {count}", count)
    if not client.done:
        report.differ(f"not answered in time: {len(load.deliveries) - client.answered} calls")
    for wrong in client.wrong:
        report.differ(f"refused: {wrong}")


class Releases:
    """Release jobs beside those of the workers, two at a time, so that they overlap."""

    def __init__(self, tenant: int) -> None:
        self.done = 0
        """Orders released by these."""
        self._tenant = tenant
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, daemon=True, name=f"release {n}") for n in range(2)]

    def start(self) -> None:
        """Begins."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Ends; one that waits for the database is left to itself."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(25)

    def _work(self) -> None:
        from django.db import connection

        from rongshu.domain.commission.release.actions import release_due
        from rongshu.kernel.tenancy.scope import tenant_scope

        while not self._stop.wait(0.4):
            try:
                with tenant_scope(self._tenant):
                    released = release_due(now=datetime.now(UTC), limit=200)
                self.done += released
            except Exception:
                connection.close()
        connection.close()


def _close_connections() -> None:
    """Gives up every connection made before the last kill, the pool's too."""
    from django.db import connections

    for connection in connections.all():
        connection.close()
        if connection.alias == "default":
            connection.close_pool()  # type: ignore[attr-defined]


def _last_release(tenant: int) -> None:
    """Releases whatever is due, and delivers what that announces."""
    from rongshu.domain.commission.release.actions import release_due
    from rongshu.flows.table import deliver_all
    from rongshu.kernel.tenancy.scope import tenant_scope

    now = datetime.now(UTC)
    while True:
        with tenant_scope(tenant):
            if not release_due(now=now):
                break
    deliver_all(now=now)


@contextlib.contextmanager
def output_into(path: Path) -> Any:
    """Sends what this process and its children print into a file; yields where standard output was."""
    before = os.dup(1), os.dup(2)
    with path.open("ab") as file, os.fdopen(os.dup(1), "w") as screen:
        sys.stdout.flush()
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield screen
        finally:
            for number, kept in enumerate(before, 1):
                os.dup2(kept, number)
                os.close(kept)
