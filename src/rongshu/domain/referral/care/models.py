from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

NOTE, FROZEN, RESUMED, TAGGED, UNTAGGED = "note", "frozen", "resumed", "tagged", "untagged"


class PromoterChange(TenantModel):
    """What the team did with a promoter, or wrote about them. Changes of inviter and of rank are kept with those."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "id")
    promoter_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    what = models.TextField()
    other_id = models.BigIntegerField(null=True)
    """The other promoter of a merge."""
    text = models.TextField(default="")
    """The note, the tag, or the reason."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "referral_promoter_change"


class PromoterTag(TenantModel):
    """A tag of the team's own on a promoter."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "tag")
    promoter_id = models.BigIntegerField()
    tag = models.TextField()

    class Meta:
        db_table = "referral_promoter_tag"
        indexes = [models.Index(fields=["tenant_id", "tag", "promoter_id"], name="promoter_by_tag")]


WAITING, DONE, REFUSED, WITHDRAWN = "waiting", "done", "refused", "withdrawn"


class PlannedMove(TenantModel):
    """A transfer to another inviter at a time to come. One waits for a promoter at most."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    promoter_id = models.BigIntegerField()
    inviter_id = models.BigIntegerField(null=True)
    moves_at = models.DateTimeField()
    state = models.TextField(default=WAITING)
    problem = models.TextField(default="")
    """The code of the refusal, where it could not be done when its time came."""
    asked_at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField()

    class Meta:
        db_table = "referral_planned_move"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "promoter_id"], condition=Q(state=WAITING), name="planned_move_one_waiting"
            )
        ]
        indexes = [
            models.Index(fields=["tenant_id", "moves_at"], condition=Q(state=WAITING), name="planned_move_due"),
            models.Index(fields=["tenant_id", "promoter_id", "id"], name="planned_move_of_promoter"),
        ]
