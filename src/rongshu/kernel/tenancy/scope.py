"""The tenant a transaction acts for.

A scope is one transaction. It tells the code (a context variable) and the database (a setting of the transaction, read by
the row-level policies) whose rows are meant; outside a scope both refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connection, transaction

_tenant: ContextVar[int | None] = ContextVar("rongshu_tenant", default=None)
_turn: ContextVar[dict[str, Any] | None] = ContextVar("rongshu_turn", default=None)


class NoActiveTenant(RuntimeError):
    """A query on tenants' rows outside a tenant's scope: a bug in the caller."""


def current_tenant() -> int:
    """The id of the active tenant. Raises NoActiveTenant outside a scope."""
    tenant = _tenant.get()
    if tenant is None:
        raise NoActiveTenant("open a tenant_scope first")
    return tenant


@contextmanager
def tenant_scope(tenant_id: int, *, snapshot: bool = False) -> Iterator[None]:
    """One transaction on behalf of one tenant. Inside the same tenant's scope it is a savepoint; inside another's, an error.

    With `snapshot` every statement sees the same state of the database.
    """
    outer = _tenant.get()
    if outer is not None and outer != tenant_id:
        raise RuntimeError("a transaction acts for one tenant only")
    with transaction.atomic():
        if outer is None:
            with connection.cursor() as cursor:
                if snapshot:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                cursor.execute("SELECT set_config('rongshu.tenant', %s, true)", [str(tenant_id)])
        token, turn = _tenant.set(tenant_id), _turn.set(_turn.get())
        try:
            yield
        finally:
            _tenant.reset(token)
            _turn.reset(turn)


@contextmanager
def system_scope() -> Iterator[None]:
    """One transaction that sees, of all tenants, the few tables opened to it: logins, API keys, queues, the tenants."""
    if _tenant.get() is not None:
        raise RuntimeError("a tenant's transaction cannot widen to the system")
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('rongshu.scope', 'system', true)")
        yield


def lock_background_writing() -> None:
    """Waits for the active tenant's turn among its background writers, until the transaction ends.

    Interactive writes (a withdrawal) take no turn: they touch two rows of one owner.
    """
    if _turn.get() is not None:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [current_tenant()])
    _turn.set({})


def known_in_turn() -> dict[str, Any] | None:
    """What this transaction has read and nobody else can change while it has the turn; None when it has not."""
    return _turn.get()
