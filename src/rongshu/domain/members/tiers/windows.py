from __future__ import annotations

from datetime import datetime

from rongshu.engine.tiers.frames import Ladder
from rongshu.engine.tiers.windows import month_of, running
from rongshu.kernel.tenancy.queries import house


def present_window(ladder: Ladder, now: datetime) -> tuple[int, int]:
    """The months whose growth value counts for rising now, in the tenant's calendar."""
    return running(ladder, month_of(now, house().zone))
