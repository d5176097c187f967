from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class DeclaredFacts(TenantModel):
    """Everything a tenant declared, as of one moment; the latest row counts, the earlier ones tell what was said when."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    number = models.IntegerField()
    facts = models.JSONField()
    """By the names of `engine.lint.Facts`; what was not declared is left out."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commission_declared_facts"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="declared_facts_number")]


class KeptCheck(TenantModel):
    """What a check found in a plan, with everything it went by, so that it can be made again."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    text = models.TextField()
    """The plan as it was checked."""
    plan_hash = models.TextField()
    """SHA-256 of the plan's canonical form: equal for texts that mean the same."""
    facts = models.JSONField()
    """What was declared and known then."""
    report = models.JSONField()
    """Findings, worst case, versions of profile and rules."""
    blocking = models.IntegerField()
    warnings = models.IntegerField()
    worst_ppm = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commission_kept_check"
        indexes = [models.Index(fields=["tenant_id", "plan_hash", "id"], name="kept_check_by_plan")]
