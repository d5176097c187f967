"""What members are told of their coupons: that they got one, and that one ends soon."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.commerce.coupons.actions import due_reminders
from rongshu.domain.commerce.coupons.models import Coupon
from rongshu.domain.commerce.coupons.queries import kinds_by_id
from rongshu.domain.marketing.messages.actions import tell
from rongshu.kernel.tenancy.queries import house


def tell_of_coupons(*, coupons: Sequence[int], at: datetime) -> int:
    """Coupons that were given, to those who got them; how many were told. Gifts have a message of their own."""
    found = list(Coupon.objects.filter(id__in=list(coupons)).exclude(way="gift"))
    known = kinds_by_id(sorted({one.kind_id for one in found}))
    return tell(
        kind="coupon.given",
        recipients=[one.member_id for one in found],
        about=[one.id for one in found],
        data=[{"name": known[one.kind_id].name} for one in found],
        at=at,
    )


def tell_of_ends(*, now: datetime) -> int:
    """Coupons that end soon, to those who hold them; how many were looked at."""
    due = due_reminders(now=now)
    zone = house().zone
    tell(
        kind="coupon.ending",
        recipients=[one.member_id for one in due],
        about=[one.coupon_id for one in due],
        data=[{"name": one.name, "day": one.until_at.astimezone(zone).date().isoformat()} for one in due],
        at=now,
    )
    return len(due)
