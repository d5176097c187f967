"""A private installation: a database of its own, real web and worker processes, watched the way `rongshu up` watches them."""

from __future__ import annotations

import http.client
import os
import random
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.faults.load import NEW_SINCE, ZONE, Load, plans

Database = psycopg.Connection[Any]


class Installation:
    """The processes of one installation, and how to kill them. Made by `installation`."""

    def __init__(self, home: Path, server: Any, workers: int, worker: list[str]) -> None:
        from rongshu.interfaces.cli.up import Child, _web

        self.home = home
        self.port = _free_port()
        self.secret = ""
        self.tenant = 0
        self.owner = os.environ["RONGSHU_OWNER_URL"]
        self.web = Child("web", _web("127.0.0.1", self.port, 1))
        self.workers = [Child(f"worker {number + 1}", worker) for number in range(workers)]
        self.restarts: Counter[str] = Counter()
        self.trouble: list[str] = []
        """What supervision itself stumbled over; it goes on."""
        self._server = server
        self._stop = threading.Event()
        self._starting = threading.Lock()
        """Held while the server is started: the launcher waits for ever when it dies right after it has come up."""
        self._supervisor = threading.Thread(target=self._supervise, name="supervisor")

    # ---- supervised, as `up` does

    def start(self) -> None:
        """Starts web and workers, and whoever watches them; returns when the web answers."""
        for child in [self.web, *self.workers]:
            child.start()
        self._supervisor.start()
        self.wait_for(self.answers, 60, "the web server")

    def _supervise(self) -> None:
        while not self._stop.wait(0.3):
            try:
                if self._server.postmaster() is None:
                    self.restarts["database"] += 1
                    with self._starting:
                        self._server.start()
            except Exception as error:
                self.trouble.append(f"{type(error).__name__}: {str(error).strip()[:300]}")
                sys.stderr.write(f"supervision: {self.trouble[-1]}\n")
            for child in [self.web, *self.workers]:
                before = child.process
                child.watch()
                self.restarts[child.name] += child.process is not before

    def stop(self) -> None:
        """Stops web and workers; the database stays."""
        self._stop.set()
        if self._supervisor.is_alive():
            self._supervisor.join()
        for child in [self.web, *self.workers]:
            child.stop()

    # ---- looking in

    def answers(self) -> bool:
        """Whether the web server does."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    @contextmanager
    def database(self) -> Iterator[Database]:
        """A connection as the owner, who meets no policy."""
        with psycopg.connect(self.owner, autocommit=True, connect_timeout=5) as connection:
            yield connection

    def database_is_up(self) -> bool:
        """Whether it takes a connection."""
        try:
            with self.database():
                return True
        except psycopg.Error:
            return False

    @staticmethod
    def wait_for(there: Callable[[], bool], seconds: float, what: str) -> None:
        """Waits until something is there. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not there():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{what} did not come within {seconds:.0f} s")
            time.sleep(0.05)

    # ---- kill -9

    def _postgres(self) -> list[psutil.Process]:
        """The server's first process and all its children; none while it is down."""
        number = self._server.postmaster()
        try:
            first = psutil.Process(number) if number else None
            return [first, *first.children()] if first else []
        except psutil.NoSuchProcess:
            return []

    def _backends(self) -> list[tuple[psutil.Process, bool]]:
        """The application's connections in the server, each with whether it is in a transaction."""
        found = []
        for process in self._postgres()[1:]:
            try:
                title = " ".join(process.cmdline()).strip()
            except psutil.Error:
                continue
            if "rongshu_app" in title:
                found.append((process, not title.endswith(" idle")))
        return found

    def in_transaction(self) -> bool:
        """Whether the application is, at this moment, in any."""
        return any(busy for _, busy in self._backends())

    def deadlocks(self) -> int:
        """How many the server has had to resolve."""
        return (self.home / "postgres" / "log").read_text(errors="replace").count("deadlock detected")

    def kill(self, kind: str, draw: random.Random) -> bool:
        """Ends something by SIGKILL. False when there was nothing to kill."""
        with self._starting:
            return self._kill(kind, draw)

    def _kill(self, kind: str, draw: random.Random) -> bool:
        chosen: list[psutil.Process] = []
        if kind == "worker":
            child = draw.choice(self.workers)
            chosen = _running(child)
            child._pause = 0.0  # each kill is a first one: no crash loop to be patient with
        elif kind == "web":
            chosen = _running(self.web)
            self.web._pause = 0.0
        elif kind == "web process":
            chosen = [each for one in _running(self.web) for each in _children(one)][-1:]
        elif kind == "backend":
            backends = self._backends()
            busy = [process for process, is_busy in backends if is_busy]
            chosen = [draw.choice(busy or [process for process, _ in backends])] if backends else []
        elif kind == "postmaster":
            chosen = self._postgres()[:1]
        elif kind == "database":
            chosen = self._postgres()
        else:
            raise ValueError(kind)
        killed = 0
        for process in chosen:
            try:
                process.send_signal(signal.SIGKILL)
                killed += 1
            except psutil.NoSuchProcess:
                continue
        return killed > 0


def _running(child: Any) -> list[psutil.Process]:
    if child.process is None or child.process.poll() is not None:
        return []
    try:
        return [psutil.Process(child.process.pid)]
    except psutil.NoSuchProcess:
        return []


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def installation(*, workers: int, worker: list[str] | None = None) -> Iterator[Installation]:
    """An installation in a folder of its own, its processes not started yet; ended and removed at the end.

    Takes over this process's environment and Django: once a process.
    """
    home = Path(tempfile.mkdtemp(prefix="rongshu-faults-"))
    os.environ["RONGSHU_HOME"] = str(home)
    for name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(name, None)
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    house = Installation(home, server, workers, worker or [sys.executable, "-m", "rongshu", "worker"])
    try:
        migrate()
        yield house
    finally:
        from django.db import connections

        house.stop()
        connections.close_all()
        sys.stderr.write(f"the database's log ends with\n{(home / 'postgres' / 'log').read_text()[-20_000:]}\n")
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def found(house: Installation, load: Load, promoter_month: str | None) -> None:
    """A tenant with the load's forest and the two versions of the plan, and a key to its API."""
    from rongshu.domain.commission.plans.actions import publish_plan
    from rongshu.domain.members.profiles.actions import ensure_members
    from rongshu.domain.referral.promoters.actions import Joining, end_promoter, enrol_promoters
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.access.rules import Scope
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.founding import found_tenant
    from rongshu.kernel.tenancy.scope import tenant_scope

    now = load.now
    tenant = found_tenant(slug="faults", name="Faults", currency="CNY", time_zone=ZONE, by=COMMAND_LINE, now=now)
    house.tenant = tenant.id
    old, new = plans(promoter_month)
    with tenant_scope(tenant.id):
        ids = ensure_members(external_ids=[row["promoter_id"] for row in load.promoters], now=now)
        joinings = [
            Joining(
                ids[row["promoter_id"]],
                ids.get(row["inviter_id"]),
                datetime.fromisoformat(row["joined_at"]),
                row["rank"],
            )
            for row in load.promoters
        ]
        enrol_promoters(joinings=joinings, by=COMMAND_LINE, now=now)
        for row in load.promoters:
            if row["active_to"]:
                ended = datetime.fromisoformat(row["active_to"])
                end_promoter(promoter_id=ids[row["promoter_id"]], by=COMMAND_LINE, now=ended)
        publish_plan(text=old, effective_from=now - timedelta(days=700), by=COMMAND_LINE, now=now)
        publish_plan(text=new, effective_from=now - NEW_SINCE, by=COMMAND_LINE, now=now - NEW_SINCE)
        _, house.secret = add_api_key(name="faults", scopes=list(Scope), by=COMMAND_LINE, now=now)
