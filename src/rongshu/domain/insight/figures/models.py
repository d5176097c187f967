from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class DayFigures(TenantModel):
    """What orders paid on this day brought, and what was released and reversed on it. Minor units."""

    pk = models.CompositePrimaryKey("tenant_id", "day")
    day = models.DateField()
    orders = models.IntegerField(default=0)
    paid = models.BigIntegerField(default=0)
    accrued = models.BigIntegerField(default=0)
    released = models.BigIntegerField(default=0)
    reversed = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)

    class Meta:
        db_table = "insight_day"
