from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.tenancy.models import TenantModel


class Purchases(TenantModel):
    """A member's orders in figures, always what recomputing them gives. Money in minor units."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    orders = models.IntegerField()
    paid = models.BigIntegerField()
    refunded = models.BigIntegerField()
    """Of every line at most what was paid for it."""
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    recency = models.SmallIntegerField(default=0)
    """1 (longest ago) to 5 (of late) among the buyers of the day `PurchasesHead.scored_at`; 0 before the first scoring."""
    frequency = models.SmallIntegerField(default=0)
    monetary = models.SmallIntegerField(default=0)
    life = models.SmallIntegerField(default=0)
    """Place in `engine.segments.life.LIVES`, as of the last computing; it moves when `life_until` has come."""
    life_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "commerce_purchases"
        indexes = [
            models.Index(fields=["tenant_id", "last_at"], name="purchases_by_last"),
            models.Index(fields=["tenant_id", "life", "member_id"], name="purchases_by_life"),
            models.Index(fields=["tenant_id", "recency", "frequency", "member_id"], name="purchases_by_score"),
            models.Index(
                fields=["tenant_id", "life_until"], condition=Q(life_until__isnull=False), name="purchases_life_moves"
            ),
        ]


class PurchasesHead(TenantModel):
    """How far a tenant's figures are, and the edges its buyers are scored by."""

    tenant_id = models.BigIntegerField(primary_key=True)
    filled_to = models.BigIntegerField(default=0)
    """Buyers up to this id have their row, whenever their orders came."""
    filled_at = models.DateTimeField(null=True)
    """When every buyer had one; from then on reactions keep them."""
    settings = models.JSONField(default=dict)
    """`engine.segments.life.Rhythm`; empty for the usual one."""
    edges = models.JSONField(default=dict)
    """Four edges each, rising: `recency` (microseconds), `frequency` (orders), `monetary` (minor units, net)."""
    scored_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commerce_purchases_head"
