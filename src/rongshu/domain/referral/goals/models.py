from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel

ACTIVE, MEMBERS, SALES = "active", "members", "sales"
"""active: so many of the team are active; members: the team grows by so many; sales: it sells for so much, from setting the goal on."""
WHATS = (ACTIVE, MEMBERS, SALES)


class Goal(TenantModel):
    """A leader's goal: one of each kind at a time; setting it anew begins anew."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "what")
    promoter_id = models.BigIntegerField()
    what = models.TextField()
    """One of `WHATS`."""
    began = models.BigIntegerField()
    """The figure it is counted from: the team's as it was when the goal was set; 0 for `active`."""
    wanted = models.BigIntegerField()
    """Members, or minor units for `sales`."""
    set_at = models.DateTimeField()
    until = models.DateField()
    """The last day, where the tenant is."""

    class Meta:
        db_table = "referral_goal"
