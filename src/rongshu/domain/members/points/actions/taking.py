from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from rongshu.domain.members.points.models import OWED, TAKEN_BACK
from rongshu.domain.members.points.moving import KIND, change_left, house_of, numbers, rows, write_moves
from rongshu.kernel import bulk, copying
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import claim, post
from rongshu.ledger.books import Book


@dataclass(frozen=True, slots=True)
class Owed:
    """Points of an order that are to be taken back from its member."""

    member: int
    order: int
    points: int


def take_back(owed: Sequence[Owed], *, now: datetime) -> int:
    """Takes points back; the caller has the turn and holds the accounts. How many."""
    if not owed:
        return 0
    members, orders = sorted({one.member for one in owed}), {one.order for one in owed}
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            'SELECT id, member_id, "left", about, is_open FROM members_points_lot '
            'WHERE tenant_id = %s AND member_id = ANY (%s::bigint[]) AND "left" > 0 '
            "ORDER BY member_id, expires_at NULLS LAST, id",
            [current_tenant(), bulk.int8s(members)],
        )
        found = cursor.fetchall()
    left = {lot: amount for lot, _, amount, _, _ in found}
    opened = {lot: is_open for lot, _, _, _, is_open in found}
    own: dict[int, list[int]] = {}
    others: dict[int, list[int]] = {}
    for lot, member, _, about, is_open in found:
        if about in orders:
            own.setdefault(about, []).append(lot)
        if is_open:
            others.setdefault(member, []).append(lot)
    taken: list[tuple[int, int, int, int]] = []  # member, lot, points, order
    missing: list[tuple[int, int, int]] = []
    for one in owed:
        rest = one.points
        for lot in [*own.get(one.order, ()), *others.get(one.member, ())]:
            part = min(rest, left[lot])
            if part:
                taken.append((one.member, lot, part, one.order))
                left[lot] -= part
                rest -= part
        if rest:
            missing.append((one.member, one.order, rest))
    _write(taken, missing, opened, now)
    return sum(one.points for one in owed)


def _write(
    taken: list[tuple[int, int, int, int]], missing: list[tuple[int, int, int]], opened: dict[int, bool], now: datetime
) -> None:
    journal = new_id()
    claim(KIND, [f"back:{journal}"], [b""], numbers([journal]))
    house, line = house_of(journal), 1
    member, lot, points, order = (numbers([row[at] for row in taken]) for at in range(4))
    lots, group = np.unique(lot, return_inverse=True)
    by = np.zeros(len(lots), dtype=np.int64)
    np.subtract.at(by, group, points)
    change_left(lots, by)
    write_moves(members=member, lots=lot, kind=TAKEN_BACK, amounts=-points, journals=journal, about=order, now=now)
    owner, of, rest = (numbers([row[at] for row in missing]) for at in range(3))
    write_moves(members=owner, lots=owner * 0, kind=OWED, amounts=-rest, journals=journal, about=of, now=now)
    is_open = np.array([opened[one] for one in lot.tolist()], dtype=bool)
    for book, who, amount in (
        (Book.POINTS, member[is_open], points[is_open]),
        (Book.POINTS_PENDING, member[~is_open], points[~is_open]),
        (Book.POINTS_DEBT, owner, rest),
    ):
        numbered = np.arange(line, line + len(who), dtype=np.int64)
        post(rows(journal, numbered, (who, book), (house, Book.POINTS_ISSUED), amount), now=now)
        line += len(who)
