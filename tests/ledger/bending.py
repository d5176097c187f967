"""Planting a mistake: a function of the project, or of the database, with some of its text replaced."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections, transaction

from rongshu.kernel.database import APPLICATION_ROLE


def replaced(text: str, changes: tuple[tuple[str, str], ...]) -> str:
    for old, new in changes:
        if old not in text:
            raise LookupError(f"the mistake no longer fits; this is not in the text: {old}")
        text = text.replace(old, new)
    return text


@contextmanager
def bent(function: Callable[..., Any], *changes: tuple[str, str]) -> Iterator[None]:
    """The function works by the changed text, for whoever imported it under whatever name."""
    text = replaced(textwrap.dedent(inspect.getsource(function)), changes)
    names: dict[str, Any] = dict(function.__globals__)
    exec(compile("from __future__ import annotations\n" + text, inspect.getfile(function), "exec"), names)
    straight = function.__code__
    function.__code__ = names[function.__name__].__code__
    try:
        yield
    finally:
        function.__code__ = straight


@contextmanager
def bent_database(function: str, *changes: tuple[str, str], statement: str = "") -> Iterator[None]:
    """A function of the database changed, and `statement` run, for one transaction of one connection that is thrown away.

    The transaction begins as the owner, who may do that, and goes on as the application.
    """
    straight = connections["default"]
    owner: Any = connections.create_connection("owner")
    owner.alias = "default"
    connections["default"] = owner
    try:
        with transaction.atomic():
            with owner.cursor() as cursor:
                if function:
                    cursor.execute("SELECT pg_get_functiondef(%s::regproc)", [function])
                    cursor.execute(replaced(cursor.fetchone()[0], changes))
                if statement:
                    cursor.execute(statement)
                cursor.execute(f"SET LOCAL SESSION AUTHORIZATION {APPLICATION_ROLE}")
            try:
                yield
            finally:
                transaction.set_rollback(True)
    finally:
        owner.close()
        connections["default"] = straight
