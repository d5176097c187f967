from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class GiftDay(TenantModel):
    """How far the clock is with the gifts of a day."""

    pk = models.CompositePrimaryKey("tenant_id", "day", "occasion")
    day = models.DateField()
    """In the tenant's time zone."""
    occasion = models.TextField()
    """`birthday` or `anniversary`."""
    after_id = models.BigIntegerField(default=0)
    """The last member that was looked at."""
    given = models.BigIntegerField(default=0)
    """Members who got something."""
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_gift_day"
