from __future__ import annotations

from django.db import models

from rongshu.kernel.tenancy.models import TenantModel


class Holiday(TenantModel):
    """A day that is not as its weekday: off, or worked to make up for one."""

    pk = models.CompositePrimaryKey("tenant_id", "day")
    day = models.DateField()
    working = models.BooleanField()
    name = models.TextField(default="")

    class Meta:
        db_table = "settlement_holiday"
