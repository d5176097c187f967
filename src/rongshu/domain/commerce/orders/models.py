from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class Order(TenantModel):
    """An order. Its external id is unique in the journal, where `ref` is `source:external id` and the id is this one."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    source = models.TextField()
    external_id = models.TextField()
    buyer_id = models.BigIntegerField(null=True)
    promoter_id = models.BigIntegerField(null=True)
    credited_by = models.TextField()
    """How the promoter was found: `named` by the order, `code`, `bond`, `touch` or `store` by the attribution policy, `corrected` by a posted re-rating, or `` for nobody."""
    paid = models.BigIntegerField()
    paid_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    channel = models.TextField(null=True)
    store = models.TextField(null=True)
    region = models.TextField(null=True)
    tier = models.TextField(null=True)

    class Meta:
        db_table = "commerce_order"
        indexes = [
            models.Index(fields=["tenant_id", "buyer_id"], name="order_by_buyer"),
            models.Index(fields=["tenant_id", "paid_at", "id"], name="order_by_time"),
            models.Index(
                fields=["tenant_id", "promoter_id", "paid_at"],
                condition=models.Q(promoter_id__isnull=False),
                name="order_by_promoter",
            ),
        ]


class OrderLine(TenantModel):
    """One SKU of an order; `paid`, `cost` (of one unit) and `refunded` in minor units."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id", "line_no")
    order_id = models.BigIntegerField()
    line_no = models.IntegerField()
    sku = models.TextField()
    category = models.TextField()
    qty = models.IntegerField()
    paid = models.BigIntegerField()
    cost = models.BigIntegerField()
    refunded = models.BigIntegerField(default=0)
    """Everything refunded so far, as asked for; what counts is never more than `paid`."""

    class Meta:
        db_table = "commerce_line"


class Refund(TenantModel):
    """What a refund took from one line."""

    pk = models.CompositePrimaryKey("tenant_id", "order_id", "id", "line_no")
    id = models.BigIntegerField()
    external_id = models.TextField()
    order_id = models.BigIntegerField()
    line_no = models.IntegerField()
    amount = models.BigIntegerField()
    refunded_at = models.DateTimeField()

    class Meta:
        db_table = "commerce_refund"


class CreditCorrection(TenantModel):
    """Somebody found that an order belongs to another promoter, or to nobody. The last one of an order counts.

    By itself it changes nothing: the order's own promoter follows when a re-rating is posted.
    """

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "order_id", "id")
    order_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    old_promoter_id = models.BigIntegerField(null=True)
    new_promoter_id = models.BigIntegerField(null=True)
    reason = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "commerce_credit_correction"
        indexes = [models.Index(fields=["tenant_id", "id"], name="credit_correction_by_id")]
