from __future__ import annotations

from datetime import datetime

from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import least_at


def latest(action: str, *, since: datetime) -> AuditEntry | None:
    """The last entry of an action written at `since` or later; None when there is none."""
    return AuditEntry.objects.filter(id__gte=least_at(to_micros(since) // 1000), action=action).order_by("-id").first()
