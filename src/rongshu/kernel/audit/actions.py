from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rongshu.kernel import copying
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.scope import current_tenant


def record(action: str, *, subject: str, by: Actor, now: datetime, **details: Any) -> None:
    """Writes the audit entry of the write it stands beside, in the same transaction. No personal data in `details`."""
    copying.insert_few(
        "kernel_auditentry",
        {
            "tenant_id": copying.int8(current_tenant()),
            "id": copying.int8(new_id()),
            "at": copying.instant(to_micros(now)),
            "actor": copying.text_one(str(by)[:120]),
            "action": copying.text_one(action),
            "subject": copying.text_one(subject[:200]),
            "details": copying.json_one(json.dumps(details)),
        },
    )
