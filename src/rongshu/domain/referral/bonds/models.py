from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class Bond(TenantModel):
    """The promoter a member belongs to."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant_id", "promoter_id", "member_id"], name="bond_by_promoter")]
