from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant


def record(action: str, *, subject: str, by: Actor, now: datetime, **details: Any) -> None:
    """Writes the audit entry of the write it stands beside, in the same transaction. No personal data in `details`."""
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_auditentry (tenant_id, id, at, actor, action, subject, details) VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb)",
            [current_tenant(), new_id(), now, str(by)[:120], action, subject[:200], json.dumps(details)],
        )
