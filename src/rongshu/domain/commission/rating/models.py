from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from rongshu.kernel.tenancy.models import TenantModel, Wall

PENDING, RELEASED, REPLACED = 0, 1, 2
"""A replaced row was taken back whole by a re-rating; it counts for nothing and is kept for its story."""


class Rating(TenantModel):
    """How one order was rated: by which version, over which chain, and when its commissions are due."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id")
    order_id = models.BigIntegerField()
    version_id = models.BigIntegerField(null=True)
    """None: no version was in force when the order was paid."""
    first = models.SmallIntegerField()
    """1 the buyer's first order, 0 a repeat, -1 unknown."""
    chain = ArrayField(models.BigIntegerField())
    """Promoters of the chain from the direct one upwards, as far as the plan looks."""
    states = ArrayField(models.SmallIntegerField())
    """Beside `chain`: 0 may earn, 1 not active when paid, 2 is the buyer, 3 no level left."""
    due_at = models.DateTimeField(null=True)
    released_at = models.DateTimeField(null=True)
    rated_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["tenant_id", "due_at", "order_id"],
                condition=Q(due_at__isnull=False, released_at__isnull=True),
                name="rating_due",
            )
        ]


class Commission(TenantModel):
    """What one promoter earns from one line of an order, and the trace of how. Money in minor units, rates in ppm."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id", "row")
    order_id = models.BigIntegerField()
    row = models.IntegerField()
    line_no = models.IntegerField()
    kind = models.SmallIntegerField()
    level = models.IntegerField()
    beneficiary_id = models.BigIntegerField()
    rule = models.TextField()
    base = models.BigIntegerField()
    ppm = models.IntegerField()
    """-1 for a fixed amount."""
    before_caps = models.BigIntegerField()
    cut_order = models.BigIntegerField()
    cut_day = models.BigIntegerField()
    cut_month = models.BigIntegerField()
    amount = models.BigIntegerField()
    reversed = models.BigIntegerField(default=0)
    state = models.SmallIntegerField(default=PENDING)
    paid_at = models.DateTimeField()

    class Meta:
        db_table = "commission_commission"
        indexes = [
            models.Index(
                fields=["tenant_id", "beneficiary_id", "state", "paid_at", "order_id"], name="commission_by_beneficiary"
            )
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="commission_amount"),
            models.CheckConstraint(
                condition=Q(reversed__gte=0) & Q(reversed__lte=models.F("amount")), name="commission_reversed"
            ),
        ]


class CapUsage(TenantModel):
    """What a promoter has accrued in a day or a month, kept from the first capped version on."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "kind", "period")
    promoter_id = models.BigIntegerField()
    kind = models.SmallIntegerField()
    """0 day, 1 month."""
    period = models.IntegerField()
    """Days since 1970-01-01, or year * 12 + month - 1, in the tenant's time zone."""
    used = models.BigIntegerField()

    class Meta:
        db_table = "commission_cap_usage"
