"""`rongshu doctor`: is this installation in order, and if not, what mends it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from rongshu.interfaces.cli.output import as_json, out
from rongshu.kernel.boot import boot
from rongshu.kernel.environment import WrongEnvironment, environment


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do where it is not in order."""

    name: str
    good: bool
    found: str
    remedy: str = ""


def _environment() -> Check:
    try:
        settings = environment()
    except WrongEnvironment as error:
        return Check("environment", False, str(error), "set the variables named")
    place = "a server (DATABASE_URL)" if settings.database_url else f"embedded in {settings.home}"
    return Check("environment", True, f"database: {place}")


def _disk() -> Check:
    home = environment().home
    home.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(home).free / 2**30
    return Check("disk", free > 1, f"{free:.1f} GB free at {home}", "free some space: below 1 GB the database may stop")


def _database() -> Check:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::integer, current_user")
        version, _user = cursor.fetchone()
    return Check(
        "database", version >= 160000, f"PostgreSQL {version // 10000}.{version % 10000}", "use PostgreSQL 16 or newer"
    )


def _role() -> Check:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS (SELECT 1 FROM pg_class WHERE relowner = r.oid) FROM pg_roles r "
            "WHERE rolname = current_user"
        )
        (mighty,) = cursor.fetchone()
    return Check("second wall", not mighty, "the application's role owns nothing" if not mighty else "the role passes row-level security",
                 "let RONGSHU_APP_DATABASE_URL name a role that owns nothing")  # fmt: skip


def _migrations() -> Check:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return Check(
        "tables", not plan, "up to date" if not plan else f"{len(plan)} migrations wait", "run: rongshu migrate"
    )


def _walls() -> Check:
    from django.db import connection

    from rongshu.kernel.tenancy.walls import walled_models

    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        walled = {name for (name,) in cursor.fetchall()}
    bare = sorted(model._meta.db_table for model, _, _ in walled_models() if model._meta.db_table not in walled)
    return Check(
        "row-level security",
        not bare,
        "on every table" if not bare else f"missing on {', '.join(bare)}",
        "run: rongshu migrate",
    )


def _inbox() -> Check:
    from django.db.models import Min

    from rongshu.domain.commerce.inbox.models import InboxItem
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import system_scope

    with system_scope():
        oldest = InboxItem._base_manager.filter(refused_at=None).aggregate(oldest=Min("received_at"))["oldest"]
    waiting = 0.0 if oldest is None else (utc_now() - oldest).total_seconds()
    return Check(
        "inbox",
        waiting < 60,
        "nothing waits" if oldest is None else f"the oldest entry waits {waiting:.0f} s",
        "is a worker running? start: rongshu up",
    )


_CHECKS: tuple[Callable[[], Check], ...] = (_disk, _database, _role, _migrations, _walls, _inbox)


def doctor(json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> None:
    """Look at this installation: what is in order, what is not, and what mends it. Exit 1 when something is not."""
    checks = [_environment()]
    if checks[0].good:
        boot()
        for look in _CHECKS:
            try:
                checks.append(look())
            except Exception as error:
                checks.append(
                    Check(look.__name__.strip("_"), False, f"{type(error).__name__}: {error}", "see the message")
                )
                if look is _database:
                    break  # the others ask the database too
    if json:
        as_json(
            [
                {"check": one.name, "good": one.good, "found": one.found, "remedy": "" if one.good else one.remedy}
                for one in checks
            ]
        )
    else:
        for one in checks:
            out.print(
                f"{'ok  ' if one.good else 'WRONG'} {one.name}: {one.found}" + ("" if one.good else f" → {one.remedy}"),
                markup=False,
            )
    raise SystemExit(0 if all(one.good for one in checks) else 1)
