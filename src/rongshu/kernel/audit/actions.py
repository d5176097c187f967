from __future__ import annotations

from datetime import datetime
from typing import Any

from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.models import AuditEntry


def record(action: str, *, subject: str, by: Actor, now: datetime, **details: Any) -> None:
    """Writes the audit entry of the write it stands beside, in the same transaction. No personal data in `details`."""
    AuditEntry.add(at=now, actor=str(by), action=action, subject=subject, details=details)
