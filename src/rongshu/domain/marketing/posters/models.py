from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class PosterTemplate(TenantModel):
    """A tenant's own template; `document` as `layout.read_layout` takes it."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    document = models.JSONField()
    used = models.BooleanField(default=True)
    """Whether promoters are offered it."""
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_poster_template"


class Poster(TenantModel):
    """A poster as it was drawn, by the hash of everything that went into it; forgotten after a month and drawn anew when asked for."""

    pk = models.CompositePrimaryKey("tenant_id", "hash")
    hash = models.TextField()
    content = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_poster"
        indexes = [models.Index(fields=["tenant_id", "at"], name="poster_by_age")]
