from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.tenancy.scope import current_tenant


def bond_members(*, bonds: Mapping[int, int], by: Actor, now: datetime) -> None:
    """Ties members to promoters (member id → promoter id). Who is bonded already keeps their promoter."""
    if not bonds:
        return
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "referral_bond",
            {"member_id": bulk.int8s(list(bonds)), "promoter_id": bulk.int8s(list(bonds.values()))},
            constants={"tenant_id": current_tenant(), "since": now},
            suffix="ON CONFLICT (tenant_id, member_id) DO NOTHING",
        )
    record("bond.made", subject=f"{len(bonds)} members", by=by, now=now)
