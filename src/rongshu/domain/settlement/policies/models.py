from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PolicyVersion(TenantModel):
    """The rules as they hold from the moment they were set."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    document = models.JSONField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_policy"
