"""A member is going for good: what is left of their points lapses."""

from __future__ import annotations

from datetime import datetime

import numpy as np

from rongshu.domain.members.points.models import EXPIRED
from rongshu.domain.members.points.moving import (
    KIND,
    change_left,
    hold_accounts,
    house_of,
    numbers,
    one,
    open_lots,
    rows,
    settle_debts,
    take_turn,
    write_moves,
)
from rongshu.kernel import bulk, copying
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import claim, post
from rongshu.ledger.books import Book
from rongshu.ledger.queries import balances_of


def end_points(*, member_id: int, now: datetime) -> int:
    """All points of a member lapse, those not usable yet as well; how many. Takes the turn.

    Raises `conflict` while some are set aside for an order.
    """
    take_turn()
    who = one(member_id)
    hold_accounts(who)
    copying.flush()
    if balances_of([member_id], [Book.POINTS_RESERVED]).get(member_id, {}).get(Book.POINTS_RESERVED):
        raise conflict("points_reserved", "Points are set aside for an order; wait until it is paid or given up.")
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE members_points_lot SET is_open = true WHERE tenant_id = %s AND member_id = %s AND NOT is_open "
            'RETURNING "left"',
            [current_tenant(), member_id],
        )
        waiting = sum(int(left) for (left,) in cursor.fetchall())
    journal = new_id()
    claim(KIND, [f"close:{journal}"], [b""], numbers([journal]))
    if waiting:
        post(rows(journal, one(1), (who, Book.POINTS_PENDING), (who, Book.POINTS), one(waiting)), now=now)
        settle_debts(who, journals=journal, first_line=2, now=now)
    lots, members, left = open_lots(who, usable_at=None)
    if not len(lots):
        return 0
    change_left(lots, -left)
    write_moves(members=members, lots=lots, kind=EXPIRED, amounts=-left, journals=journal, about=0, now=now)
    total = int(np.sum(left))
    post(rows(journal, one(9), (who, Book.POINTS), (house_of(journal), Book.POINTS_EXPIRED), one(total)), now=now)
    return total
