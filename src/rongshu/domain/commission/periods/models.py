from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class RewardPeriod(TenantModel):
    """One rule of a plan (steps or a pool) closed for one period. It is closed once; its sums are those of the latest run."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    """Also the journal of its first run, and what every transfer of its rewards is about."""
    kind = models.TextField()
    """`steps` or `pool`."""
    rule = models.TextField()
    length = models.TextField()
    """`month`, `quarter` or `year`."""
    start = models.DateField()
    end = models.DateField()
    """The first day after it, in the tenant's zone."""
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    version_id = models.BigIntegerField()
    """The version in force at its last instant: whose rule counts for all of it."""
    base = models.BigIntegerField()
    """Steps: all own sales. Pools: the house's net base. Minor units, as the latest run found them."""
    fund = models.BigIntegerField()
    """What a pool had to split; 0 for steps."""
    amount = models.BigIntegerField()
    """All its rewards, adjustments included."""
    promoters = models.IntegerField()
    """How many have something of it."""
    closed_at = models.DateTimeField()
    adjusted_at = models.DateTimeField(null=True)
    adjust_at = models.DateTimeField(null=True)
    """Something arrived late: when the next close carries it along. None when nothing did."""

    class Meta:
        db_table = "commission_period"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "kind", "rule", "start", "end"], name="period_closed_once"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "adjust_at"], condition=Q(adjust_at__isnull=False), name="period_touched"
            ),
            models.Index(fields=["tenant_id", "ends_at", "id"], name="period_by_end"),
        ]


class PeriodRun(TenantModel):
    """One computation of a period that paid or took back: its close, and each adjustment. `journal` is that of its transfers."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "period_id", "journal")
    period_id = models.BigIntegerField()
    journal = models.BigIntegerField()
    at = models.DateTimeField()
    base = models.BigIntegerField()
    fund = models.BigIntegerField()
    weights = models.BigIntegerField()
    """Pools: what all who share weigh together. Steps: 0."""
    amount = models.BigIntegerField()
    """What this run added; below 0 when more was taken back."""
    rows = models.IntegerField()

    class Meta:
        db_table = "commission_period_run"


class Reward(TenantModel):
    """What one run of a period pays one promoter, or takes back. With its run and its version it says how it came to be."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "period_id", "promoter_id", "journal")
    period_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    journal = models.BigIntegerField()
    metric = models.BigIntegerField()
    """Own sales in minor units as the run found them; for a pool split equally 1."""
    amount = models.BigIntegerField()
    """Never 0; below 0 an adjustment that takes back."""
    adjustment_of = models.BigIntegerField(null=True)
    """The journal whose reward it adjusts: the period's first run. None for that run itself."""
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_reward"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="reward_of_something")]
        indexes = [models.Index(fields=["tenant_id", "promoter_id", "at", "journal"], name="reward_by_promoter")]
