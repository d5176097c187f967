from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PlanDraft(TenantModel):
    """The plan an operator works on, as text."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    text = models.TextField()
    updated_at = models.DateTimeField()
    actor = models.TextField()


class PlanVersion(TenantModel):
    """A published version: an order paid from `effective_from` until the next version's is rated by it, for ever."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    name = models.TextField()
    document = models.JSONField()
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="plan_version_number"),
            models.UniqueConstraint(fields=["tenant_id", "effective_from"], name="plan_version_start"),
        ]
