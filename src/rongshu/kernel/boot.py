"""From a bare process to a working Django: the environment checked, the database there, its tables and walls up to date."""

from __future__ import annotations

import gc
import os

from rongshu.kernel.database import EmbeddedServer, addresses_of
from rongshu.kernel.environment import environment

OWNER, APPLICATION = "RONGSHU_OWNER_URL", "RONGSHU_APP_DATABASE_URL"


def find_database() -> EmbeddedServer | None:
    """Settles where the database is and tells this process's environment (and its children's); starts an embedded one.

    Returns the embedded server this process now holds, None when it is a server elsewhere or held by a parent.
    """
    if os.environ.get(OWNER):
        return None
    settings = environment()
    server: EmbeddedServer | None = None
    if settings.database_url:
        addresses = addresses_of(settings.database_url, settings.app_database_url)
    else:
        server = EmbeddedServer(settings.home)
        addresses = server.start()
    os.environ[OWNER], os.environ[APPLICATION] = addresses.owner, addresses.application
    return server


def calm_collector() -> None:
    """Lets Python's collector of cycles run rarely: batches make hundreds of thousands of objects and no cycles."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def boot() -> EmbeddedServer | None:
    """Makes Django ready in this process. Returns what `find_database` returned."""
    import django

    server = find_database()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongshu.config.settings")
    django.setup()
    calm_collector()
    return server


def migrate() -> None:
    """Brings tables and walls up to date, as the owner. One process at a time; the others wait."""
    import psycopg
    from django.core.management import call_command

    from rongshu.kernel.database import APPLICATION_ROLE

    with psycopg.connect(os.environ[OWNER], autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(7022)")
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [APPLICATION_ROLE]).fetchone():
            connection.execute(f"CREATE ROLE {APPLICATION_ROLE} NOLOGIN")  # the owner takes it on
            connection.execute(f"GRANT {APPLICATION_ROLE} TO CURRENT_USER")
        call_command("migrate", database="owner", verbosity=0, interactive=False)
