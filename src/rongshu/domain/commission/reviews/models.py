from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel

WAITING, APPROVED, REJECTED, TAKEN_BACK = 0, 1, 2, 3


class PlanReview(TenantModel):
    """A draft laid before a second person: the text as it was then, and what became of it. Decided once, then never changed."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    draft_id = models.BigIntegerField(null=True)
    """None for a version that was published without a draft."""
    text = models.TextField()
    effective_from = models.DateTimeField(null=True)
    """From when it was asked to be in force; None: as soon as it is approved."""
    note = models.TextField()
    authors = ArrayField(models.TextField())
    asked_at = models.DateTimeField()
    asked_by = models.TextField()
    state = models.SmallIntegerField(default=WAITING)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    reason = models.TextField(default="")
    alone = models.BooleanField(default=False)
    """Approved by its own author, because nobody else may decide."""
    looked = models.JSONField()
    """What the check found when it was last decided about, with the profile and the versions of profile and rules."""
    accepted = ArrayField(models.TextField(), default=list)
    """The rules of the warnings that were accepted."""
    version_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "commission_plan_review"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "draft_id"], condition=Q(state=WAITING), name="plan_review_waiting"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "version_id"], condition=Q(version_id__isnull=False), name="plan_review_version"
            ),
            models.CheckConstraint(
                condition=Q(state=APPROVED, version_id__isnull=False) | ~Q(state=APPROVED) & Q(version_id=None),
                name="plan_review_decided",
            ),
        ]
        indexes = [models.Index(fields=["tenant_id", "state", "id"], name="plan_review_state")]
