from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class ConsentText(TenantModel):
    """What a member is asked to agree to, in the tenant's words, by purpose and version; number 0 is the product's own."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "purpose", "number")
    purpose = models.TextField()
    number = models.IntegerField()
    words = models.JSONField()
    """`{"zh": …, "en": …}`."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_consent_text"


class Consent(TenantModel):
    """One giving or withdrawing."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    purpose = models.TextField()
    given = models.BooleanField()
    text = models.IntegerField()
    """The number of the text that was shown."""
    place = models.TextField()
    """Where: `portal`, `console`, `api`, `card`, `import`."""
    source = models.TextField(default="", db_default="")
    """Of an import: where and how it was agreed to, as the file's bringer states."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_consent"
        indexes = [models.Index(fields=["tenant_id", "member_id", "-id"], name="consent_by_member")]


class ConsentNow(TenantModel):
    """The latest word of a member on a purpose."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "purpose")
    member_id = models.BigIntegerField()
    purpose = models.TextField()
    given = models.BooleanField()
    text = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "members_consent_now"
        indexes = [models.Index(fields=["tenant_id", "purpose", "given", "member_id"], name="consent_now_by_purpose")]
