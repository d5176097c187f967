"""What members are told of what they had for points: that it was sent, or that it was cancelled and their points are back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.commerce.mall.models import MallExchange
from rongshu.domain.marketing.messages.actions import tell


def tell_of_exchanges(*, kind: str, exchanges: Sequence[int], at: datetime) -> int:
    """Exchanges that were sent (`mall.sent`) or cancelled by the team (`mall.cancelled`); how many were told."""
    found = list(MallExchange.objects.filter(id__in=list(exchanges)))
    return tell(
        kind=kind,
        recipients=[one.member_id for one in found],
        about=[one.id for one in found],
        data=[
            {
                "name": one.name,
                "parcel": f"{one.carrier} {one.tracking}".strip(),
                "points": one.back,
                "reason": one.reason,
            }
            for one in found
        ],
        at=at,
    )
