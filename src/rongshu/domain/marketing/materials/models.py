from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

COPY, PICTURE, VIDEO = "copy", "picture", "video"
KINDS = (COPY, PICTURE, VIDEO)
COPIED, DOWNLOADED = "copied", "downloaded"


class Material(TenantModel):
    """One thing to share. Empty `sku`, `category`, `occasion`, `channel` and no dates mean: for all of them, always.

    `offered_id` is the version that promoters are offered; None while there is none.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind = models.TextField()
    title = models.TextField()
    language = models.TextField(default="zh")
    occasion = models.TextField(default="")
    channel = models.TextField(default="")
    sku = models.TextField(default="")
    category = models.TextField(default="")
    trades = models.JSONField(default=list)
    """The trades whose rules are looked at beside those that always hold (`engine.copycheck.PACKS`)."""
    valid_from = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    offered_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_material"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="material_kind"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=Q(offered_id__isnull=False), name="material_offered"),
        ]


class Version(TenantModel):
    """A version as somebody wrote it, with the label already in it. `picture` is a kept picture's hash, `video` an https address."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    material_id = models.BigIntegerField()
    number = models.IntegerField()
    text = models.TextField()
    picture = models.TextField(default="")
    video = models.TextField(default="")
    labelled = models.BooleanField()
    """Whether the label was put there by us."""
    lexicon = models.TextField()
    """The version of rules and lexicon it was looked at with."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "marketing_material_version"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "material_id", "number"], name="material_version_once"),
        ]


class Exemption(TenantModel):
    """A hit that a second person accepted: which rule minded which words, by whom, why, and by which lexicon."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "version_id", "id")
    version_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    rule = models.TextField()
    words = models.TextField()
    reason = models.TextField()
    lexicon = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "marketing_material_exemption"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "version_id", "rule", "words"], name="exemption_once"),
        ]


class Withdrawn(TenantModel):
    """A version that must not be used any more; for good."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "version_id")
    version_id = models.BigIntegerField()
    reason = models.TextField()
    told = models.IntegerField()
    """How many promoters had taken it and were told."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "marketing_material_withdrawn"


class Taking(TenantModel):
    """A promoter took a version: copied its text or downloaded its picture, for a link where there is one."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    material_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    link_id = models.BigIntegerField(null=True)
    how = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_material_taking"
        indexes = [
            models.Index(fields=["tenant_id", "material_id", "link_id"], name="taking_of_material"),
            models.Index(fields=["tenant_id", "version_id", "promoter_id"], name="taking_of_version"),
        ]


class Pack(TenantModel):
    """Materials for a festival or a campaign: its dates hold beside each material's own."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_material_pack"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=models.F("starts_at")), name="pack_lasts"),
        ]


class PackItem(TenantModel):
    """A material in a pack."""

    pk = models.CompositePrimaryKey("tenant_id", "pack_id", "material_id")
    pack_id = models.BigIntegerField()
    material_id = models.BigIntegerField()

    class Meta:
        db_table = "marketing_material_pack_item"
        indexes = [models.Index(fields=["tenant_id", "material_id"], name="pack_of_material")]
