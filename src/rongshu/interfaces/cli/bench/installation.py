"""A database of its own in a temporary folder, for the length of one measurement."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path


@contextmanager
def installation() -> Iterator[Callable[..., int]]:
    """Yields what founds a tenant in it: `found(slug=, now=)` gives its id. Everything is gone afterwards."""
    home = Path(tempfile.mkdtemp(prefix="rongshu-bench-"))
    os.environ.update(RONGSHU_HOME=str(home))
    for name in ("DATABASE_URL", "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"):
        os.environ.pop(name, None)
    from rongshu.kernel.boot import boot, migrate

    server = boot()
    try:
        migrate()
        yield _found
    finally:
        from django.db import connections

        connections.close_all()
        if server is not None:
            server.stop()
        shutil.rmtree(home, ignore_errors=True)


def _found(*, slug: str, now: datetime) -> int:
    from rongshu.kernel.actor import COMMAND_LINE
    from rongshu.kernel.founding import found_tenant

    tenant = found_tenant(slug=slug, name="Bench", currency="CNY", time_zone="UTC", by=COMMAND_LINE, now=now)
    return tenant.id
