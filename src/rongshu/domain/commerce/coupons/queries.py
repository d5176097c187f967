from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.db import connection
from django.db.models import F, Q

from rongshu.domain.commerce.coupons.codes import codes_from
from rongshu.domain.commerce.coupons.models import (
    EXPIRED,
    HELD,
    RESERVED,
    Coupon,
    CouponBatch,
    CouponKind,
    CouponRedemption,
    CouponTaker,
    CouponUse,
)
from rongshu.domain.commerce.coupons.terms import left_of
from rongshu.engine.prices.frames import FOREVER, HeldCoupon, Scope
from rongshu.engine.prices.frames import CouponKind as Kind
from rongshu.kernel import ids
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import missing
from rongshu.kernel.secrets import fingerprint
from rongshu.kernel.tenancy.scope import current_tenant


@dataclass(frozen=True, slots=True)
class Held:
    """A coupon with what it says."""

    coupon: Coupon
    kind: CouponKind


def kind(kind_id: int) -> CouponKind:
    """One kind. Raises `missing`."""
    found = CouponKind.objects.filter(id=kind_id).first()
    if found is None:
        raise missing("unknown_kind", "There is no such coupon.")
    return cast(CouponKind, found)


def kinds(*, search: str = "", open: bool | None = None, after: int | None = None, limit: int = 50) -> list[CouponKind]:
    """Kinds, the latest made first; `after` is the id of the page before's last."""
    rows = CouponKind.objects.all()
    if search:
        rows = rows.filter(name__icontains=search)
    if open is not None:
        rows = rows.filter(open=open)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def kinds_by_id(wanted: Sequence[int]) -> dict[int, CouponKind]:
    """Some kinds by their ids."""
    return {one.id: one for one in CouponKind.objects.filter(id__in=list(wanted))}


def claimable(*, member_id: int, tier: str, now: datetime, limit: int = 50) -> list[CouponKind]:
    """What a member of a tier may claim now: given out still, some left, not had as often as one may."""
    rows = CouponKind.objects.filter(claimable=True, open=True).filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=now), Q(number__isnull=True) | Q(number__gt=F("given"))
    )
    found = [one for one in rows.order_by("-id")[: limit * 4] if not one.tiers or tier in one.tiers]
    taken = dict(
        CouponTaker.objects.filter(member_id=member_id, kind_id__in=[one.id for one in found]).values_list("kind_id", "taken")
    )  # fmt: skip
    free = [one for one in found if not one.per_person or taken.get(one.id, 0) < one.per_person]
    return [one for one in free if left_of(one) != 0][:limit]


def coupon(coupon_id: int, *, member_id: int | None = None) -> Held:
    """One coupon, of this member if one is named. Raises `missing`."""
    found = Coupon.objects.filter(id=coupon_id).first()
    if found is None or (member_id is not None and found.member_id != member_id):
        raise missing("unknown_coupon", "There is no such coupon.")
    return Held(found, kind(found.kind_id))


def held_by(
    member_id: int, *, states: Sequence[str] = (HELD, RESERVED), now: datetime | None = None,
    after: int | None = None, limit: int = 100,
) -> list[Held]:  # fmt: skip
    """A member's coupons in some states, the latest first. With `now` those whose time is over count as expired already."""
    rows = Coupon.objects.filter(member_id=member_id)
    if now is None:
        rows = rows.filter(state__in=list(states))
    else:
        over = Q(state=HELD, until_at__isnull=False, until_at__lte=now)
        wanted = Q(state__in=list(states))
        if HELD in states and EXPIRED not in states:
            wanted &= ~over
        elif EXPIRED in states:
            wanted |= over
        rows = rows.filter(wanted)
    if after is not None:
        rows = rows.filter(id__lt=after)
    found = list(rows.order_by("-id")[:limit])
    known = kinds_by_id(sorted({one.kind_id for one in found}))
    return [Held(one, known[one.kind_id]) for one in found]


_WORTH = """SELECT c.id, k.name, k.kind, k.amount, k.ppm, k.max_minus, k.min_spend, k.skus, k.categories, k.except_skus, k.tiers,
 c.from_at, c.until_at, k.stacks, k.gift_sku
FROM commerce_coupon c JOIN commerce_couponkind k ON k.tenant_id = c.tenant_id AND k.id = c.kind_id
WHERE c.tenant_id = %s AND c.member_id = %s AND c.state = %s AND (c.until_at IS NULL OR c.until_at > %s)
ORDER BY c.until_at NULLS LAST, c.id LIMIT 200"""


def held_coupons(member_id: int, *, now: datetime) -> list[HeldCoupon]:
    """What a member could use, for pricing; those that soon end first, at most 200. One read: a cart waits for it."""
    with connection.cursor() as cursor:
        cursor.execute(_WORTH, [current_tenant(), member_id, HELD, now])
        return [_held(*row) for row in cursor.fetchall()]


def _held(
    identifier: int, name: str, kind: Kind, amount: int, ppm: int, max_minus: int, min_spend: int, skus: str, categories: str,
    except_skus: str, tiers: str, from_at: datetime, until_at: datetime | None, stacks: str, gift_sku: str,
) -> HeldCoupon:  # fmt: skip
    return HeldCoupon(
        id=identifier,
        name=name,
        kind=kind,
        amount=0 if kind == "gift" else amount,
        ppm=ppm if kind == "percent" else 0,
        max_minus=max_minus if kind == "percent" else 0,
        min_spend=min_spend,
        scope=Scope(frozenset(json.loads(skus)), tuple(json.loads(categories)), frozenset(json.loads(except_skus))),
        tiers=frozenset(json.loads(tiers)),
        from_at=to_micros(from_at),
        until_at=FOREVER if until_at is None else to_micros(until_at),
        stacks=frozenset(json.loads(stacks)),
        gift_sku=gift_sku,
    )


def count_held(member_id: int, *, now: datetime) -> int:
    """How many coupons a member could use, their conditions aside."""
    free = Q(until_at__isnull=True) | Q(until_at__gt=now)
    return int(Coupon.objects.filter(free, member_id=member_id, state=HELD).count())


def coupons_of_kind(kind_id: int, *, after: int | None = None, limit: int = 50) -> list[Coupon]:
    """Who got coupons of a kind, the latest first."""
    rows = Coupon.objects.filter(kind_id=kind_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def uses(
    *, kind_id: int | None = None, member_id: int | None = None, after: int | None = None, limit: int = 50
) -> list[CouponUse]:
    """The trace: what was set aside and used, the latest first."""
    rows = CouponUse.objects.all()
    if kind_id is not None:
        rows = rows.filter(kind_id=kind_id)
    if member_id is not None:
        rows = rows.filter(member_id=member_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def uses_of_orders(order_ids: Sequence[int]) -> dict[int, list[CouponUse]]:
    """Which coupons orders used, by order."""
    found: dict[int, list[CouponUse]] = {}
    for one in CouponUse.objects.filter(order_id__in=list(order_ids)).order_by("id"):
        found.setdefault(one.order_id, []).append(one)
    return found


def uses_of_coupons(coupon_ids: Sequence[int]) -> dict[int, CouponUse]:
    """The latest use of each coupon."""
    return {one.coupon_id: one for one in CouponUse.objects.filter(coupon_id__in=list(coupon_ids)).order_by("id")}


def batch(batch_id: int) -> CouponBatch:
    """One batch of codes. Raises `missing`."""
    found = CouponBatch.objects.filter(id=batch_id).first()
    if found is None:
        raise missing("unknown_batch", "There is no such batch of codes.")
    return cast(CouponBatch, found)


def batches(*, kind_id: int | None = None, after: int | None = None, limit: int = 50) -> list[CouponBatch]:
    """Batches, the latest first."""
    rows = CouponBatch.objects.all()
    if kind_id is not None:
        rows = rows.filter(kind_id=kind_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def codes_of(found: CouponBatch, *, at_once: int = 20_000) -> Iterator[tuple[str, datetime | None]]:
    """Every code of a batch with when it was redeemed, made anew from its numbers; nothing but a piece is ever in memory."""
    left = found.count
    number = found.first
    while left:
        size = min(at_once, found.upto - number)
        codes = [code.decode() for code in codes_from(found.tenant_id, number, size)[:left].tolist()]
        number, left = number + size, left - len(codes)
        rows = CouponRedemption.objects.filter(batch_id=found.id, code__in=codes)
        redeemed = dict(rows.values_list("code", "at"))
        for code in codes:
            yield code, redeemed.get(code)


def share_token(coupon_id: int) -> str:
    """What stands in the link by which a coupon is sent on: its id and a proof that nobody else can make."""
    name = ids.outside("cpn", coupon_id)
    return f"{name}.{fingerprint('coupon share', f'{current_tenant()}:{name}').hex()}"


def shared_id(token: str) -> int:
    """The id of the coupon that a share link gives. Raises `missing` for a link that nobody made."""
    identifier = ids.inside("cpn", token.partition(".")[0])
    if identifier is None or not hmac.compare_digest(token.encode(), share_token(identifier).encode()):
        raise missing("unknown_share", "This link leads to no coupon.")
    return identifier


def shared_coupon(token: str) -> Held:
    """The coupon that a share link gives. Raises `missing`."""
    return coupon(shared_id(token))
