from __future__ import annotations

from collections.abc import Sequence

from rongshu.kernel import bulk
from rongshu.kernel.tenancy.scope import current_tenant


def promoters_of(member_ids: Sequence[int]) -> dict[int, int]:
    """The promoter each of these members is bonded to; the unbonded are left out."""
    if not member_ids:
        return {}
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT member_id, promoter_id FROM referral_bond WHERE tenant_id = %s AND member_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(list(set(member_ids)))],
        )
        return dict(cursor.fetchall())
