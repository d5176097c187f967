from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class InboxItem(TenantModel):
    """A batch accepted together: its kind (`orders`, `statuses`, `refunds`), how many entries, the entries as columns."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind = models.TextField()
    entries = models.IntegerField()
    payload = models.BinaryField()
    received_at = models.DateTimeField()
    refused_at = models.DateTimeField(null=True)
    error = models.TextField(default="")

    class Meta:
        db_table = "commerce_inbox"
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=Q(refused_at=None), name="inbox_waiting"),
            models.Index(fields=["tenant_id", "refused_at"], condition=~Q(refused_at=None), name="inbox_refused"),
        ]


class ParkedItem(TenantModel):
    """A status or refund that came before its order, woken by it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    order_ref = models.TextField()
    kind = models.TextField()
    payload = models.BinaryField()
    parked_at = models.DateTimeField()

    class Meta:
        db_table = "commerce_parked"
        indexes = [models.Index(fields=["tenant_id", "order_ref"], name="parked_by_order")]
