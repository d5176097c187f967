from __future__ import annotations

from datetime import datetime

from django.db import transaction

from rongshu.domain.members.points.actions.earning import ends_at
from rongshu.domain.members.points.actions.granting import Grant, grant
from rongshu.domain.members.points.models import TAKEN_BY_HAND
from rongshu.domain.members.points.moving import KIND, draw, hold_accounts, house_of, one, rows, write_moves
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_id, outside
from rongshu.ledger.actions import claim, post
from rongshu.ledger.books import Book

MOST = 10**9


def adjust_points(*, member_id: int, points: int, reason: str, ref: str, by: Actor, now: datetime) -> bool:
    """Gives points by hand, or takes some (below 0), what ends first first. False when `ref` was adjusted before.

    Given points last as the rules say. Raises `invalid` for 0, too many or no reason; `conflict` when the member has fewer.
    """
    if not points or abs(points) > MOST:
        raise invalid("bad_points", "Write how many points to give, or to take with a minus.", at="points")
    if not reason.strip():
        raise invalid("no_reason", "Say why; the member and the audit will show it.", at="reason")
    with transaction.atomic():
        hold_accounts(one(member_id))
        done = _give(member_id, points, reason, ref, now) if points > 0 else _take(member_id, -points, ref, now)
        if done:
            record(
                "points.adjusted", subject=outside("mem", member_id), by=by, now=now, points=points, reason=reason[:500]
            )
    return done


def _give(member_id: int, points: int, reason: str, ref: str, now: datetime) -> bool:
    number, rules = rules_at(now)
    at = to_micros(now)
    made = Grant(
        member_id, points, f"hand:{ref}", "hand", at, at, ends_at(rules, at), 0, number, {"text": reason[:200]},
        f"{member_id} {points}",
    )  # fmt: skip
    return grant([made], now=now) == 1


def _take(member_id: int, points: int, ref: str, now: datetime) -> bool:
    owner, journal = one(member_id), new_id()
    claims = claim(KIND, [f"hand:{ref}"], [f"{member_id} {-points}".encode()], one(journal))
    if not claims.same[0]:
        raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=ref)
    if not claims.fresh[0]:
        return False
    drawn = draw(owner, one(points), usable_at=now)
    if int(drawn.amount.sum()) < points:
        raise conflict(
            "points_short", "%(has)s points may be used now, %(points)s are needed; nothing was changed.",
            at="points", has=int(drawn.amount.sum()), points=points,
        )  # fmt: skip
    write_moves(
        members=drawn.member,
        lots=drawn.lot,
        kind=TAKEN_BY_HAND,
        amounts=-drawn.amount,
        journals=journal,
        about=0,
        now=now,
    )
    house = house_of(journal)
    post(rows(journal, one(1), (owner, Book.POINTS), (house, Book.POINTS_ISSUED), one(points)), now=now)
    return True
