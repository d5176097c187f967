from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

HAND, RULE = "hand", "rule"


class Tag(TenantModel):
    """A tag of the catalogue; its name is the tenant's own. Switched off it is not offered, and kept where it is."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_tag"
        constraints = [models.UniqueConstraint("tenant_id", Lower("name"), name="tag_name")]


class Tagging(TenantModel):
    """A tag on a member. By hand and by a rule are rows of their own: a rule takes off only what it put on."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "tag_id", "source")
    member_id = models.BigIntegerField()
    tag_id = models.BigIntegerField()
    source = models.TextField()
    """`hand` or `rule`."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_tagging"
        indexes = [models.Index(fields=["tenant_id", "tag_id", "member_id"], name="tagging_by_tag")]


class TagChange(TenantModel):
    """One putting on or taking off."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    tag_id = models.BigIntegerField()
    on = models.BooleanField()
    source = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_tag_change"
        indexes = [models.Index(fields=["tenant_id", "member_id", "-id"], name="tag_change_by_member")]
