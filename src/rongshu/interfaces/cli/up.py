"""`rongshu up`: database, migrations, web and worker in one tree of processes, watched, stopped together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import typer

from rongshu.interfaces.cli.output import err, fail, out
from rongshu.kernel.boot import boot, migrate
from rongshu.kernel.database import EmbeddedServer

PATIENCE = 15.0
"""Seconds a child has to stop by itself."""


class Child:
    """A process of the tree, started again when it dies: at once the first time, then after a growing pause."""

    def __init__(self, name: str, command: list[str]) -> None:
        self.name = name
        self.command = command
        self.process: subprocess.Popen[bytes] | None = None
        self._pause = 0.0
        self._again_at = 0.0
        self._started = 0.0

    def start(self) -> None:
        # A session of its own, so that Ctrl-C reaches the children through us, in order.
        self.process = subprocess.Popen(self.command, start_new_session=True)
        self._started = time.monotonic()

    def watch(self) -> None:
        """Starts the process again if it has died."""
        if self.process is None or self.process.poll() is None:
            if time.monotonic() - self._started > 60:
                self._pause = 0.0
            return
        if self._again_at == 0.0:
            self._end_what_is_left()
            err.print(
                f"{self.name} ended ({self.process.returncode}); starting it again in {self._pause:.0f} s", markup=False
            )
            self._again_at = time.monotonic() + self._pause
            self._pause = min(max(1.0, self._pause * 2), 30)
        if time.monotonic() >= self._again_at:
            self._again_at = 0.0
            self.start()

    def stop(self) -> None:
        """Asks the process to stop, and ends it when it has not by the end of PATIENCE."""
        if self.process is None or self.process.poll() is not None:
            self._end_what_is_left()
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def _end_what_is_left(self) -> None:
        """Ends what a process that died by force has left of its session: it would go on answering beside the new one."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _web(host: str, port: int, workers: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--workers", str(workers),
        "--blocking-threads", "4", "--workers-kill-timeout", "5", "--respawn-failed-workers", "--log-level", "warning",
        "--no-ws", "rongshu.config.wsgi:application",
    ]  # fmt: skip


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def ensure_port_free(host: str, port: int) -> None:
    """Ends the command with advice when the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            fail(f"Port {port} is taken; choose another with --port.")


def run(
    port: int,
    on_ready: Callable[[], None] | None = None,
    background: Callable[[], None] | None = None,
    *,
    host: str = "127.0.0.1",
    web_workers: int = 1,
    server: EmbeddedServer | None = None,
) -> int:
    """Runs web and worker until a signal ends them; the database is there and migrated. Returns the exit code.

    `on_ready` is called once the web server answers; `background` runs in a thread beside (a daemon: it may be cut off by the end).
    An embedded `server` that dies is started again.
    """
    ensure_port_free(host, port)
    stop = threading.Event()
    signals = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    children = [
        Child("web", _web(host, port, web_workers)),
        Child("worker", [sys.executable, "-m", "rongshu", "worker"]),
    ]
    try:
        for child in children:
            child.start()
        if background is not None:
            threading.Thread(target=background, daemon=True, name="background").start()
        ready = False
        while not stop.wait(0.3):
            if server is not None and server.postmaster() is None:
                err.print("The database ended; starting it again", markup=False)
                server.start()
            for child in children:
                child.watch()
            if not ready and _answers(port):
                ready = True
                if on_ready is not None:
                    on_ready()
    finally:
        for number, handler in signals.items():
            signal.signal(number, handler)
        err.print("Stopping …", markup=False)
        for child in children:
            child.stop()
    return 0


def up(
    port: Annotated[int, typer.Option(help="Port of the web server.")] = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    web_workers: Annotated[int, typer.Option(help="Processes of the web server.", min=1, max=64)] = 1,
) -> None:
    """Start everything: database, migrations, web, worker. Ctrl-C stops it cleanly."""
    server = boot()
    migrate()

    def ready() -> None:
        out.print(f"Rongshu 榕树 answers at http://{host}:{port}/", markup=False)

    raise SystemExit(run(port, ready, host=host, web_workers=web_workers, server=server))


def worker() -> None:
    """Run one worker on its own (as `up` does)."""
    boot()
    from rongshu.flows.worker import Worker

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    Worker(stop).run()


def migrate_only() -> None:
    """Bring the tables up to date and end."""
    boot()
    migrate()
