"""What every change of points is made of: the turn, the accounts held, lots drawn from, moves written.

Order of locks: the turn (batches only), accounts by member, lots, balances of the ledger. Work that touches many members takes
the turn; work for one member holds only that member's account. The house's slots are halved between both, so that neither
waits for the other's house rows while it holds a member.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.members.points.models import SETTLED
from rongshu.engine.points.arithmetic import take
from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import new_ids
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import Transfers, hold, post
from rongshu.ledger.books import SLOTS, Book

I64 = NDArray[np.int64]
KIND = "points"
"""Of the ledger's journal."""
_TURN = 0x504F494E
"""Beside the tenant's number, so that this turn is none of the kernel's."""


def take_turn() -> None:
    """Waits until no other batch moves points of this tenant, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s # (%s::bigint << 30)), set_config('rongshu.points_turn', '1', true)",
            [current_tenant(), _TURN],
        )


def house_of(journal: int) -> int:
    """The house's owner number for a piece of work: the lower half of the slots is for work that has the turn."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('rongshu.points_turn', true) = '1'")
        (in_turn,) = cursor.fetchone()
    half = SLOTS // 2
    return -(journal % half) - (0 if in_turn else half)


def hold_accounts(members: I64) -> None:
    """Makes and locks the accounts of `members` (unique), in their order."""
    with bulk.cursor() as cursor:
        ids = bulk.int8s(np.sort(members))
        cursor.execute(
            "INSERT INTO members_points_account (tenant_id, member_id, streak, signed_day) "
            "SELECT %s, u.id, 0, 0 FROM unnest(%s::bigint[]) AS u (id) ORDER BY u.id ON CONFLICT DO NOTHING",
            [current_tenant(), ids],
        )
        cursor.execute(
            "SELECT 1 FROM members_points_account WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) "
            "ORDER BY member_id FOR UPDATE",
            [current_tenant(), ids],
        )


def rows(
    journal: I64 | int, line: I64, debit: tuple[I64 | int, Book], credit: tuple[I64 | int, Book], amount: I64
) -> Transfers:
    """Transfers of points; what they are about stands in the moves."""
    size = len(amount)

    def full(value: I64 | int) -> I64:
        return np.broadcast_to(np.asarray(value, dtype=np.int64), (size,))

    return Transfers(
        full(journal), line, full(debit[0]), full(int(debit[1])), full(credit[0]), full(int(credit[1])), amount, full(0), full(0)
    )  # fmt: skip


def lines_from(first: int, count: int) -> I64:
    """Line numbers of a journal."""
    return np.arange(first, first + count, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was taken of lots: arrays of one length, lots of one member together."""

    lot: I64
    member: I64
    amount: I64


def open_lots(members: I64, *, usable_at: datetime | None) -> tuple[I64, I64, I64]:
    """Lots with something left that may be used: (lot, member, left), by member and what ends first.

    With `usable_at` only those that have not ended then; without, those that wait to be expired as well.
    """
    ending = "" if usable_at is None else "AND (expires_at IS NULL OR expires_at > %s) "
    with bulk.cursor() as cursor:
        cursor.execute(
            'SELECT id, member_id, "left" FROM members_points_lot '
            f'WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND "left" > 0 AND is_open {ending}'
            "ORDER BY member_id, expires_at NULLS LAST, id",
            [current_tenant(), bulk.int8s(members), *(() if usable_at is None else (usable_at,))],
        )
        found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    return found[:, 0], found[:, 1], found[:, 2]


def change_left(lots: I64, by: I64) -> None:
    """Adds to what is left of lots (unique)."""
    if not len(lots):
        return
    with bulk.cursor() as cursor:
        cursor.execute(
            'UPDATE members_points_lot l SET "left" = l."left" + u.by FROM unnest(%s::bigint[], %s::bigint[]) AS u (id, by) '
            "WHERE l.tenant_id = %s AND l.id = u.id",
            [bulk.int8s(lots), bulk.int8s(by), current_tenant()],
        )


def write_moves(
    *, members: I64, lots: I64, kind: int, amounts: I64, journals: I64 | int, about: I64 | int, now: datetime
) -> None:
    """Appends moves; `amounts` are what the lots' rest went up by, or down. Those of nothing are left out."""
    keep = np.flatnonzero(amounts)
    if not len(keep):
        return

    def kept(values: I64 | int) -> I64:
        return np.broadcast_to(np.asarray(values, dtype=np.int64), amounts.shape)[keep]

    copying.copy(
        "members_points_move",
        {
            "tenant_id": copying.int8(current_tenant()),
            "id": copying.int8(new_ids(len(keep))),
            "member_id": copying.int8(members[keep]),
            "lot_id": copying.int8(lots[keep]),
            "kind": copying.int2(kind),
            "amount": copying.int8(amounts[keep]),
            "journal": copying.int8(kept(journals)),
            "about": copying.int8(kept(about)),
            "at": copying.instant(to_micros(now)),
        },
        len(keep),
    )


def settle_debts(members: I64, *, journals: I64 | int, first_line: I64 | int, now: datetime) -> None:
    """Takes what members (unique, sorted, held) owe from what is theirs. `journals` and lines are each member's, or of all."""
    usable, debt = hold(members, (Book.POINTS, Book.POINTS_DEBT))
    settled = np.minimum(usable, -debt)
    due = np.flatnonzero(settled > 0)
    if not len(due):
        return
    owners, amounts = members[due], settled[due]
    whose = np.asarray(journals)[due] if not isinstance(journals, int) else np.full(len(due), journals)
    lines = lines_from(first_line, len(due)) if isinstance(first_line, int) else first_line[due]
    drawn = draw(owners, amounts, usable_at=None)
    at = np.searchsorted(owners, drawn.member)
    write_moves(
        members=drawn.member, lots=drawn.lot, kind=SETTLED, amounts=-drawn.amount, journals=whose[at], about=0, now=now
    )
    post(rows(whose, lines, (owners, Book.POINTS), (owners, Book.POINTS_DEBT), amounts), now=now)


def draw(members: I64, wanted: I64, *, usable_at: datetime | None) -> Drawn:
    """Takes from the lots of members (unique, sorted, held) what ends first, until each gives `wanted` or has nothing left."""
    lot, member, left = open_lots(members, usable_at=usable_at)
    taken = take(left, np.searchsorted(members, member), wanted)
    some = np.flatnonzero(taken)
    change_left(lot[some], -taken[some])
    return Drawn(lot[some], member[some], taken[some])


def one(value: int) -> I64:
    """An array of one."""
    return np.array([value], dtype=np.int64)


def numbers(values: Sequence[int]) -> I64:
    """An array."""
    return np.array(values, dtype=np.int64)
