"""Using coupons: set aside for a cart, used by its order, free again, given back after a refund. Each step once by its `ref`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from rongshu.domain.commerce.coupons.actions.ending import free_worth, hold_kinds
from rongshu.domain.commerce.coupons.models import (
    ALWAYS,
    EXPIRED,
    HELD,
    RELEASED,
    RESERVED,
    USED,
    WHOLE,
    Coupon,
    CouponKind,
    CouponUse,
)
from rongshu.domain.commerce.coupons.queries import kinds_by_id
from rongshu.kernel import bulk
from rongshu.kernel.errors import Refusal, conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant


def reserve_coupon(*, coupon_id: int, member_id: int, ref: str, now: datetime) -> CouponUse:
    """Sets a member's coupon aside; the same `ref` for the same coupon again answers with the same use.

    Raises `missing` for a coupon that is not theirs; `conflict` when it is used, set aside or over, or the `ref` names another one.
    No audit of its own: the use is the trace.
    """
    coupon = Coupon.objects.select_for_update().filter(id=coupon_id, member_id=member_id).first()
    if coupon is None:
        raise missing("unknown_coupon", "There is no such coupon.")
    before = CouponUse.objects.filter(ref=ref).first()
    if before is not None and before.coupon_id == coupon_id and before.state in (RESERVED, USED):
        return before  # type: ignore[no-any-return]
    if before is not None:
        raise conflict("ref_taken", "This reference was used before, for something else.", at="ref")
    problem = _unusable(coupon, now)
    if problem is not None:
        raise problem
    try:
        with transaction.atomic():
            Coupon.objects.filter(id=coupon_id).update(state=RESERVED)
            return CouponUse.add(
                id=new_id(), ref=ref, coupon_id=coupon_id, kind_id=coupon.kind_id, member_id=member_id, reserved_at=now
            )  # fmt: skip
    except IntegrityError as error:
        raise conflict("ref_taken", "This reference was used before, for something else.", at="ref") from error


def _unusable(coupon: Coupon, now: datetime) -> Refusal | None:
    if coupon.state == USED:
        return conflict("coupon_used", "This coupon has been used.", at="coupon")
    if coupon.state == RESERVED:
        return conflict(
            "coupon_reserved", "This coupon is set aside for another order. Finish it or give it up.", at="coupon"
        )
    if coupon.state == EXPIRED or (coupon.until_at is not None and coupon.until_at <= now):
        return conflict("coupon_expired", "The time of this coupon is over. Choose another one, or none.", at="coupon")
    if coupon.state != HELD:
        return conflict("coupon_sent", "This coupon was given to somebody else.", at="coupon")
    if coupon.from_at > now:
        return conflict("coupon_early", "This coupon can be used later only.", at="coupon")
    return None


@dataclass(frozen=True, slots=True)
class UsedOn:
    """What was set aside as `ref` is used by an order and saved so much, in minor units."""

    ref: str
    order_id: int
    saved: int


def use_coupon(*, ref: str, order_id: int, saved: int, now: datetime) -> None:
    """One of `use_coupons`."""
    use_coupons(uses=[UsedOn(ref, order_id, saved)], now=now)


def use_coupons(*, uses: Sequence[UsedOn], now: datetime) -> None:
    """What was set aside is used; by the same order again nothing happens. Set-based; no audit of its own.

    Raises `missing` for an unknown `ref`; `conflict` when it was released or another order used it; `invalid` when it saved more
    than the budget was told it could.
    """
    rows = _hold([one.ref for one in uses])
    kinds = kinds_by_id(sorted({row.kind_id for row, _ in rows.values()}))
    fresh: list[tuple[CouponUse, Coupon, UsedOn, int]] = []
    for one in uses:
        row, coupon = rows[one.ref]
        if row.state == USED and row.order_id == one.order_id:
            continue
        if row.state != RESERVED:
            raise conflict(
                "coupon_used" if row.state == USED else "coupon_released",
                "What was set aside as %(ref)s has been used or given up.", at="coupon", ref=one.ref,
            )  # fmt: skip
        kind = kinds[row.kind_id]
        if one.saved < 0 or (kind.budget is not None and one.saved > coupon.worth and kind.kind != "gift"):
            raise invalid("saved_too_much", "The coupon cannot have saved this much.", at="saved")
        fresh.append((row, coupon, one, coupon.worth if kind.kind == "gift" else one.saved))
    if not fresh:
        return
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commerce_couponuse u SET state = %s, ended_at = %s, order_id = g.order_id, saved = g.saved "
            "FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS g (id, order_id, saved) WHERE u.tenant_id = %s AND u.id = g.id",
            [
                USED, now, [row.id for row, _, _, _ in fresh], [one.order_id for _, _, one, _ in fresh],
                [one.saved for _, _, one, _ in fresh], current_tenant(),
            ],
        )  # fmt: skip
        Coupon.objects.filter(id__in=[coupon.id for _, coupon, _, _ in fresh]).update(state=USED, ended_at=now)
        moved = [(row.kind_id, 1, -coupon.worth, cost) for row, coupon, _, cost in fresh]
        _move(cursor, moved)
    announce("coupon.used", subjects=sorted(coupon.id for _, coupon, _, _ in fresh), now=now)


def _move(cursor: object, moved: Sequence[tuple[int, int, int, int]]) -> None:
    """Moves the counters of kinds by (kind, used, promised, spent)."""
    hold_kinds(cursor, [kind for kind, _, _, _ in moved])
    cursor.execute(  # type: ignore[attr-defined]
        "UPDATE commerce_couponkind k SET used = k.used + g.used, promised = k.promised + g.promised, spent = k.spent + g.spent "
        "FROM (SELECT id, sum(used)::bigint AS used, sum(promised)::bigint AS promised, sum(spent)::bigint AS spent "
        "  FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS r (id, used, promised, spent) GROUP BY id) g "
        "WHERE k.tenant_id = %s AND k.id = g.id",
        [*([row[at] for row in moved] for at in range(4)), current_tenant()],
    )


def release_coupon(*, ref: str, now: datetime) -> None:
    """One of `release_coupons`."""
    release_coupons(refs=[ref], now=now)


def release_coupons(*, refs: Sequence[str], now: datetime) -> None:
    """What was set aside is free again, or over where its time has passed. Released before: nothing happens; set-based.

    Raises `missing` for an unknown `ref`, `conflict` for one that an order used.
    """
    rows = _hold(refs)
    free = []
    for ref in refs:
        row, coupon = rows[ref]
        if row.state == USED:
            raise conflict("coupon_used", "This coupon has been used.", at="coupon")
        if row.state == RESERVED:
            free.append((row, coupon))
    if not free:
        return
    CouponUse.objects.filter(id__in=[row.id for row, _ in free]).update(state=RELEASED, ended_at=now)
    _free([coupon for _, coupon in free], now)


def _free(coupons: Sequence[Coupon], now: datetime) -> None:
    """Coupons are held again; those whose time has passed are over, and their worth is free."""
    over = [one for one in coupons if one.until_at is not None and one.until_at <= now]
    good = [one.id for one in coupons if one.until_at is None or one.until_at > now]
    Coupon.objects.filter(id__in=good).update(state=HELD, ended_at=None)
    if over:
        Coupon.objects.filter(id__in=[one.id for one in over]).update(state=EXPIRED, ended_at=now, remind_at=None)
        sums: dict[int, int] = {}
        for one in over:
            sums[one.kind_id] = sums.get(one.kind_id, 0) + one.worth
        free_worth(sorted(sums.items()))


def return_coupon(*, ref: str, now: datetime, whole: bool = True) -> bool:
    """Whether a used coupon was given back after a refund; see `return_coupons`."""
    return return_coupons(refs={ref: whole}, now=now)[ref]


def return_coupons(*, refs: Mapping[str, bool], now: datetime) -> dict[str, bool]:
    """Gives used coupons back after refunds, as their kinds say; `refs` says of each whether the order is refunded wholly now.

    Which were given back, now or before. None is that was released, that the kind does not give back, whose time is over, or that
    the budget no longer bears (others may have got what it did not save). Raises `missing` for an unknown `ref`. Set-based.
    """
    rows = _hold(list(refs))
    kinds = _held_kinds(sorted({row.kind_id for row, _ in rows.values() if row.state == USED}))
    answers: dict[str, bool] = {}
    moved, back = [], []
    for ref, whole in refs.items():
        row, coupon = rows[ref]
        answers[ref] = row.returned_at is not None
        if row.state != USED or answers[ref]:
            continue
        kind = kinds[row.kind_id]
        wanted = kind.returns == ALWAYS or (kind.returns == WHOLE and whole)
        over = coupon.until_at is not None and coupon.until_at <= now
        cost = coupon.worth if kind.kind == "gift" else row.saved
        bears = kind.budget is None or kind.promised + kind.spent + coupon.worth - cost <= kind.budget
        if not wanted or over or not bears:
            continue
        kind.promised += coupon.worth
        kind.spent -= cost
        moved.append((row.kind_id, -1, coupon.worth, -cost))
        back.append((row, coupon))
        answers[ref] = True
    if back:
        CouponUse.objects.filter(id__in=[row.id for row, _ in back]).update(returned_at=now)
        with bulk.cursor() as cursor:
            _move(cursor, moved)
        _free([coupon for _, coupon in back], now)
        announce("coupon.returned", subjects=sorted(coupon.id for _, coupon in back), now=now)
    return answers


def _held_kinds(ids: list[int]) -> dict[int, CouponKind]:
    with bulk.cursor() as cursor:
        hold_kinds(cursor, ids)
    return kinds_by_id(ids)


def _hold(refs: Sequence[str]) -> dict[str, tuple[CouponUse, Coupon]]:
    """Uses by `ref` with their coupons, both locked: coupons first, in the sequence of their ids. Raises `missing`."""
    wanted = dict(CouponUse.objects.filter(ref__in=list(refs)).values_list("ref", "coupon_id"))
    for ref in refs:
        if ref not in wanted:
            raise missing("unknown_use", "Nothing was set aside as %(ref)s.", ref=ref)
    coupons = {
        one.id: one for one in Coupon.objects.select_for_update().filter(id__in=set(wanted.values())).order_by("id")
    }
    uses = CouponUse.objects.filter(ref__in=list(refs))
    return {one.ref: (one, coupons[one.coupon_id]) for one in uses}


def ref_of(checkout_id: int, coupon_id: int) -> str:
    """How a checkout names what it sets aside of a coupon."""
    return f"{outside('chk', checkout_id)}:{outside('cpn', coupon_id)}"
