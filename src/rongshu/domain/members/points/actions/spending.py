from __future__ import annotations

from datetime import datetime

import numpy as np
from django.db import transaction

from rongshu.domain.members.points.models import (
    FREED,
    GIVEN_BACK,
    HELD,
    RELEASED,
    RESERVED,
    TAKEN,
    PointsHold,
)
from rongshu.domain.members.points.moving import (
    KIND,
    change_left,
    draw,
    hold_accounts,
    house_of,
    one,
    rows,
    settle_debts,
    write_moves,
)
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.kernel import bulk, copying
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import I64, claim, post
from rongshu.ledger.books import Book


def _claim(ref: str, content: str) -> int | None:
    """The journal entry of a ref, None when the same was done before. Raises `conflict` when something else was."""
    claims = claim(KIND, [ref], [content.encode()], one(new_id()))
    if claims.fresh[0]:
        return int(claims.ids[0])
    if not claims.same[0]:
        raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=ref)
    return None


def reserve_points(*, ref: str, member_id: int, points: int, now: datetime, what: str = "") -> bool:
    """Sets points aside, those that end first first. False when `ref` was reserved before (nothing happens).

    Raises `invalid` below 1, `conflict` when the member has fewer that may be used now, or `ref` was used for something else.
    """
    if points < 1:
        raise invalid("bad_points", "The points must be above 0.", at="points")
    with transaction.atomic():
        owner = one(member_id)
        hold_accounts(owner)
        journal = _claim(f"hold:{ref}", f"{member_id} {points}")
        if journal is None:
            return False
        drawn = draw(owner, one(points), usable_at=now)
        has = int(drawn.amount.sum())
        if has < points:
            raise conflict(
                "points_short", "%(has)s points may be used now, %(points)s are needed; nothing was changed.",
                at="points", has=has, points=points,
            )  # fmt: skip
        PointsHold.objects.create(
            tenant_id=current_tenant(), ref=ref, id=journal, member_id=member_id, points=points, state=HELD,
            what=what, at=now,
        )  # fmt: skip
        write_moves(
            members=drawn.member, lots=drawn.lot, kind=RESERVED, amounts=-drawn.amount, journals=journal, about=journal,
            now=now,
        )  # fmt: skip
        post(rows(journal, one(1), (owner, Book.POINTS), (owner, Book.POINTS_RESERVED), one(points)), now=now)
    return True


def _held(ref: str) -> PointsHold:
    """The hold of a ref, its member's account held. Raises `missing`."""
    found = PointsHold.objects.filter(ref=ref).first()
    if found is None:
        raise missing("not_reserved", "%(ref)s was never reserved.", ref=ref)
    hold_accounts(one(found.member_id))
    found.refresh_from_db()
    return found  # type: ignore[no-any-return]


def use_reserved(*, ref: str, now: datetime) -> bool:
    """What was set aside is spent. False when it was before. Raises `missing`, `conflict` when it was released."""
    held = _held(ref)
    if held.state == TAKEN:
        return False
    if held.state == FREED:
        raise conflict("released_before", "%(ref)s was released before; reserve anew.", ref=ref)
    journal = _claim(f"use:{ref}", "")
    assert journal is not None, "a hold that is open was not used"
    owner, house = one(held.member_id), house_of(journal)
    post(rows(journal, one(1), (owner, Book.POINTS_RESERVED), (house, Book.POINTS_SPENT), one(held.points)), now=now)
    PointsHold.objects.filter(ref=ref).update(state=TAKEN, ended_at=now)
    return True


def release_reserved(*, ref: str, now: datetime) -> bool:
    """What was set aside goes back to its lots. False when it did before. Raises `missing`, `conflict` when it was spent.

    What has ended meanwhile lapses with the next look of the clock.
    """
    held = _held(ref)
    if held.state == FREED:
        return False
    if held.state == TAKEN:
        raise conflict("used_before", "%(ref)s was spent before; give it back instead.", ref=ref)
    journal = _claim(f"release:{ref}", "")
    assert journal is not None, "a hold that is open was not released"
    owner = one(held.member_id)
    lots, amounts = _taken_for(held.id)
    _put_back(held, journal, lots, amounts, RELEASED, now)
    post(rows(journal, one(1), (owner, Book.POINTS_RESERVED), (owner, Book.POINTS), one(held.points)), now=now)
    PointsHold.objects.filter(ref=ref).update(state=FREED, ended_at=now)
    settle_debts(owner, journals=journal, first_line=2, now=now)
    return True


def spend_points(*, ref: str, member_id: int, points: int, what: str, now: datetime) -> bool:
    """Reserves and uses at once; False when `ref` was spent before. Raises as `reserve_points`."""
    with transaction.atomic():
        new = reserve_points(ref=ref, member_id=member_id, points=points, now=now, what=what)
        return use_reserved(ref=ref, now=now) and new


def give_back_spent(*, ref: str, of: str, points: int, now: datetime) -> int:
    """Gives back some of what was spent under `of`: to its lots, last ending first; how many, 0 when `ref` was before.

    Where the rules say that spent points are gone, they lapse instead and 0 are given back. Raises `missing` for an unknown
    `of`, `conflict` when it was not spent or less than that of it is left.
    """
    if points < 1:
        raise invalid("bad_points", "The points must be above 0.", at="points")
    with transaction.atomic():
        held = _held(of)
        journal = _claim(f"back:{ref}", f"{of} {points}")
        if journal is None:
            return 0
        if held.state != TAKEN or held.back + points > held.points:
            raise conflict(
                "more_than_spent", "%(rest)s points spent under %(ref)s can be given back.",
                ref=of, rest=held.points - held.back if held.state == TAKEN else 0,
            )  # fmt: skip
        PointsHold.objects.filter(ref=of).update(back=held.back + points)
        owner, house = one(held.member_id), house_of(journal)
        if rules_at(now)[1].refunded == "gone":
            post(rows(journal, one(1), (house, Book.POINTS_SPENT), (house, Book.POINTS_EXPIRED), one(points)), now=now)
            return 0
        lots, amounts = _taken_for(held.id)
        lots, amounts = lots[::-1], amounts[::-1]
        upto = np.minimum(np.cumsum(amounts), points)
        _put_back(held, journal, lots, np.diff(np.r_[0, upto]), GIVEN_BACK, now)
        post(rows(journal, one(1), (house, Book.POINTS_SPENT), (owner, Book.POINTS), one(points)), now=now)
        settle_debts(owner, journals=journal, first_line=2, now=now)
    return points


def _taken_for(hold: int) -> tuple[I64, I64]:
    """Lots that a hold still has something of, and how much; what ends first first."""
    copying.flush()
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT m.lot_id, -sum(m.amount)::bigint FROM members_points_move m "
            "JOIN members_points_lot l ON l.tenant_id = m.tenant_id AND l.id = m.lot_id "
            "WHERE m.tenant_id = %s AND m.about = %s GROUP BY m.lot_id, l.expires_at HAVING sum(m.amount) < 0 "
            "ORDER BY l.expires_at NULLS LAST, m.lot_id",
            [current_tenant(), hold],
        )
        found = np.array(cursor.fetchall(), dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _put_back(held: PointsHold, journal: int, lots: I64, amounts: I64, kind: int, now: datetime) -> None:
    change_left(lots, amounts)
    write_moves(
        members=np.full(len(lots), held.member_id), lots=lots, kind=kind, amounts=amounts, journals=journal,
        about=held.id, now=now,
    )  # fmt: skip
