"""The second wall as the database has it: every table with rows of tenants stands behind it, whoever connects."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from rongshu.kernel.boot import APPLICATION, OWNER
from rongshu.kernel.database import APPLICATION_ROLE, WRITER_ROLE
from rongshu.kernel.tenancy.walls import walled_models

BY_ANOTHER_KEY = {
    "kernel_login": ["id"],  # a sign-in name is looked for before its tenant is known; ids are unique over all tenants
    "kernel_tenant": ["id"],  # the tenant itself
}
"""Walled tables whose primary key does not begin with tenant_id, and why."""
OF_NOBODY = {
    "django_migrations",
    "django_content_type",
    "django_session",
    "kernel_throttle",
    "kernel_code",
    "kernel_asked_letter",
}
"""What the application reaches without a wall: none holds rows of tenants."""


@pytest.fixture(scope="module")
def owner() -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(os.environ[OWNER], autocommit=True) as connection:
        yield connection


def rows(connection: psycopg.Connection[Any], statement: str, *values: Any) -> list[Any]:
    return connection.execute(statement, values).fetchall()


TABLES = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')"


def test_every_table_of_tenants_is_behind_a_wall(owner: psycopg.Connection[Any]) -> None:
    with_tenants = {name for (name,) in rows(owner, f"SELECT c.relname {TABLES} AND EXISTS (SELECT 1 FROM pg_attribute a "
                                                    "WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped)")}  # fmt: skip
    forced = {
        name for (name,) in rows(owner, f"SELECT c.relname {TABLES} AND c.relrowsecurity AND c.relforcerowsecurity")
    }
    known = {model._meta.db_table for model, _, _ in walled_models()}
    assert with_tenants - forced == set()
    assert forced == known and with_tenants | {"kernel_tenant"} == known


def test_every_wall_has_its_policy_and_no_other(owner: psycopg.Connection[Any]) -> None:
    found = rows(
        owner, "SELECT tablename, policyname, permissive, roles::text[], cmd, qual, with_check FROM pg_policies"
    )
    assert {one[0] for one in found} == {model._meta.db_table for model, _, _ in walled_models()} and len(found) == len(
        {one[0] for one in found}
    )
    system = {model._meta.db_table for model, _, wall in walled_models() if wall.system}
    for table, policy, permissive, roles, verb, using, check in found:
        assert (policy, permissive, roles, verb) == ("own_rows", "PERMISSIVE", ["public"], "ALL"), table
        assert using == check and "rongshu.tenant" in using, table
        assert ("rongshu.scope" in using) is (table in system), table


def test_the_tenant_is_first_in_every_primary_key(owner: psycopg.Connection[Any]) -> None:
    statement = (
        "SELECT c.relname, array_agg(a.attname::text ORDER BY k.place) FROM pg_constraint p JOIN pg_class c ON c.oid = p.conrelid "
        "CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (number, place) "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number WHERE p.contype = 'p' GROUP BY 1"
    )
    keys = dict(rows(owner, statement))
    for model, _, _ in walled_models():
        table = model._meta.db_table
        if table in BY_ANOTHER_KEY:
            assert keys[table] == BY_ANOTHER_KEY[table]
        else:
            assert keys[table][0] == "tenant_id", table


def test_the_application_owns_nothing_and_passes_no_wall(owner: psycopg.Connection[Any]) -> None:
    rights = rows(
        owner,
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = %s",
        APPLICATION_ROLE,
    )
    assert rights == [(False, False, False, False)]
    for role in (APPLICATION_ROLE, WRITER_ROLE):
        mine = "JOIN pg_roles r ON r.rolname = %s AND r.oid"
        assert (
            rows(owner, f"SELECT relname FROM pg_class c {mine} = c.relowner WHERE relpersistence <> 't'", role) == []
        )
        assert rows(owner, f"SELECT proname FROM pg_proc p {mine} = p.proowner", role) == []
        assert rows(owner, "SELECT has_schema_privilege(%s, 'public', 'CREATE')", role) == [(False,)]
    with psycopg.connect(os.environ[APPLICATION], autocommit=True) as application:
        ((who, bypasses),) = rows(application, "SELECT current_user, row_security_active('commerce_order')")
        assert (who, bypasses) == (APPLICATION_ROLE, True)


VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")


def granted(owner: psycopg.Connection[Any], role: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for (table,) in rows(owner, f"SELECT c.relname {TABLES}"):
        verbs = {
            verb
            for verb in VERBS
            if rows(owner, "SELECT has_table_privilege(%s, %s, %s)", role, f'"{table}"', verb) == [(True,)]
        }
        if verbs:
            found[table] = verbs
    return found


def test_the_application_may_what_each_wall_says(owner: psycopg.Connection[Any]) -> None:
    found = granted(owner, APPLICATION_ROLE)
    for model, _, wall in walled_models():
        allowed = (
            {"SELECT"}
            | (set() if wall.read_only else {"INSERT"})
            | (set() if wall.read_only or wall.append_only else {"UPDATE", "DELETE"})
        )
        assert found.pop(model._meta.db_table) == allowed, model
    assert set(found) == OF_NOBODY
    assert found["django_migrations"] == found["django_content_type"] == {"SELECT"}


def test_the_writer_may_only_insert_and_only_where_it_is_marked(owner: psycopg.Connection[Any]) -> None:
    copied = {model._meta.db_table for model, _, wall in walled_models() if wall.copied}
    assert granted(owner, WRITER_ROLE) == {table: {"INSERT"} for table in copied} and copied
    ((superuser, bypasses, login),) = rows(
        owner, "SELECT rolsuper, rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s", WRITER_ROLE
    )
    assert (superuser, bypasses, login) == (False, True, False)
    triggers = rows(
        owner, "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'hold_to_tenant' AND tgenabled = 'O'"
    )
    assert {table.strip('"') for (table,) in triggers} == copied


def test_what_is_append_only_is_so_for_its_owner_too(owner: psycopg.Connection[Any]) -> None:
    for model, _, wall in walled_models():
        if wall.append_only:
            for verb in (
                f"UPDATE {model._meta.db_table} SET tenant_id = 0",
                f"DELETE FROM {model._meta.db_table}",
                f"TRUNCATE {model._meta.db_table}",
            ):
                with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="append-only"):
                    owner.execute(verb)


def test_outside_a_scope_the_database_shows_nothing() -> None:
    with psycopg.connect(os.environ[APPLICATION], autocommit=True) as application:
        for model, _, wall in walled_models():
            if wall.system:
                assert rows(application, f'SELECT count(*) FROM "{model._meta.db_table}"') == [(0,)]
                continue
            try:
                found = rows(application, f'SELECT count(*) FROM "{model._meta.db_table}"')
            except psycopg.Error as error:
                assert re.search(r"rongshu\.tenant|bigint", str(error)), model
            else:  # a scan of an empty table looks at no row, so that nothing refuses
                assert found == [(0,)], model
