"""Batches of codes. Their codes are taken from number and budget when they are made, so that each that is redeemed is good."""

from __future__ import annotations

from datetime import datetime

from django.db import connection
from django.db.models import F, Q

from rongshu.domain.commerce.coupons.actions.giving import reminder, take_counters, take_one
from rongshu.domain.commerce.coupons.codes import LENGTH, codes_from
from rongshu.domain.commerce.coupons.models import (
    Coupon,
    CouponBatch,
    CouponCode,
    CouponKind,
    CouponRedemption,
)
from rongshu.domain.commerce.coupons.terms import validity, worth_of
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, outside
from rongshu.kernel.short import as_typed
from rongshu.kernel.tenancy.scope import current_tenant

MOST = 5_000_000
AT_ONCE = 1_000_000
"""Codes that are in memory at a time."""


def make_codes(
    *, kind_id: int, count: int, name: str, ref: str, until_at: datetime | None = None, by: Actor, now: datetime
) -> CouponBatch:
    """A batch of so many new codes; the same `ref` again answers with the same batch.

    Raises `missing`; `invalid` for a count that is none or a time that is over; `conflict` when there are not enough coupons left.
    """
    if not 1 <= count <= MOST:
        raise invalid("code_count", "Make 1 to %(most)s codes at once.", at="count", most=MOST)
    if not name.strip() or len(name) > 60:
        raise invalid("bad_name", "A name has 1 to 60 letters.", at="name")
    if until_at is not None and until_at <= now:
        raise invalid("until_over", "This time is over already.", at="until_at")
    with connection.cursor() as cursor:  # one batch of a tenant at a time: their numbers follow one another
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('coupon codes', %s))", [current_tenant()])
    before = CouponBatch.objects.filter(ref=ref).first()
    if before is not None:
        return before  # type: ignore[no-any-return]
    kind = CouponKind.objects.select_for_update().filter(id=kind_id).first()
    if kind is None:
        raise missing("unknown_kind", "There is no such coupon.")
    worth = worth_of(kind)
    with bulk.cursor() as cursor:
        take_counters(cursor, kind, count, worth)
    if kind.valid_until is not None:
        until_at = kind.valid_until if until_at is None else min(until_at, kind.valid_until)
    last = CouponBatch.objects.order_by("-upto").values_list("upto", flat=True).first()
    first = upto = last or 0
    batch_id, left = new_id(), count
    while left:
        size = min(AT_ONCE, left + left // 10 + 100)
        codes = codes_from(current_tenant(), upto, size)
        upto, codes = upto + size, codes[:left]
        left -= len(codes)
        codes.sort()  # rows that follow one another go into an index several times as fast
        copying.copy(
            "commerce_couponcode",
            {
                "tenant_id": copying.int8(current_tenant()),
                "batch_id": copying.int8(batch_id),
                "code": copying.Letters(codes)
                if len(codes) > copying.FEW
                else copying.text(codes.astype(str).tolist()),
            },
            len(codes),
        )
    made = CouponBatch.add(
        id=batch_id, kind_id=kind_id, name=name.strip(), ref=ref, count=count, first=first, upto=upto,
        until_at=until_at, worth=worth, made_at=now,
    )  # fmt: skip
    record("coupon_codes.made", subject=outside("cpb", batch_id), by=by, now=now, count=count)
    return made


def redeem_code(*, code: str, member_id: int, by: Actor, now: datetime) -> Coupon:
    """The coupon a code becomes, once; whoever redeemed it gets the same one again.

    Raises `missing` for what is no code, `conflict` when it was redeemed by somebody else, its time is over, or one had enough.
    """
    code = as_typed(code)
    found = CouponCode.objects.filter(code=code).first() if len(code) == LENGTH else None
    if found is None:
        raise missing("unknown_code", "There is no such code. Look at it again, letter by letter.")
    batch = CouponBatch.objects.select_for_update().get(id=found.batch_id)
    before = CouponRedemption.objects.filter(code=code).first()
    if before is not None:
        if before.member_id == member_id:
            return Coupon.objects.get(id=before.coupon_id)  # type: ignore[no-any-return]
        raise conflict("code_redeemed", "Somebody has redeemed this code already.")
    kind = CouponKind.objects.get(id=batch.kind_id)
    from_at, until_at = validity(kind, now)
    over = batch.closed_at is not None or (batch.until_at is not None and batch.until_at <= now)
    if over or (until_at is not None and until_at <= now):
        raise conflict("code_over", "The time of this code is over.")
    take_one(kind, member_id)
    coupon = Coupon.add(
        id=new_id(), kind_id=kind.id, member_id=member_id, way="code", ref=f"code:{code}", worth=batch.worth,
        got_at=now, from_at=from_at, until_at=until_at, remind_at=reminder(kind, until_at, now),
    )  # fmt: skip
    CouponRedemption.add(code=code, batch_id=batch.id, coupon_id=coupon.id, member_id=member_id, at=now)
    CouponBatch.objects.filter(id=batch.id).update(redeemed=F("redeemed") + 1)
    record("coupon.redeemed", subject=outside("cpn", coupon.id), by=by, now=now)
    return coupon


def close_batch(*, batch_id: int, by: Actor, now: datetime) -> CouponBatch:
    """Ends a batch: its codes that nobody redeemed are void, and number and budget have them back. Again: nothing. Raises `missing`."""
    found = CouponBatch.objects.select_for_update().filter(id=batch_id).first()
    if found is None:
        raise missing("unknown_batch", "There is no such batch of codes.")
    if found.closed_at is None:
        void = found.count - found.redeemed
        CouponKind.objects.filter(id=found.kind_id).update(
            given=F("given") - void, promised=F("promised") - void * found.worth
        )
        CouponBatch.objects.filter(id=batch_id).update(closed_at=now)
        found.closed_at = now
        record("coupon_codes.closed", subject=outside("cpb", batch_id), by=by, now=now, void=void)
    return found  # type: ignore[no-any-return]


def close_batches(*, now: datetime, limit: int = 100) -> int:
    """Ends the batches whose time is over; how many."""
    due = CouponBatch.objects.filter(Q(closed_at__isnull=True) & Q(until_at__lte=now)).order_by("until_at")
    ids = list(due.values_list("id", flat=True)[:limit])
    for batch_id in sorted(ids):  # a handful a day
        close_batch(batch_id=batch_id, by=Actor("clock", "coupons"), now=now)
    return len(ids)
