from __future__ import annotations

from datetime import datetime

from rongshu.domain.members.erasure.models import Erasure


def erased_at(member_id: int) -> datetime | None:
    """When a member's personal data were erased; None while they are there."""
    return Erasure.objects.filter(member_id=member_id).values_list("at", flat=True).first()
