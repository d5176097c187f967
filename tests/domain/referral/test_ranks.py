"""Ranks on a real PostgreSQL."""

from __future__ import annotations

from rongshu.domain.referral.ranks.queries import ladder
from rongshu.kernel.tenancy.scope import tenant_scope


def test_a_tenant_begins_without_a_ladder(tenant: int) -> None:
    with tenant_scope(tenant):
        assert ladder() is None
