from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

PLANNED, RUNNING, STOPPED, DONE, DROPPED = "planned", "running", "stopped", "done", "dropped"


class SettlementRun(TenantModel):
    """One settlement: which day, by which rules, and how far it has come. What it asked for are the withdrawals that name it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    day = models.DateField()
    by_clock = models.BooleanField()
    state = models.TextField(default=PLANNED)
    rules = models.JSONField(null=True)
    """The policy as it stood at the start; a run that is resumed goes on by it."""
    counts_until = models.DateTimeField(null=True)
    """What became available later is left out (T+N)."""
    upto = models.BigIntegerField(default=0)
    """The last promoter worked off: the next portion begins behind."""
    promoters = models.IntegerField(default=0)
    amount = models.BigIntegerField(default=0)
    fee = models.BigIntegerField(default=0)
    left_out = models.IntegerField(default=0)
    left_amount = models.BigIntegerField(default=0)
    made_at = models.DateTimeField()
    actor = models.TextField()
    started_at = models.DateTimeField(null=True)
    started_by = models.TextField(default="worker:")
    """Who started it first: in whose name it asks, and who therefore approves none of it."""
    changed_at = models.DateTimeField()
    """When it was last moved on, stopped or resumed, by `changed_by`."""
    changed_by = models.TextField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_run"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "day"], condition=Q(by_clock=True), name="run_of_a_day"),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "id"], condition=Q(state__in=["planned", "running"]), name="run_under_way"
            ),
        ]


class LeftOut(TenantModel):
    """A promoter a run did not ask for, although something was available, and why."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "run_id", "promoter_id")
    run_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    """What was available."""
    why = models.TextField()

    class Meta:
        db_table = "settlement_left_out"
        indexes = [models.Index(fields=["tenant_id", "run_id", "why", "promoter_id"], name="left_out_by_reason")]
