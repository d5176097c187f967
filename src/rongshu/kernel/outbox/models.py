from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class OutboxEvent(TenantModel):
    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind = models.CharField(max_length=60)
    at = models.DateTimeField()
    subjects = ArrayField(models.BigIntegerField())
    data = models.JSONField(default=dict)
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=models.Q(delivered_at=None), name="outbox_waiting")
        ]
