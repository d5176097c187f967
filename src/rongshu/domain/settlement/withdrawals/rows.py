"""Rows of withdrawals written and changed in whole batches, and the locks under which that is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]


def ref_of(identifier: int) -> str:
    """The ledger's key of a withdrawal."""
    return f"W{identifier}"


def ids_of(them: Sequence[Withdrawal]) -> I64:
    """Their ids."""
    return np.array([one.id for one in them], dtype=np.int64)


def held(identifiers: Iterable[int]) -> list[Withdrawal]:
    """Some withdrawals, locked in the order of their ids."""
    return list(Withdrawal.objects.select_for_update().filter(id__in=list(identifiers)).order_by("id"))


def lock_name(name: str) -> None:
    """Waits for whoever holds this name within the tenant, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [name, current_tenant()])


def lock_people(people: Iterable[bytes]) -> None:
    """Waits for whoever settles the tax of these people, in one order for all.

    People share 256 locks by the first byte of their hash: the server's table of locks holds some thousands, a batch may have more people.
    """
    names = [f"tax of people {first}" for first in sorted({person[0] for person in people})]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(n, %s)) FROM unnest(%s::text[]) AS n",
            [current_tenant(), names],
        )


def add_withdrawals(columns: Mapping[str, I64], *, state: Sequence[str], run_id: int, now: datetime) -> None:
    """New withdrawals of a run. `columns`: id, promoter_id, payee_id, amount, fee (bigint), approvals_needed."""
    rows = len(columns["id"])
    copying.copy(
        "settlement_withdrawal",
        {
            "tenant_id": copying.int8(current_tenant()),
            **{name: copying.int8(columns[name]) for name in ("id", "promoter_id", "payee_id", "amount", "fee")},
            "tax": copying.int8(0),
            "state": copying.text(state),
            "approvals_needed": copying.int2(columns["approvals_needed"]),
            "approvals": copying.int2(0),
            "run_id": copying.int8(run_id),
            "asked_at": copying.instant(to_micros(now)),
        },
        rows,
    )


def add_steps(
    withdrawals: I64, state: str, *, by: Actor, now: datetime, reason: str = "", reasons: Sequence[str] | None = None
) -> None:
    """One step of each withdrawal, for one reason or one each."""
    rows = len(withdrawals)
    copying.copy(
        "settlement_step",
        {
            "tenant_id": copying.int8(current_tenant()),
            "withdrawal_id": copying.int8(withdrawals),
            "id": copying.int8(new_ids(rows)),
            "state": copying.text([state]) * rows,
            "at": copying.instant(to_micros(now)),
            "actor": copying.text([str(by)]) * rows,
            "reason": copying.text([reason[:500]]) * rows
            if reasons is None
            else copying.text([one[:500] for one in reasons]),
        },
        rows,
    )


class Line(NamedTuple):
    """A tax line to be written; see `TaxLine`, which costs ten times as much to make."""

    document_hash: bytes
    month: int
    withdrawal_id: int
    method: str
    gross: int
    tax: int
    basis: str


def add_tax_lines(lines: Sequence[Line], now: datetime) -> None:
    """Tax lines, in their order; their ids and `at` are made here."""
    copying.copy(
        "settlement_tax",
        {
            "tenant_id": copying.int8(current_tenant()),
            "id": copying.int8(new_ids(len(lines))),
            **{
                name: copying.int8(np.array([getattr(line, name) for line in lines], dtype=np.int64))
                for name in ("withdrawal_id", "gross", "tax")
            },
            "month": copying.int4(np.array([line.month for line in lines], dtype=np.int64)),
            "at": copying.instant(to_micros(now)),
            "document_hash": copying.raw([line.document_hash for line in lines]),
            "method": copying.text([line.method for line in lines]),
            "basis": copying.text([line.basis for line in lines]),
        },
        len(lines),
    )


def change_withdrawals(them: Sequence[Withdrawal], *columns: str) -> None:
    """Writes some columns of withdrawals that are held, in one statement."""
    sizes = {"tax": "bigint", "batch_id": "bigint", "approvals": "smallint", "state": "text"}
    arrays = {
        name: bulk.texts([one.state for one in them])
        if name == "state"
        else (bulk.int2s if name == "approvals" else bulk.int8s)([getattr(one, name) or 0 for one in them])
        for name in columns
        if name in sizes
    }
    changes = [f"{name} = NULLIF(r.{name}, 0)" if name == "batch_id" else f"{name} = r.{name}" for name in arrays]
    values: list[object] = []
    if "ended_at" in columns:
        changes.append("ended_at = %s")
        values.append(them[0].ended_at if them else None)
    listed = ", ".join(f"%s::{sizes[name]}[]" for name in arrays)
    with bulk.cursor() as cursor:
        cursor.execute(
            f"UPDATE settlement_withdrawal w SET {', '.join(changes)} "
            f"FROM unnest(%s::bigint[], {listed}) AS r (id, {', '.join(arrays)}) WHERE w.tenant_id = %s AND w.id = r.id",
            [*values, bulk.int8s(ids_of(them)), *arrays.values(), current_tenant()],
        )
