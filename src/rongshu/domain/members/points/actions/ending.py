from __future__ import annotations

from datetime import datetime

import numpy as np

from rongshu.domain.members.points.models import EXPIRED
from rongshu.domain.members.points.moving import (
    KIND,
    hold_accounts,
    house_of,
    lines_from,
    numbers,
    rows,
    settle_debts,
    take_turn,
    write_moves,
)
from rongshu.kernel import bulk, copying
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import I64, claim, post
from rongshu.ledger.books import Book

AT_ONCE = 20_000
"""Lots that one look by the clock ends, or opens."""


def expire_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """What is left of lots whose time is over lapses; how many lots, at most `limit`. Takes the turn.

    What of them is set aside stays so: it lapses when it is released.
    """
    take_turn()
    found = _due(
        'SELECT id, member_id FROM members_points_lot WHERE tenant_id = %s AND expires_at <= %s AND "left" > 0 AND is_open '
        "ORDER BY expires_at LIMIT %s",
        now, limit,
    )  # fmt: skip
    if not len(found):
        return 0
    hold_accounts(np.unique(found[:, 1]))
    with bulk.cursor() as cursor:
        cursor.execute(
            'WITH due AS (SELECT id, member_id, "left" FROM members_points_lot WHERE tenant_id = %s '
            'AND id = ANY (%s::bigint[]) AND "left" > 0 FOR UPDATE) '
            'UPDATE members_points_lot l SET "left" = 0 FROM due WHERE l.tenant_id = %s AND l.id = due.id '
            'RETURNING due.id, due.member_id, due."left"',
            [current_tenant(), bulk.int8s(found[:, 0]), current_tenant()],
        )
        gone = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    journal, owners, sums = _sums(gone, "expire")
    write_moves(
        members=gone[:, 1], lots=gone[:, 0], kind=EXPIRED, amounts=-gone[:, 2], journals=journal, about=0, now=now
    )
    house = house_of(journal)
    lines = lines_from(1, len(owners))
    post(rows(journal, lines, (owners, Book.POINTS), (house, Book.POINTS_EXPIRED), sums), now=now)
    return len(found)


def open_due(*, now: datetime, limit: int = AT_ONCE) -> int:
    """Lots whose waiting is over may be used, and what their members owe is settled; how many lots. Takes the turn."""
    take_turn()
    found = _due(
        "SELECT id, member_id FROM members_points_lot WHERE tenant_id = %s AND usable_at <= %s AND NOT is_open "
        "ORDER BY usable_at LIMIT %s",
        now, limit,
    )  # fmt: skip
    if not len(found):
        return 0
    hold_accounts(np.unique(found[:, 1]))
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE members_points_lot SET is_open = true WHERE tenant_id = %s AND id = ANY (%s::bigint[]) AND NOT is_open "
            'RETURNING id, member_id, "left"',
            [current_tenant(), bulk.int8s(found[:, 0])],
        )
        opened = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 3)
    journal, owners, sums = _sums(opened, "open")
    lines = lines_from(1, len(owners))
    post(rows(journal, lines, (owners, Book.POINTS_PENDING), (owners, Book.POINTS), sums), now=now)
    settle_debts(owners, journals=journal, first_line=len(owners) + 1, now=now)
    return len(found)


def _due(statement: str, now: datetime, limit: int) -> I64:
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(statement, [current_tenant(), now, limit])
        return np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)


def _sums(lots: I64, what: str) -> tuple[int, I64, I64]:
    """A journal of its own, and what there is of each member."""
    journal = new_id()
    claim(KIND, [f"{what}:{journal}"], [b""], numbers([journal]))
    owners, group = np.unique(lots[:, 1], return_inverse=True)
    sums = np.zeros(len(owners), dtype=np.int64)
    np.add.at(sums, group, lots[:, 2])
    return journal, owners, sums
