from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

CODE, LINK, JOIN = "code", "link", "join"
HOUSE = 0
KINDS = (CODE, LINK, JOIN)
"""A promoter's own code; a link to something; an invitation to become a promoter."""


class Link(TenantModel):
    """One short address. `slug` is unique in the installation (`kernel.short`); `target` "" is the tenant's welcome page."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    slug = models.TextField()
    promoter_id = models.BigIntegerField()
    """0 for the house's own links: they are counted, and name nobody."""
    kind = models.TextField()
    target = models.TextField(default="")
    channel = models.TextField(default="")
    """Where it is shared: a tag of the promoter's or the tenant's, `` for none."""
    label = models.TextField(default="")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "referral_link"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "slug"], name="link_slug_once"),
            models.UniqueConstraint(
                fields=["tenant_id", "promoter_id"],
                condition=Q(kind=CODE, disabled_at__isnull=True),
                name="link_one_code_each",
            ),
        ]
        indexes = [
            models.Index(fields=["slug"], name="link_by_slug"),
            models.Index(fields=["tenant_id", "promoter_id", "id"], name="link_of_promoter"),
            models.Index(fields=["tenant_id", "kind", "id"], name="link_by_kind"),
            models.Index(fields=["tenant_id", "channel", "id"], condition=~Q(channel=""), name="link_by_channel"),
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(expires_at__isnull=False) | Q(disabled_at__isnull=False),
                name="link_that_ends",
            ),
        ]


class LinkChange(TenantModel):
    """What happened to a link after it was made: who turned it off or on, set its end, or took it over, when and why."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "link_id", "id")
    link_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    what = models.TextField()
    old_promoter_id = models.BigIntegerField(null=True)
    new_promoter_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField(default="")

    class Meta:
        db_table = "referral_link_change"


class TargetHost(TenantModel):
    """A host outside to which the tenant lets links lead."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "host")
    host = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "referral_target_host"
