"""One real PostgreSQL for the whole run, started before Django; every test that needs rows founds a tenant of its own."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

_MAIN = "PYTEST_XDIST_WORKER" not in os.environ
"""Whether this is the process that started the run: it holds the server, the others find its address in their environment."""

if _MAIN:
    for _name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(_name, None)
    os.environ["RONGSHU_HOSTS"] = "localhost,127.0.0.1,[::1],testserver"
    os.environ["RONGSHU_HOME"] = tempfile.mkdtemp(prefix="rongshu-tests-")
_HOME = os.environ["RONGSHU_HOME"]
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def pytest_configure(config: pytest.Config) -> None:
    from rongshu.kernel.boot import boot, migrate

    config.rongshu_server = boot()  # type: ignore[attr-defined]
    if _MAIN:
        migrate()


def pytest_unconfigure(config: pytest.Config) -> None:
    from django.db import connections

    connections.close_all()
    server = getattr(config, "rongshu_server", None)
    if server is not None:
        server.stop()
    if _MAIN:
        shutil.rmtree(_HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take longest first, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: "/tests/e2e/" not in item.path.as_posix())


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def tenant(now: datetime) -> Iterator[int]:
    """A new tenant; the test opens its scopes itself."""
    from tests.factories import found

    yield found(now=now).id
