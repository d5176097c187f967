from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class TransparencyPolicy(TenantModel):
    """Whether the public page is shown, and whether a publication is made every month; the latest counts, without one neither is."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    shown = models.BooleanField()
    monthly = models.BooleanField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_transparency_policy"


class Publication(TenantModel):
    """One publication: the signed document as everybody can have it, and the seed (sealed) of the secrets in its leaves."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "number")
    number = models.IntegerField()
    """1 for the first."""
    as_of = models.DateTimeField()
    owed = models.BigIntegerField()
    """The sum of all leaves, minor units."""
    document = models.JSONField()
    seed = models.BinaryField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_publication"


class PublishedRow(TenantModel):
    """Up to 1,024 leaves of a publication, in the order of their commitments: enough to prove each, without the others."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "number", "place")
    number = models.IntegerField()
    place = models.IntegerField()
    first = models.BinaryField()
    """The commitment of its first leaf."""
    promoters = models.BinaryField()
    """int64, little endian, deflated."""
    amounts = models.BinaryField()
    """The same of minor units."""
    sum = models.BigIntegerField()
    digest = models.BinaryField()
    """Of the node above the row."""

    class Meta:
        db_table = "settlement_published_row"
