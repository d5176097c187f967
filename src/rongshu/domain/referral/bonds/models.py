from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class Bond(TenantModel):
    """The promoter a member belongs to while `since` <= the instant < `until`; None for ever."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tenant_id", "promoter_id", "member_id"], name="bond_by_promoter"),
            models.Index(fields=["tenant_id", "promoter_id", "until", "member_id"], name="bond_of_promoter_by_end"),
            models.Index(
                fields=["tenant_id", "until", "member_id"], condition=Q(until__isnull=False), name="bond_by_end"
            ),
        ]


MADE, MOVED, GIVEN, ENDED = "made", "moved", "given", "ended"


class BondChange(TenantModel):
    """What happened to a member's bond: made by an order, moved by another's code, given or ended by hand. Extensions are not listed."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "id")
    member_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    what = models.TextField()
    method = models.TextField(default="")
    """By which method of attribution, where an order did it."""
    order_id = models.BigIntegerField(null=True)
    old_promoter_id = models.BigIntegerField(null=True)
    new_promoter_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField(default="")

    class Meta:
        db_table = "referral_bond_change"
