"""A member's points become another's: what is left of each lot goes into a lot that ends the same day, and comes back the same way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from rongshu.domain.members.points.models import PASSED, PointsLot
from rongshu.domain.members.points.moving import (
    KIND,
    change_left,
    hold_accounts,
    numbers,
    one,
    rows,
    settle_debts,
    take_turn,
    write_moves,
)
from rongshu.kernel import copying
from rongshu.kernel.errors import conflict
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import claim, hold, post
from rongshu.ledger.books import Book


@dataclass(frozen=True, slots=True)
class Passed:
    """`lots`: (lot, the lot it went on in, points); `debt`: points that are to be taken back and went with them."""

    lots: list[tuple[int, int, int]]
    debt: int


def pass_on_points(*, source: int, heir: int, now: datetime) -> Passed:
    """What is left of the source's lots, and what they owe, is the heir's. Takes the turn.

    Raises `conflict` while points of the source are set aside.
    """
    _hold(source, heir)
    found = list(PointsLot.objects.filter(member_id=source, left__gt=0).order_by("id"))
    ids = new_ids(len(found)).tolist()
    for lot, new in zip(found, ids, strict=True):
        PointsLot.objects.create(
            tenant_id=current_tenant(), id=new, member_id=heir, amount=lot.left, left=lot.left, source="merge",
            ref=f"merge:{lot.id}:{new}", about=0, version=lot.version, why={}, at=lot.at, usable_at=lot.usable_at,
            is_open=lot.is_open, expires_at=lot.expires_at,
        )  # fmt: skip
    change_left(numbers([lot.id for lot in found]), numbers([-lot.left for lot in found]))
    journal = _journal()
    _write(
        journal, source, heir, [(lot.id, new, lot.left, lot.is_open) for lot, new in zip(found, ids, strict=True)], now
    )
    (debt,) = hold(one(source), (Book.POINTS_DEBT,))
    owed = -int(debt[0])
    _owe(journal, heir, source, owed, now)
    return Passed([(lot.id, new, lot.left) for lot, new in zip(found, ids, strict=True)], owed)


def bring_back_points(*, source: int, heir: int, passed: Passed, now: datetime) -> int:
    """What is left of the lots that were passed on goes back into those they came from; how many points. Takes the turn.

    Raises `conflict` while points of the heir are set aside.
    """
    _hold(source, heir)
    home = {new: lot for lot, new, _points in passed.lots}
    found = list(PointsLot.objects.filter(id__in=list(home), left__gt=0).order_by("id"))
    for lot in found:
        PointsLot.objects.filter(id=home[lot.id]).update(is_open=lot.is_open)
    change_left(numbers([lot.id for lot in found]), numbers([-lot.left for lot in found]))
    back: dict[int, int] = {}  # of one lot some may have gone on later than the rest
    for lot in found:
        back[home[lot.id]] = back.get(home[lot.id], 0) + lot.left
    change_left(numbers(list(back)), numbers(list(back.values())))
    journal = _journal()
    _write(journal, heir, source, [(lot.id, home[lot.id], lot.left, lot.is_open) for lot in found], now)
    (debt,) = hold(one(heir), (Book.POINTS_DEBT,))
    _owe(journal, source, heir, min(passed.debt, -int(debt[0])), now)
    return sum(lot.left for lot in found)


def _hold(source: int, heir: int) -> None:
    take_turn()
    hold_accounts(numbers([source, heir]))
    copying.flush()
    if any(hold(numbers(sorted([source, heir])), (Book.POINTS_RESERVED,))[0].tolist()):
        raise conflict(
            "points_reserved", "Points of one of the two are set aside for an order; wait until it is paid or given up."
        )


def _journal() -> int:
    journal = new_id()
    claim(KIND, [f"pass:{journal}"], [b""], one(journal))
    return journal


def _write(journal: int, giver: int, taker: int, lots: Sequence[tuple[int, int, int, bool]], now: datetime) -> None:
    """Moves and transfers of (from lot, to lot, points, open)."""
    amounts = numbers([row[2] for row in lots])
    for member, at, sign in ((giver, 0, -1), (taker, 1, 1)):
        write_moves(
            members=np.full(len(lots), member), lots=numbers([row[at] for row in lots]), kind=PASSED,
            amounts=sign * amounts, journals=journal, about=0, now=now,
        )  # fmt: skip
    copying.flush()
    for line, book, is_open in ((1, Book.POINTS, True), (2, Book.POINTS_PENDING, False)):
        total = sum(row[2] for row in lots if row[3] == is_open)
        if total:
            post(rows(journal, one(line), (one(giver), book), (one(taker), book), one(total)), now=now)


def _owe(journal: int, debtor: int, instead_of: int, points: int, now: datetime) -> None:
    """The debtor owes points instead of the other; settled at once as far as there are some."""
    if points > 0:
        post(
            rows(journal, one(3), (one(debtor), Book.POINTS_DEBT), (one(instead_of), Book.POINTS_DEBT), one(points)),
            now=now,
        )
    settle_debts(one(debtor), journals=journal, first_line=4, now=now)
