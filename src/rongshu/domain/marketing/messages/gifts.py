"""What members are told of the gifts of their birthday and of the day they joined."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.commerce.coupons.queries import kinds_by_id
from rongshu.domain.marketing.messages.actions import tell


def tell_of_gifts(*, occasion: str, year: int, members: Sequence[int], points: Sequence[int], at: datetime) -> int:
    """What a `birthday` or an `anniversary` brought, once a year; how many were told."""
    rows = Coupon.objects.filter(member_id__in=list(members), way="gift", ref=f"{occasion}:{year}").order_by("id")
    coupons = {one.member_id: one.kind_id for one in rows}
    known = kinds_by_id(sorted(set(coupons.values())))
    given = [
        (member, some, known[coupons[member]].name if member in coupons else "")
        for member, some in zip(members, points, strict=True)
        if some or member in coupons
    ]
    return tell(
        kind=f"gift.{occasion}",
        recipients=[member for member, *_rest in given],
        about=[year for _one in given],
        data=[{"gift": _in_words(some, name)} for _member, some, name in given],
        at=at,
    )


def _in_words(points: int, coupon: str) -> dict[str, str]:
    zh = [f"{points:,} 积分"] if points else []
    en = [f"{points:,} {'point' if points == 1 else 'points'}"] if points else []
    if coupon:
        zh.append(f"优惠券“{coupon}”")
        en.append(f"the coupon “{coupon}”")
    return {"zh": "和".join(zh), "en": " and ".join(en)}
