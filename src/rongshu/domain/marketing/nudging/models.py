from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel, Wall


class Nudge(TenantModel):
    """A leader wrote to somebody they invited: once a week at most, as the key says."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "leader_id", "week", "recipient_id")
    leader_id = models.BigIntegerField()
    week = models.IntegerField()
    """Weeks since Monday 1970-01-05, in the tenant's zone."""
    recipient_id = models.BigIntegerField()
    kind = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_nudge"
