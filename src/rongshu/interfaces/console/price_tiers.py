"""The tiers that forms about prices and coupons offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import get_language

from rongshu.domain.members.tiers.queries import ladder_at


def offered_tiers(chosen: Sequence[str], now: datetime) -> tuple[tuple[str, str, bool], ...]:
    """(code, title, whether chosen) of the ladder's tiers, lowest first; then the chosen ones that it does not know."""
    ladder = ladder_at(now)
    language = get_language() or ""
    known = [] if ladder is None else [(one.code, one.titled(language), one.code in chosen) for one in ladder.tiers]
    strangers = [(one, one, True) for one in chosen if ladder is None or ladder.tier(one) is None]
    return (*known, *strangers)
