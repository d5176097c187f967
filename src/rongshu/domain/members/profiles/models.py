from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Member(TenantModel):
    """Somebody a tenant knows. At least one of external id, phone and e-mail names them."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    external_id = models.TextField(null=True)
    phone = models.BinaryField(null=True)
    phone_hash = models.BinaryField(null=True)
    email = models.BinaryField(null=True)
    email_hash = models.BinaryField(null=True)
    name = models.BinaryField(null=True)
    tier = models.TextField(default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "external_id"], name="member_external_id"),
            models.UniqueConstraint(
                fields=["tenant_id", "phone_hash"], condition=Q(phone_hash__isnull=False), name="member_phone"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "email_hash"], condition=Q(email_hash__isnull=False), name="member_email"
            ),
            models.CheckConstraint(
                condition=Q(external_id__isnull=False) | Q(phone_hash__isnull=False) | Q(email_hash__isnull=False),
                name="member_has_a_name",
            ),
        ]
