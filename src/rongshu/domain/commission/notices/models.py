from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

CHANGE, CANCELLED = 0, 1


class PlanNotice(TenantModel):
    """Promoters are told of a version: that it will be in force, or that it was withdrawn. One row for all of them."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    version_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_plan_notice"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "version_id", "kind"], name="plan_notice_once"),
        ]


class PlanNoticeSeen(TenantModel):
    """A promoter has opened a notice."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "notice_id", "promoter_id")
    notice_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_plan_notice_seen"


class RulesPage(TenantModel):
    """What the tenant adds to its public rules page in its own words; one row a tenant."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    contact = models.TextField(blank=True)
    """Whom to appeal to: an address, a phone number, a page."""
    tax = models.TextField(blank=True)
    leaving = models.TextField(blank=True)
    more = models.TextField(blank=True)
    updated_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commission_rules_page"
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="rules_page_one")]
