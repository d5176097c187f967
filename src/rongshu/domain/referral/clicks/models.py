from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.tenancy.models import TenantModel, Wall


class Click(TenantModel):
    """One click. `visitor` is a keyed hash of a random cookie, 0 for whoever keeps none; `flags` as in `spool`."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField()
    link_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    at = models.DateTimeField()
    visitor = models.BigIntegerField()
    flags = models.SmallIntegerField()
    kind = models.SmallIntegerField()
    """The kind of touch it counts as, by its place in `engine.attribution.KINDS`."""
    count = models.IntegerField()
    """How many clicks the row stands for: more than 1 where a storm of robots was folded."""

    class Meta:
        db_table = "referral_click"
        indexes = [
            models.Index(
                fields=["tenant_id", "visitor", "at"], condition=~Q(visitor=0) & Q(flags__lt=2), name="click_of_visitor"
            ),
            models.Index(fields=["tenant_id", "promoter_id", "at"], name="click_of_promoter"),
        ]


class ClickFigures(TenantModel):
    """A link's day: clicks of people, first visits among them, and what robots and browsers' prefetching fetched."""

    pk = models.CompositePrimaryKey("tenant_id", "link_id", "day")
    link_id = models.BigIntegerField()
    day = models.IntegerField()
    """Days since 1970-01-01 in the tenant's zone."""
    promoter_id = models.BigIntegerField()
    clicks = models.IntegerField(default=0)
    first = models.IntegerField(default=0)
    robots = models.IntegerField(default=0)

    class Meta:
        db_table = "referral_click_figures"
        indexes = [models.Index(fields=["tenant_id", "promoter_id", "day"], name="click_figures_of_promoter")]


class Visitor(TenantModel):
    """A visitor who turned out to be a member: what they clicked before counts for them. A device may be several people's."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "visitor")
    member_id = models.BigIntegerField()
    visitor = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "referral_visitor"


class Touch(TenantModel):
    """A touch that was no click: a code entered, a scan at a counter, a store met; by a member."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "id")
    member_id = models.BigIntegerField()
    id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    link_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    kind = models.SmallIntegerField()

    class Meta:
        db_table = "referral_touch"
        indexes = [models.Index(fields=["tenant_id", "promoter_id", "at"], name="touch_of_promoter")]
