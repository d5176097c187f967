"""What members are told of their card: that they hold it, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.domain.marketing.messages.actions import tell
from rongshu.domain.members.cards.models import CardRequest


def tell_of_cards(*, members: Sequence[int], at: datetime) -> int:
    """Those who hold the card now; how many were told."""
    return tell(kind="card.given", recipients=list(members), about=list(members), data=[{} for _ in members], at=at)


def tell_of_refused_cards(*, requests: Sequence[int], at: datetime) -> int:
    """Those whose request was refused, and why; how many were told."""
    found = list(CardRequest.objects.filter(id__in=list(requests)))
    return tell(
        kind="card.refused",
        recipients=[one.member_id for one in found],
        about=[one.id for one in found],
        data=[{"reason": one.reason} for one in found],
        at=at,
    )
