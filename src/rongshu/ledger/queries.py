from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.books import Book
from rongshu.ledger.models import Balance

I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's stored books, in minor units."""

    available: int = 0
    reserved: int = 0
    debt: int = 0
    """0 or below."""


def standings_of(owners: Sequence[int]) -> dict[int, Standing]:
    """The stored books of each of `owners`; owners without any transfer stand at 0."""
    books: dict[int, dict[int, int]] = {owner: {} for owner in owners}
    for balance in Balance.objects.filter(owner__in=list(owners)):
        books[balance.owner][balance.book] = balance.amount
    return {
        owner: Standing(own.get(Book.AVAILABLE, 0), own.get(Book.RESERVED, 0), own.get(Book.DEBT, 0))
        for owner, own in books.items()
    }


def balances_of(owners: Sequence[int], books: Sequence[Book]) -> dict[int, dict[int, int]]:
    """The stored amounts of some books of some owners; what was never moved is left out."""
    found: dict[int, dict[int, int]] = {}
    for balance in Balance.objects.filter(owner__in=list(owners), book__in=[int(book) for book in books]):
        found.setdefault(balance.owner, {})[balance.book] = balance.amount
    return found


@dataclass(frozen=True, slots=True)
class Moved:
    """One transfer, as shown."""

    journal: int
    line: int
    debit: tuple[int, Book]
    credit: tuple[int, Book]
    amount: int
    about_row: int
    at: datetime


def transfers_of(journals: Sequence[int]) -> list[Moved]:
    """The transfers of some journal entries, in their order."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT journal, line, dr_owner, dr_book, cr_owner, cr_book, amount, about_row, at FROM ledger_transfer "
            "WHERE tenant_id = %s AND journal = ANY (%s) ORDER BY journal, line",
            [current_tenant(), list(journals)],
        )
        return [
            Moved(journal, line, (dr, Book(dr_book)), (cr, Book(cr_book)), amount, row, at)
            for journal, line, dr, dr_book, cr, cr_book, amount, row, at in cursor.fetchall()
        ]


def transfers_with(owner: int, journals: Sequence[int]) -> list[Moved]:
    """Those of some journal entries that moved something to or from what one owner has, in their order."""
    shown = "SELECT journal, line, dr_owner, dr_book, cr_owner, cr_book, amount, about_row, at FROM ledger_transfer"
    with connection.cursor() as cursor:
        cursor.execute(
            f"{shown} WHERE tenant_id = %s AND cr_owner = %s AND cr_owner > 0 AND cr_book IN (102, 103, 104) AND journal = ANY (%s) "
            f"UNION {shown} WHERE tenant_id = %s AND dr_owner = %s AND dr_owner > 0 AND dr_book IN (102, 103, 104) "
            "AND journal = ANY (%s) ORDER BY journal, line",
            [current_tenant(), owner, list(journals)] * 2,
        )
        return [
            Moved(journal, line, (dr, Book(dr_book)), (cr, Book(cr_book)), amount, row, at)
            for journal, line, dr, dr_book, cr, cr_book, amount, row, at in cursor.fetchall()
        ]


def journal_id(kind: str, ref: str) -> int | None:
    """The id that holds a journal key."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM ledger_journal WHERE tenant_id = %s AND kind = %s AND ref = %s",
            [current_tenant(), kind, ref],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def journal_ids(kind: str, refs: Sequence[str]) -> dict[str, int]:
    """The ids that hold some journal keys; what is not claimed is left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ref, id FROM ledger_journal WHERE tenant_id = %s AND kind = %s AND ref = ANY (%s)",
            [current_tenant(), kind, list(refs)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Finding:
    """An invariant, recomputed: how many accounts or rows were held to it, and up to 20 that differ."""

    name: str
    examined: int
    differences: int
    examples: tuple[str, ...] = ()


def finding(name: str, statement: str, parameters: Sequence[Any] = ()) -> Finding:
    """Runs an invariant's statement: rows (key, expected, found), of which those that differ are differences."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH held AS MATERIALIZED ({statement}), "
            "wrong AS (SELECT * FROM held WHERE expected IS DISTINCT FROM found) "
            "SELECT (SELECT count(*) FROM held), (SELECT count(*) FROM wrong), "
            "(SELECT array_agg(key || ': ' || coalesce(expected::text, '-') || ' / ' || coalesce(found::text, '-')) "
            " FROM (SELECT * FROM wrong LIMIT 20) w)",
            list(parameters),
        )
        examined, differences, examples = cursor.fetchone()
    return Finding(name, examined, differences, tuple(examples or ()))


_MOVES = """
    SELECT owner, book, sum(delta) AS amount FROM (
        SELECT cr_owner AS owner, cr_book AS book, amount AS delta FROM ledger_transfer WHERE tenant_id = %s
        UNION ALL SELECT dr_owner, dr_book, -amount FROM ledger_transfer WHERE tenant_id = %s) m GROUP BY owner, book
"""


def invariants() -> list[Finding]:
    """What must always hold within the ledger itself, recomputed from the transfers of the active tenant."""
    tenant = current_tenant()
    return [
        finding(
            "balance = sum of transfers",
            "SELECT coalesce(b.owner, m.owner) || '/' || coalesce(b.book, m.book) AS key, coalesce(m.amount, 0) AS expected, "
            f"coalesce(b.amount, 0) AS found FROM ({_MOVES}) m "
            "FULL JOIN (SELECT * FROM ledger_balance WHERE tenant_id = %s) b ON b.owner = m.owner AND b.book = m.book "
            "WHERE coalesce(b.book, m.book) %% 100 <> 1",
            [tenant, tenant, tenant],
        ),
        finding(
            "every unit sums to 0",
            f"SELECT (book / 100)::text AS key, 0::numeric AS expected, sum(amount) AS found FROM ({_MOVES}) m GROUP BY 1",
            [tenant, tenant],
        ),
        finding(
            "nothing pending is below 0",
            f"SELECT owner::text AS key, true AS expected, amount >= 0 AS found FROM ({_MOVES}) m WHERE book %% 100 = 1",
            [tenant, tenant],
        ),
        finding(
            "no debt beside something available",
            "SELECT d.owner::text AS key, 0::bigint AS expected, coalesce(a.amount, 0) AS found FROM ledger_balance d "
            "LEFT JOIN ledger_balance a ON a.tenant_id = d.tenant_id AND a.owner = d.owner AND a.book = d.book - 2 "
            "WHERE d.tenant_id = %s AND d.book %% 100 = 4 AND d.amount < 0",
            [tenant],
        ),
        finding(
            "every transfer has its journal entry",
            "SELECT t.journal::text AS key, true AS expected, j.id IS NOT NULL AS found "
            "FROM (SELECT DISTINCT journal FROM ledger_transfer WHERE tenant_id = %s) t "
            "LEFT JOIN ledger_journal j ON j.tenant_id = %s AND j.id = t.journal",
            [tenant, tenant],
        ),
    ]


def size() -> tuple[int, int]:
    """How many accounts and how many transfers the active tenant has; pending accounts are counted from the transfers."""
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_MOVES}) m", [tenant, tenant])
        (accounts,) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM ledger_transfer WHERE tenant_id = %s", [tenant])
        (transfers,) = cursor.fetchone()
    return int(accounts), int(transfers)


def latest_transfers(*, after: tuple[int, int] | None = None, limit: int = 50) -> list[tuple[Moved, int]]:
    """Transfers, latest journal first, each with the order it is about (0 for none); `after` is (journal, line) of the page before's last."""
    bound = "" if after is None else "AND (journal, line) < (%s, %s) "
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT journal, line, dr_owner, dr_book, cr_owner, cr_book, amount, about_row, at, about FROM ledger_transfer "
            f"WHERE tenant_id = %s {bound}ORDER BY journal DESC, line DESC LIMIT %s",
            [current_tenant(), *(after or ()), limit],
        )
        return [
            (Moved(journal, line, (dr, Book(dr_book)), (cr, Book(cr_book)), amount, row, at), about)
            for journal, line, dr, dr_book, cr, cr_book, amount, row, at, about in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class BookTotal:
    """What all accounts of one book hold together, in minor units."""

    book: Book
    accounts: int
    amount: int


def book_totals() -> list[BookTotal]:
    """Every book of the active tenant, recomputed from the transfers."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT book, count(*), sum(amount)::bigint FROM ({_MOVES}) m GROUP BY book ORDER BY book",
            [current_tenant(), current_tenant()],
        )
        return [BookTotal(Book(book), accounts, amount) for book, accounts, amount in cursor.fetchall()]


def owners_available(*, after: int, limit: int) -> tuple[I64, I64]:
    """The next owners to whom something is available, in the order of their ids, and how much. Nothing is locked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT owner, amount FROM ledger_balance "
            "WHERE tenant_id = %s AND book = 102 AND owner > %s AND amount > 0 ORDER BY owner LIMIT %s",
            [current_tenant(), max(after, 0), limit],
        )
        rows = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def became_available(owners: I64, since: datetime) -> I64:
    """What became available to each of `owners` since an instant, by a release or a reward; what was only given back does not count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT cr_owner, sum(amount)::bigint FROM ledger_transfer WHERE tenant_id = %s AND cr_owner = ANY (%s) "
            "AND cr_owner > 0 AND cr_book = 102 AND dr_book IN (101, 151) AND at >= %s GROUP BY 1",
            [current_tenant(), owners.tolist(), since],
        )
        found = dict(cursor.fetchall())
    return np.array([found.get(owner, 0) for owner in owners.tolist()], dtype=np.int64)


def count_available(*, after: int = 0) -> int:
    """How many owners behind `after` have something available."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM ledger_balance WHERE tenant_id = %s AND book = 102 AND owner > %s AND amount > 0",
            [current_tenant(), max(after, 0)],
        )
        return int(cursor.fetchone()[0])
