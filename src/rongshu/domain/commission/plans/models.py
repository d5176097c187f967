from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PlanDraft(TenantModel):
    """The plan an operator works on, as text."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    text = models.TextField()
    updated_at = models.DateTimeField()
    actor = models.TextField()
    """Whoever left it as it is."""
    authors = ArrayField(models.TextField(), default=list)
    """Everybody who changed its text: none of them is its second person."""
    in_review = models.BooleanField(default=False)
    """While somebody is asked to decide about it, its text stays as it is."""


class PlanVersion(TenantModel):
    """A published version: an order paid from `effective_from` until the next version's is rated by it, for ever.

    Unless it was withdrawn before (`PlanWithdrawal`): then its number stays and it never rates anything. Two that were not
    withdrawn never begin at the same instant; publishing sees to it, in the tenant's turn.
    """

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    name = models.TextField()
    document = models.JSONField()
    effective_from = models.DateTimeField()
    published_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="plan_version_number"),
        ]


class PlanWithdrawal(TenantModel):
    """A scheduled version taken back before it took effect, and why."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "version_id")
    version_id = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "commission_plan_withdrawal"
