"""The second wall: row-level security, privileges and append-only triggers, raised for every table after migrating.

Idempotent; derived from the models, so that a new table cannot be forgotten. A house test compares the database with it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from rongshu.kernel.database import APPLICATION_ROLE, WRITER_ROLE
from rongshu.kernel.tenancy.models import Wall

_OWN = "(SELECT current_setting('rongshu.tenant')::bigint)"
_OWN_OR_NONE = "(SELECT NULLIF(current_setting('rongshu.tenant', true), '')::bigint)"
_SYSTEM = "(SELECT current_setting('rongshu.scope', true) = 'system')"

_APPEND_ONLY = """
CREATE OR REPLACE FUNCTION kernel_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


_WRITER = f"""
DO $$
BEGIN
    IF to_regrole('{WRITER_ROLE}') IS NULL THEN
        CREATE ROLE {WRITER_ROLE} NOLOGIN BYPASSRLS;
    END IF;
    GRANT {WRITER_ROLE} TO {APPLICATION_ROLE} WITH INHERIT FALSE, SET TRUE;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'batches go by temporary tables';
END $$
"""

_HOLD_TO_TENANT = """
CREATE OR REPLACE FUNCTION kernel_hold_to_tenant() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM copied WHERE tenant_id IS DISTINCT FROM current_setting('rongshu.tenant')::bigint) THEN
        RAISE EXCEPTION 'rows of another tenant in %', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END $$
"""


def walled_models() -> Iterator[tuple[type[models.Model], str, Wall]]:
    """Each model with rows of tenants: the model, its tenant column, its wall."""
    for model in apps.get_models():
        wall = getattr(model, "wall", None)
        if wall is not None:
            names = {field.column for field in model._meta.local_concrete_fields}
            yield model, "tenant_id" if "tenant_id" in names else "id", wall


def _statements() -> Iterator[str]:
    yield "CREATE SEQUENCE IF NOT EXISTS kernel_node"
    yield "CREATE SEQUENCE IF NOT EXISTS kernel_short"
    yield _APPEND_ONLY
    yield _HOLD_TO_TENANT
    yield _WRITER
    yield f"GRANT USAGE ON SCHEMA public TO {APPLICATION_ROLE}"
    yield f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {APPLICATION_ROLE}"
    yield f"GRANT SELECT ON django_migrations, django_content_type TO {APPLICATION_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO {APPLICATION_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON kernel_throttle TO {APPLICATION_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON kernel_code TO {APPLICATION_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON kernel_asked_letter TO {APPLICATION_ROLE}"
    for model, column, wall in walled_models():
        table = f'"{model._meta.db_table}"'
        verbs = (
            "SELECT" if wall.read_only else "SELECT, INSERT" if wall.append_only else "SELECT, INSERT, UPDATE, DELETE"
        )
        rule = f"{column} = {_OWN_OR_NONE} OR {_SYSTEM}" if wall.system else f"{column} = {_OWN}"
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS own_rows ON {table}"
        yield f"CREATE POLICY own_rows ON {table} USING ({rule}) WITH CHECK ({rule})"
        yield f"REVOKE ALL ON {table} FROM {APPLICATION_ROLE}"
        yield f"GRANT {verbs} ON {table} TO {APPLICATION_ROLE}"
        if wall.copied:
            yield (
                f"CREATE OR REPLACE TRIGGER hold_to_tenant AFTER INSERT ON {table} "
                "REFERENCING NEW TABLE AS copied FOR EACH STATEMENT EXECUTE FUNCTION kernel_hold_to_tenant()"
            )
            yield (
                f"DO $$ BEGIN IF to_regrole('{WRITER_ROLE}') IS NOT NULL THEN "
                f"GRANT USAGE ON SCHEMA public TO {WRITER_ROLE}; GRANT INSERT ON {table} TO {WRITER_ROLE}; END IF; END $$"
            )
        if wall.append_only:
            yield (
                f"CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION kernel_refuse_change()"
            )


def raise_walls(owner: BaseDatabaseWrapper) -> None:
    """Brings the database's policies and privileges to what the models say. `owner` is the owner's connection.

    One transaction, so that nobody meets a table between two states; nothing at all when they are what they should be, which
    a mark on one of our sequences says.
    """
    statements = list(_statements())
    mark = "walls " + hashlib.sha256("\n".join(statements).encode()).hexdigest()
    with transaction.atomic(using=owner.alias), owner.cursor() as cursor:
        cursor.execute("SELECT obj_description(to_regclass('kernel_node'), 'pg_class')")
        if cursor.fetchone() == (mark,):
            return
        for statement in statements:
            cursor.execute(statement)
        cursor.execute(f"COMMENT ON SEQUENCE kernel_node IS '{mark}'")


def after_migrating(using: str, **_: Any) -> None:
    """Receiver of Django's post_migrate, the one signal used: migrations and walls must not come apart."""
    from django.db import connections

    if using == "owner":
        raise_walls(connections["owner"])
