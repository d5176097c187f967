"""Coupons into members' hands. Whoever gives takes the kind's counters first, then its takers: limits hold, and nothing deadlocks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from rongshu.domain.commerce.coupons.models import HELD, SENT, Coupon, CouponKind
from rongshu.domain.commerce.coupons.queries import coupon as find_coupon
from rongshu.domain.commerce.coupons.queries import kind as find_kind
from rongshu.domain.commerce.coupons.queries import shared_id
from rongshu.domain.commerce.coupons.terms import closed_by, left_of, validity, worth_of
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, forbidden, invalid, missing
from rongshu.kernel.ids import new_id, new_ids, outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant

MOST = 100_000
"""Members that one sending reaches."""


def claim_coupon(*, kind_id: int, member_id: int, tier: str, ref: str = "", by: Actor, now: datetime) -> Coupon:
    """A member takes a coupon that may be claimed; the same `ref` again answers with the same coupon.

    Raises `missing`; `conflict` when it is not given out, there is none left, or they had as many as one may; `forbidden` for other tiers.
    """
    if ref and (before := Coupon.objects.filter(member_id=member_id, kind_id=kind_id, ref=ref).first()):
        return before  # type: ignore[no-any-return]
    kind = find_kind(kind_id)
    if not kind.claimable:
        raise conflict("not_claimable", "This coupon cannot be claimed.")
    if kind.tiers and tier not in kind.tiers:
        raise forbidden("other_tier", "This coupon is for members of another tier.")
    made = give(kind_id=kind_id, members=[member_id], refs=[ref or f"claim:{new_id()}"], way="claim", now=now)
    if not made:
        if ref and (before := Coupon.objects.filter(member_id=member_id, kind_id=kind_id, ref=ref).first()):
            return before  # type: ignore[no-any-return]
        raise had_enough(kind)
    record("coupon.claimed", subject=outside("cpn", made[member_id]), by=by, now=now)
    return Coupon.objects.get(id=made[member_id])  # type: ignore[no-any-return]


def had_enough(kind: CouponKind) -> Refusal:
    """What is said to somebody who had as many as one may."""
    return conflict("per_person", "You have had this coupon as often as one may (%(limit)s).", limit=kind.per_person)


def send_coupons(*, kind_id: int, member_ids: Sequence[int], ref: str, by: Actor, now: datetime) -> int:
    """Sends a coupon to each of many members; how many got one. Whoever had as many as one may, or got it by this `ref`, gets none.

    One statement, whatever the number. Raises `missing`, `invalid` for nobody or too many, `conflict` when there are not enough left.
    """
    members = sorted(set(member_ids))
    if not 1 <= len(members) <= MOST:
        raise invalid("member_count", "Name 1 to %(most)s members.", at="members", most=MOST)
    if not ref or len(ref) > 200:
        raise invalid("bad_ref", "Give a reference of 1 to 200 letters.", at="ref")
    made = give(kind_id=kind_id, members=members, refs=[ref] * len(members), way="send", now=now)
    if made:
        record("coupon.sent", subject=outside("cpk", kind_id), by=by, now=now, number=len(made), ref=ref)
        announce("coupon.given", subjects=sorted(made.values()), now=now)
    return len(made)


def send_portion(*, kind_id: int, members: Sequence[int], ref: str, now: datetime) -> int:
    """As much of one large sending as there is left, to some of its members; how many got one. The same again gives nothing.

    Says nothing to the audit: whoever sends portions does.
    """
    made = give(kind_id=kind_id, members=members, refs=[ref] * len(members), way="send", now=now, as_many=True)
    announce("coupon.given", subjects=sorted(made.values()), now=now)
    return len(made)


def gives_on(occasions: Sequence[str]) -> bool:
    """Whether any coupon is given on one of these occasions."""
    return CouponKind.objects.filter(occasion__in=list(occasions), open=True).exists()


def give_on(*, occasion: str, members: Sequence[int], refs: Sequence[str], now: datetime) -> int:
    """Gives what an occasion gives, as far as it lasts; how many coupons. `refs` names each giving: the same again gives nothing.

    A member may be named several times, for several givings.
    """
    ids = CouponKind.objects.filter(occasion=occasion, open=True).order_by("id").values_list("id", flat=True)
    made: list[int] = []
    rounds: list[dict[int, str]] = []
    for member, ref in sorted(
        set(zip(members, refs, strict=True))
    ):  # each member once a round; mostly there is one round
        for one in rounds:
            if member not in one:
                one[member] = ref
                break
        else:
            rounds.append({member: ref})
    for kind_id in list(ids) if rounds else []:
        for one in rounds:
            made += give(
                kind_id=kind_id, members=list(one), refs=list(one.values()), way=occasion, now=now, as_many=True
            ).values()  # fmt: skip
    announce("coupon.given", subjects=sorted(made), now=now)
    return len(made)


def give(
    *, kind_id: int, members: Sequence[int], refs: Sequence[str], way: str, now: datetime, as_many: bool = False
) -> dict[int, int]:
    """The ids of the coupons made, by member (each named once, with a ref that names the giving); those who have one by it or had
    enough get none. No audit of its own.

    With `as_many` the first get what is left; without it there is a `conflict` when that is not enough for all.
    """
    kind = CouponKind.objects.select_for_update().filter(id=kind_id).first()
    if kind is None:
        raise missing("unknown_kind", "There is no such coupon.")
    from_at, until_at = validity(kind, now)
    problem = closed_by(kind, now)
    if problem is not None:
        if as_many:
            return {}
        raise problem
    worth = worth_of(kind)
    left = left_of(kind)
    with transaction.atomic(), bulk.cursor() as cursor:  # refused: nothing of it stays, whatever the caller makes of it
        cursor.execute(
            "WITH fresh AS MATERIALIZED (SELECT w.id, w.member_id, w.ref FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS w (id, member_id, ref) "
            "  WHERE NOT EXISTS (SELECT 1 FROM commerce_coupon c WHERE c.tenant_id = %s AND c.member_id = w.member_id "
            "    AND c.kind_id = %s AND c.ref = w.ref) "
            "  AND NOT EXISTS (SELECT 1 FROM commerce_coupontaker t WHERE t.tenant_id = %s AND t.kind_id = %s "
            "    AND t.member_id = w.member_id AND %s > 0 AND t.taken >= %s) ORDER BY w.member_id LIMIT %s), "
            "taken AS (INSERT INTO commerce_coupontaker AS t (tenant_id, kind_id, member_id, taken) "
            "  SELECT %s, %s, member_id, 1 FROM fresh ON CONFLICT (tenant_id, kind_id, member_id) DO UPDATE SET taken = t.taken + 1 "
            "  WHERE %s = 0 OR t.taken < %s RETURNING member_id) "
            "INSERT INTO commerce_coupon (tenant_id, id, kind_id, member_id, state, way, ref, worth, got_at, from_at, until_at, remind_at) "
            "SELECT %s, f.id, %s, f.member_id, %s, %s, f.ref, %s, %s, %s, %s, %s FROM fresh f JOIN taken USING (member_id) "
            "RETURNING member_id, id",
            [
                bulk.int8s(new_ids(len(members))), bulk.int8s(members), bulk.texts(refs), current_tenant(), kind_id, current_tenant(), kind_id,
                kind.per_person, kind.per_person, left if as_many and left is not None else None,
                current_tenant(), kind_id, kind.per_person, kind.per_person,
                current_tenant(), kind_id, HELD, way, worth, now, from_at, until_at, reminder(kind, until_at, now),
            ],
        )  # fmt: skip
        made = {int(member): int(coupon) for member, coupon in cursor.fetchall()}
        take_counters(cursor, kind, len(made), worth)
    return made


def take_counters(cursor: object, kind: CouponKind, number: int, worth: int) -> None:
    """Takes so many coupons from what there is, or refuses: the one place that can exceed neither number nor budget."""
    if not number:
        return
    cursor.execute(  # type: ignore[attr-defined]
        "UPDATE commerce_couponkind SET given = given + %s, promised = promised + %s WHERE tenant_id = %s AND id = %s "
        "AND (number IS NULL OR given + %s <= number) AND (budget IS NULL OR promised + spent + %s <= budget)",
        [number, number * worth, current_tenant(), kind.id, number, number * worth],
    )
    if not cursor.rowcount:  # type: ignore[attr-defined]
        raise short_of(kind, number)


def take_one(kind: CouponKind, member_id: int) -> None:
    """Counts one coupon more that somebody got. Raises `conflict` when they had as many as one may."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commerce_coupontaker AS t (tenant_id, kind_id, member_id, taken) VALUES (%s, %s, %s, 1) "
            "ON CONFLICT (tenant_id, kind_id, member_id) DO UPDATE SET taken = t.taken + 1 WHERE %s = 0 OR t.taken < %s",
            [current_tenant(), kind.id, member_id, kind.per_person, kind.per_person],
        )
        if not cursor.rowcount:
            raise had_enough(kind)


def short_of(kind: CouponKind, wanted: int) -> Refusal:
    """What is said when there are fewer left than wanted."""
    left = left_of(kind) or 0
    if not left:
        return conflict("none_left", "There is none of this coupon left.")
    return conflict(
        "too_few_left", "%(left)s of this coupon are left, %(wanted)s are needed.", left=left, wanted=wanted
    )


def reminder(kind: CouponKind, until_at: datetime | None, now: datetime) -> datetime | None:
    """When to remind of a coupon's end; None where that would be before somebody has it."""
    if until_at is None or not kind.remind_days:
        return None
    at = until_at - timedelta(days=kind.remind_days)
    return at if at > now else None


def take_shared(*, token: str, member_id: int, by: Actor, now: datetime) -> Coupon:
    """The coupon of a share link becomes the member's, with what is left of its time; once, for whoever is first. Again: the same one.

    Raises `missing` for a link that is none, `conflict` when it was taken, used or is over, or it is one's own, or one had enough.
    """
    shared = Coupon.objects.select_for_update().filter(id=shared_id(token)).first()
    if shared is None:
        raise missing("unknown_share", "This link leads to no coupon.")
    if shared.state == SENT and (before := Coupon.objects.filter(from_coupon=shared.id, member_id=member_id).first()):
        return before  # type: ignore[no-any-return]
    kind = find_coupon(shared.id).kind
    if shared.member_id == member_id:
        raise conflict("own_coupon", "This is your own coupon; send the link to somebody else.")
    if not kind.shareable or shared.state != HELD or (shared.until_at is not None and shared.until_at <= now):
        raise conflict("share_over", "Somebody else has taken this coupon, or its time is over.")
    take_one(kind, member_id)
    Coupon.objects.filter(id=shared.id).update(state=SENT, ended_at=now, remind_at=None)
    made = Coupon.add(
        id=new_id(), kind_id=kind.id, member_id=member_id, way="share", ref=f"share:{shared.id}", worth=shared.worth,
        got_at=now, from_at=shared.from_at, until_at=shared.until_at,
        remind_at=reminder(kind, shared.until_at, now), from_coupon=shared.id,
    )  # fmt: skip
    record("coupon.shared", subject=outside("cpn", shared.id), by=by, now=now, to=outside("cpn", made.id))
    return made
