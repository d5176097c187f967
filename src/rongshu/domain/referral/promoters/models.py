from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

FROZEN, LEFT, MERGED = "frozen", "left", "merged"
"""How a promoter stopped."""


class Promoter(TenantModel):
    """A member who opted in; `id` is the member's. May earn while `active_from` <= the instant < `active_to`."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField()
    inviter_id = models.BigIntegerField(null=True)
    rank = models.TextField(default="")
    """The present one; `ranks` keeps who held which when."""
    rank_since = models.DateTimeField(null=True)
    """From when the present rank counts; None for one held since joining."""
    rank_below = models.DateField(null=True)
    """The first judgement since which the rank is not earned any more and lasts by grace; None while it is earned."""
    rank_held_until = models.DateTimeField(null=True)
    """Until when the rank was set by hand for certain: nothing assesses it before."""
    joined_at = models.DateTimeField()
    active_from = models.DateTimeField()
    active_to = models.DateTimeField(null=True)
    ended_as = models.TextField(default="", db_default="")
    """Why `active_to` is set: `frozen`, `left`, `merged`; "" while they promote, and for those ended before this was kept."""
    heir_id = models.BigIntegerField(null=True)
    """The promoter who is the same person: whom everything to come is credited to instead. An heir has none of their own."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(inviter_id__isnull=True) | ~Q(inviter_id=F("id")), name="promoter_is_not_own_inviter"
            ),
        ]
        indexes = [
            # partial, so that no plan made without statistics can take it for a search by id
            models.Index(
                fields=["tenant_id", "inviter_id", "id"],
                condition=Q(inviter_id__isnull=False),
                name="promoter_by_inviter",
            ),
            models.Index(
                fields=["tenant_id", "heir_id", "id"], condition=Q(heir_id__isnull=False), name="promoter_by_heir"
            ),
            models.Index(
                fields=["tenant_id", "ended_as", "id"], condition=~Q(ended_as=""), name="promoter_by_ended_as"
            ),
        ]


class ForestHead(TenantModel):
    """The forest's version: moved by every change of it, and the row that changes of inviters wait for one another on."""

    tenant_id = models.BigIntegerField(primary_key=True)
    version = models.BigIntegerField(default=0)
    standing_version = models.BigIntegerField(default=-1)
    standing_at = models.DateTimeField(null=True)
    sales_moved = models.BooleanField(default=False)
    """Whether sales have changed since the standings were computed."""


class InviterChange(TenantModel):
    """One change of one promoter's inviter; the first one is the joining."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "id")
    promoter_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    old_inviter_id = models.BigIntegerField(null=True)
    new_inviter_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField(default="")
