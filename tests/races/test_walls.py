"""What the database refuses the application, whatever its code does."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import Error, connection, transaction
from psycopg.errors import InsufficientPrivilege, UndefinedObject

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import NoActiveTenant, tenant_scope
from rongshu.ledger import actions, queries
from rongshu.ledger.models import Balance, JournalEntry, Transfer
from tests.conftest import NOW
from tests.races.test_ledger_races import fill

COLUMNS = "(tenant_id, journal, line, dr_owner, dr_book, cr_owner, cr_book, amount, about, about_row, at)"


@pytest.fixture
def filled() -> int:
    """A tenant of two transfers and two keys."""
    tenant = new_id()
    fill(tenant, 7, 100)
    return tenant


def refused(tenant: int, statement: str, parameters: Any = ()) -> type[BaseException]:
    """Runs a statement as the application; what the database raised."""
    with pytest.raises(Error) as caught, tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
    return type(caught.value.__cause__)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_transfer SET amount = amount + 1",
        "UPDATE ledger_transfer SET cr_owner = 8",
        "DELETE FROM ledger_transfer",
        "TRUNCATE ledger_transfer",
        "UPDATE ledger_journal SET hash = 'x'",
        "DELETE FROM ledger_journal",
        "UPDATE ledger_balance SET amount = amount + 1",
        "INSERT INTO ledger_balance VALUES (1, 1, 102, 5)",
        "DELETE FROM ledger_balance",
        "ALTER TABLE ledger_transfer DISABLE TRIGGER ALL",
        "ALTER TABLE ledger_balance DROP CONSTRAINT balance_floor",
        "CREATE OR REPLACE FUNCTION ledger_move_balances() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
        "SET LOCAL session_replication_role = replica",
    ],
)
def test_the_application_cannot_change_what_was_posted(filled: int, statement: str) -> None:
    assert refused(filled, statement) is InsufficientPrivilege


@pytest.mark.parametrize("statement", ["UPDATE ledger_transfer SET amount = 1", "DELETE FROM ledger_journal"])
def test_not_even_the_owner_can(filled: int, statement: str) -> None:
    with (
        psycopg.connect(os.environ["RONGSHU_OWNER_URL"]) as owner,
        pytest.raises(psycopg.IntegrityError, match="append-only"),
    ):
        owner.execute(statement)


def test_what_is_left_alone_can_be_read(filled: int) -> None:
    """The control: the same role reads, and inserts what is in order."""
    fill(filled, 7, 5)
    with tenant_scope(filled):
        assert Transfer.objects.count() == 4
        assert queries.standings_of([7])[7].available == 105


def test_another_tenants_rows_are_invisible(filled: int) -> None:
    with tenant_scope(new_id()), connection.cursor() as cursor:
        for table in ("ledger_transfer", "ledger_journal", "ledger_balance"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE tenant_id = %s", [filled])
            assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM ledger_hold(%s, ARRAY[7::bigint], ARRAY[102::smallint])", [filled])
        assert cursor.fetchone() == (0,)
    with tenant_scope(filled), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_transfer")
        assert cursor.fetchone() == (2,)


def test_another_tenants_rows_cannot_be_inserted(filled: int) -> None:
    statement = f"INSERT INTO ledger_transfer {COLUMNS} VALUES (%s, 1, 1, 0, 151, 7, 102, 5, 0, 0, now())"
    assert refused(new_id(), statement, [filled]) is InsufficientPrivilege
    assert (
        refused(new_id(), "INSERT INTO ledger_journal VALUES (%s, 'order', 'x', 1, '')", [filled])
        is InsufficientPrivilege
    )
    with tenant_scope(filled), connection.cursor() as cursor:
        cursor.execute(statement, [filled])  # the control
        transaction.set_rollback(True)


def test_the_widest_road_holds_to_the_tenant_too(filled: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches are copied in by a role that passes the policies; rows of another tenant are refused there as well."""
    monkeypatch.setattr(actions, "current_tenant", lambda: filled)
    one = np.ones(1, dtype=np.int64)
    with pytest.raises((psycopg.Error, Error)) as caught, tenant_scope(new_id()):
        actions.post(actions._rows(one, one, (0, actions.Book.EXPENSE), (7, actions.Book.AVAILABLE), one), now=NOW)
    assert "another tenant" in str(caught.value) or "row-level security" in str(caught.value)
    with tenant_scope(filled):
        assert Transfer.objects.count() == 2


def test_the_role_of_the_widest_road_can_only_insert(filled: int) -> None:
    with tenant_scope(new_id()), connection.cursor() as cursor:
        cursor.execute("SELECT rolname FROM pg_roles WHERE rolbypassrls AND NOT rolsuper AND pg_has_role(oid, 'SET')")
        roles = [role for (role,) in cursor.fetchall()]
    for role in roles:
        for statement in (
            "SELECT amount FROM ledger_transfer",
            "UPDATE ledger_transfer SET amount = 1",
            "DELETE FROM ledger_balance",
        ):
            assert refused(filled, f"SET LOCAL ROLE {role}; {statement}") is InsufficientPrivilege


def test_without_a_tenant_the_database_refuses(filled: int) -> None:
    for statement in ("SELECT * FROM ledger_transfer", "SELECT * FROM ledger_hold(1, '{7}', '{102}')"):
        with pytest.raises(Error) as caught, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('rongshu.tenant', '', true)")
            cursor.execute(statement)
        assert not isinstance(caught.value.__cause__, InsufficientPrivilege | UndefinedObject)


def test_without_a_scope_the_code_refuses() -> None:
    for model in (JournalEntry, Transfer, Balance):
        with pytest.raises(NoActiveTenant):
            model.objects.count()
    with pytest.raises(NoActiveTenant):
        actions.reserve(ref="x", owner=1, amount=1, now=NOW)
    with pytest.raises(NoActiveTenant):
        queries.invariants()


def test_a_transaction_acts_for_one_tenant() -> None:
    with pytest.raises(RuntimeError, match="one tenant only"), tenant_scope(new_id()), tenant_scope(new_id()):
        pass
