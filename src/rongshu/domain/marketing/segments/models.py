from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class Segment(TenantModel):
    """A named set of members."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    version = models.IntegerField()
    """Number of the version in force."""
    tag = models.TextField(default="")
    """The tag its members wear; empty for none."""
    size = models.BigIntegerField(default=0)
    refreshed_at = models.DateTimeField(null=True)
    """When its members were looked at last."""
    due_at = models.DateTimeField()
    """When they are looked at next."""
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_segment"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], condition=Q(ended_at=None), name="segment_name_once")
        ]
        indexes = [models.Index(fields=["tenant_id", "due_at"], condition=Q(ended_at=None), name="segment_due")]


class SegmentVersion(TenantModel):
    """What a segment asks, from when it was written."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "segment_id", "number")
    segment_id = models.BigIntegerField()
    number = models.IntegerField()
    document = models.JSONField()
    """Canonical; `engine.segments.reading` reads it."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "marketing_segment_version"


class SegmentMember(TenantModel):
    """Who is in a segment, since when."""

    pk = models.CompositePrimaryKey("tenant_id", "segment_id", "member_id")
    segment_id = models.BigIntegerField()
    member_id = models.BigIntegerField()
    since = models.DateTimeField()

    class Meta:
        db_table = "marketing_segment_member"
        indexes = [models.Index(fields=["tenant_id", "member_id"], name="segment_of_member")]


class SegmentCount(TenantModel):
    """What one look at a segment found: its size, who joined and who left."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "segment_id", "at")
    segment_id = models.BigIntegerField()
    at = models.DateTimeField()
    version = models.IntegerField()
    size = models.BigIntegerField()
    joined = models.BigIntegerField()
    left = models.BigIntegerField()

    class Meta:
        db_table = "marketing_segment_count"
