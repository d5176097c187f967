from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PriceVersion(TenantModel):
    """The tenant's price rules, in force from `effective_from` until a version that begins later does."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    document = models.JSONField()
    """Canonical; `engine.prices.read_rules` reads it."""
    effective_from = models.DateTimeField()
    reason = models.TextField(default="")
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commerce_price_version"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="price_version_number")]
        indexes = [models.Index(fields=["tenant_id", "-effective_from", "-number"], name="price_version_in_force")]


class PriceDraft(TenantModel):
    """Rules that are being written; at most one of a tenant."""

    tenant_id = models.BigIntegerField(primary_key=True)
    document = models.JSONField()
    """Canonical."""
    based_on = models.IntegerField()
    """Number of the version it began with; 0 for none."""
    revision = models.IntegerField(default=1)
    """Goes up by one with every change, so that two people do not overwrite each other."""
    updated_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commerce_price_draft"
