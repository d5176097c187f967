from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class AttributionPolicy(TenantModel):
    """The rules as they hold for orders accepted from a moment on, until the next."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    document = models.JSONField()
    reason = models.TextField(default="")
    at = models.DateTimeField()
    actor = models.TextField()
    effective_from = models.DateTimeField(null=True)
    """From when it holds; None for one that held from the moment it was published."""

    class Meta:
        db_table = "referral_attribution_policy"

    @property
    def begins(self) -> datetime:
        """From when it holds."""
        begins: datetime = self.effective_from or self.at
        return begins


class Evidence(TenantModel):
    """What was considered when an order was credited, where there was anything: each method's candidate and what became of it.

    The fates are those of `engine.attribution.Fate`, by the places of its METHODS.
    """

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id")
    order_id = models.BigIntegerField()
    policy_id = models.BigIntegerField(null=True)
    """The policy in force; None for the one a tenant begins with."""
    fates = models.IntegerField()
    """Four digits of base 8, the first method's first."""
    code = models.TextField(default="")
    """The code as it was given with the order."""
    code_promoter_id = models.BigIntegerField(null=True)
    bond_promoter_id = models.BigIntegerField(null=True)
    bond_since = models.DateTimeField(null=True)
    bond_until = models.DateTimeField(null=True)
    touch_id = models.BigIntegerField(null=True)
    touch_promoter_id = models.BigIntegerField(null=True)
    touch_link_id = models.BigIntegerField(null=True)
    touch_at = models.DateTimeField(null=True)
    touch_kind = models.SmallIntegerField(null=True)
    store_promoter_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "referral_evidence"
        indexes = [
            models.Index(
                fields=["tenant_id", "touch_link_id"], condition=Q(touch_link_id__isnull=False), name="evidence_by_link"
            ),
            models.Index(
                fields=["tenant_id", "code_promoter_id"],
                condition=Q(code_promoter_id__isnull=False),
                name="evidence_by_code",
            ),
            models.Index(
                fields=["tenant_id", "touch_promoter_id", "order_id"],
                condition=Q(touch_promoter_id__isnull=False),
                name="evidence_by_toucher",
            ),
            models.Index(
                fields=["tenant_id", "bond_promoter_id", "order_id"],
                condition=Q(bond_promoter_id__isnull=False),
                name="evidence_by_bond",
            ),
        ]


class StoreHolder(TenantModel):
    """The promoter to whom a store's orders are credited when nothing else names one."""

    pk = models.CompositePrimaryKey("tenant_id", "store")
    store = models.TextField()
    promoter_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "referral_store_holder"
        indexes = [models.Index(fields=["tenant_id", "promoter_id"], name="store_by_holder")]
