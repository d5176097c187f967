from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Batch(TenantModel):
    """Withdrawals sent together through one provider. What is in it never changes."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    withdrawals = models.IntegerField()
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    tax = models.BigIntegerField()
    made_at = models.DateTimeField()
    actor = models.TextField()
    taken_at = models.DateTimeField(null=True)
    """When the file was first taken to the bank."""
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_batch"
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=models.Q(settled_at__isnull=True), name="batch_open")
        ]
