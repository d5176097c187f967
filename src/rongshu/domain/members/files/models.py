from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class MemberFile(TenantModel):
    """A file of members on its way in. What stands in it is sealed, and gone a day after it came."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    content = models.BinaryField(null=True)
    """As it came, sealed; None once it is gone."""
    mapping = models.JSONField(default=list)
    """What each column says, by its place; "" for one that is passed over."""
    said = models.JSONField(default=dict)
    """Of consents in the file: `{"source": …, "day": …}`."""
    counts = models.JSONField(default=dict)
    """What was written: `{"new", "updated", "same", "wrong"}`; empty while nothing was."""
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    actor = models.TextField()

    class Meta:
        db_table = "members_file"
        indexes = [
            models.Index(
                fields=["tenant_id", "made_at"], condition=models.Q(content__isnull=False), name="member_file_kept"
            )
        ]
