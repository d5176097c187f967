from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class GrowthVersion(TenantModel):
    """The tenant's rules of growth value, in force from `effective_from` until a version that begins later does."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    document = models.JSONField()
    """Canonical; `engine.tiers.growth` reads it."""
    effective_from = models.DateTimeField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_growth_version"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="growth_version_number")]


class GrowthEntry(TenantModel):
    """Growth value given (above 0) or taken back (below); with the ledger's journal of kind `growth` and the same ref."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    source = models.TextField()
    """`order`, `refund`, `activity:<id>` or `hand`."""
    ref = models.TextField()
    about = models.BigIntegerField(default=0)
    """The order, or 0."""
    month = models.IntegerField()
    """The month (since 1970, the tenant's calendar) whose sum it changed: that of the payment, for a refund too."""
    at = models.DateTimeField()
    """When it was earned or undone."""
    why = models.TextField(default="")

    class Meta:
        db_table = "members_growth_entry"
        indexes = [
            models.Index(fields=["tenant_id", "member_id", "-id"], name="growth_entry_by_member"),
            models.Index(fields=["tenant_id", "about"], condition=Q(about__gt=0), name="growth_entry_by_order"),
        ]


class GrowthMonth(TenantModel):
    """A member's growth value of a month, what was taken back already off; windows are sums of these."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "month")
    member_id = models.BigIntegerField()
    month = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "members_growth_month"
        constraints = [models.CheckConstraint(condition=Q(amount__gte=0), name="growth_month_amount")]
