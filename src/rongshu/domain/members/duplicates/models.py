from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class MemberLikeness(TenantModel):
    """Something by which a member may be known again, as a keyed hash."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "kind")
    member_id = models.BigIntegerField()
    kind = models.TextField()
    """`phone`, `email`, `external_id` or `name_birthday`."""
    key = models.BinaryField()

    class Meta:
        db_table = "members_likeness"
        indexes = [models.Index(fields=["tenant_id", "kind", "key", "member_id"], name="likeness_by_key")]


class LikenessSeen(TenantModel):
    """Of which profile a member's likenesses were made, so that only those are made again that changed."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    mark = models.TextField()

    class Meta:
        db_table = "members_likeness_seen"


class MemberPair(TenantModel):
    """Two members that somebody told apart: they are not suspected again."""

    pk = models.CompositePrimaryKey("tenant_id", "low", "high")
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_pair"
        constraints = [models.CheckConstraint(condition=Q(low__lt=F("high")), name="member_pair_order")]


class MemberMerge(TenantModel):
    """One member merged into another, and what moved with it; undone or not."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    source_id = models.BigIntegerField()
    heir_id = models.BigIntegerField()
    reason = models.TextField()
    moved = models.JSONField()
    """Ids and amounts, by what they are: everything an undoing needs."""
    at = models.DateTimeField()
    actor = models.TextField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(default="")

    class Meta:
        db_table = "members_merge"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "source_id"], condition=Q(undone_at__isnull=True), name="member_merged_once"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "heir_id"], name="member_merge_by_heir")]
