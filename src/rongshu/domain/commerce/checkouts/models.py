from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel

RESERVED, USED, RELEASED, EXPIRED = "reserved", "used", "released", "expired"


class Checkout(TenantModel):
    """A quoted cart of a member, held to its price until `expires_at`; an order uses it once. Money in minor units."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    state = models.TextField(default=RESERVED)
    cart = models.JSONField()
    """What was asked for, as it was sent."""
    priced = models.JSONField()
    """What it came to, with every step of every line."""
    payable = models.BigIntegerField()
    points = models.BigIntegerField(default=0)
    """Set aside, and spent when the order came."""
    points_back = models.BigIntegerField(default=0)
    """Of those, given back after refunds."""
    coupons = models.JSONField(default=list)
    """Ids of the held coupons set aside."""
    reserved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    order_id = models.BigIntegerField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "commerce_checkout"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "order_id"], condition=Q(order_id__isnull=False), name="checkout_of_order"
            ),
            models.CheckConstraint(condition=Q(payable__gte=0, points__gte=0), name="checkout_not_below_0"),
            models.CheckConstraint(condition=Q(points_back__lte=models.F("points")), name="checkout_points_back"),
            models.CheckConstraint(
                condition=Q(state=USED, order_id__isnull=False) | (~Q(state=USED) & Q(order_id__isnull=True)),
                name="checkout_used_by_order",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "expires_at"], condition=Q(state=RESERVED), name="checkout_to_expire"),
            models.Index(fields=["tenant_id", "member_id", "-id"], name="checkout_by_member"),
        ]
