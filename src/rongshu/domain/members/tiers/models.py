from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class TierVersion(TenantModel):
    """A ladder of tiers, in force from `effective_from` until a version that begins later does."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    document = models.JSONField()
    """Canonical; `engine.tiers.frames` reads it."""
    effective_from = models.DateTimeField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_tier_version"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="tier_version_number")]


class TierStanding(TenantModel):
    """Where a member stands; who has no tier and never had one has no row. The tier itself is `Member.tier`."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    tier = models.TextField()
    since = models.DateTimeField()
    kept_until = models.DateTimeField(null=True)
    """When it is assessed; None without a tier."""
    grace_until = models.DateTimeField(null=True)
    """Set after an assessment below what keeps the tier: until then it may be made up for."""
    next_at = models.DateTimeField(null=True)
    """When the clock looks at it next: the end of grace, or of what is kept."""

    class Meta:
        db_table = "members_tier_standing"
        indexes = [models.Index(fields=["tenant_id", "next_at"], name="tier_standing_due")]


class TierChange(TenantModel):
    """One assessment of one member that changed or confirmed something."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    at = models.DateTimeField()
    old = models.TextField()
    new = models.TextField()
    cause = models.TextField()
    """`risen`, `kept`, `grace`, `fallen` or `ladder` (the tier is no longer on the ladder)."""
    growth = models.BigIntegerField()
    """Growth value of the window it was decided on."""
    version = models.IntegerField()
    """Number of the ladder's version."""

    class Meta:
        db_table = "members_tier_change"
        indexes = [models.Index(fields=["tenant_id", "member_id", "-id"], name="tier_change_by_member")]


class TierHead(TenantModel):
    """By which version of the ladder everybody was looked at last."""

    tenant_id = models.BigIntegerField(primary_key=True)
    version = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "members_tier_head"
