from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class LadderVersion(TenantModel):
    """A ladder, in force from `effective_from` until the next version's."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    document = models.JSONField()
    effective_from = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "referral_ladder"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="ladder_version_number")]


class RankChange(TenantModel):
    """One change of one promoter's rank; the new one counts for orders paid at `at` or later."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "id")
    promoter_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    at = models.DateTimeField()
    old_rank = models.TextField()
    new_rank = models.TextField()
    cause = models.TextField()
    """`earned`, `below` (the rank held was no longer earned) or `hand`."""
    reason = models.TextField(default="")
    """What somebody wrote who set it by hand."""
    actor = models.TextField()
    figures = models.JSONField(default=dict)
    """The figures it was decided on, by need; money in minor units."""

    class Meta:
        db_table = "referral_rank_change"
        indexes = [
            models.Index(fields=["tenant_id", "promoter_id", "at"], name="rank_change_by_promoter"),
            models.Index(fields=["tenant_id", "at", "promoter_id"], name="rank_change_by_time"),
        ]


class RankHead(TenantModel):
    """How far the tenant's ranks are assessed."""

    tenant_id = models.BigIntegerField(primary_key=True)
    ladder_id = models.BigIntegerField()
    """By which version of the ladder."""
    judged = models.DateField()
    """The first day after the period judged last."""
    assessed_at = models.DateTimeField()

    class Meta:
        db_table = "referral_rank_head"


class RankFigures(TenantModel):
    """A promoter's figures in the running window, as of the last look; who has none has no row. Sales in minor units."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id")
    promoter_id = models.BigIntegerField()
    own_sales = models.BigIntegerField()
    own_orders = models.BigIntegerField()
    active_months = models.BigIntegerField()
    invited_promoters = models.BigIntegerField()
    team_size = models.BigIntegerField()
    team_sales = models.BigIntegerField()

    class Meta:
        db_table = "referral_rank_figures"
