"""The kernel's tables, gathered from its rooms."""

from django.db import models

from rongshu.kernel.access.models import ApiKey, Login, Passkey
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.models import Tenant, TenantModel


class KeptAnswer(TenantModel):
    """The answer to a request with an idempotency key; see `kernel.idempotency`."""

    pk = models.CompositePrimaryKey("tenant_id", "key")
    key = models.TextField()
    hash = models.BinaryField()
    status = models.SmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "kernel_idempotency"
        indexes = [models.Index(fields=["tenant_id", "at"], name="idempotency_by_age")]


__all__ = ["ApiKey", "AuditEntry", "KeptAnswer", "Login", "OutboxEvent", "Passkey", "Tenant"]
