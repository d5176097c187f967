from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from rongshu.domain.marketing.nudging.models import Nudge
from rongshu.kernel.tenancy.queries import house

_MONDAY = date(1970, 1, 5)


def week_of(at: datetime) -> int:
    """The week of an instant, as nudges are counted."""
    return (at.astimezone(house().zone).date() - _MONDAY).days // 7


def written_to(leader_id: int, recipients: Sequence[int], now: datetime) -> set[int]:
    """To whom of some a leader has written this week."""
    rows = Nudge.objects.filter(leader_id=leader_id, week=week_of(now), recipient_id__in=list(recipients))
    return set(rows.values_list("recipient_id", flat=True))
