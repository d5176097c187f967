from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel, Wall


class Erasure(TenantModel):
    """That and when a member's personal data were erased; never what they were."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "members_erasure"
