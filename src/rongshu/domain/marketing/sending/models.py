from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel

RUNNING, DONE, STOPPED = "running", "done", "stopped"


class Sending(TenantModel):
    """A kind of coupon on its way to everybody in a segment, portion by portion."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    kind_id = models.BigIntegerField()
    segment_id = models.BigIntegerField()
    ref = models.TextField()
    """The caller's: the same once more is the same sending."""
    size = models.BigIntegerField()
    """How many were in the segment when it was asked for."""
    after_id = models.BigIntegerField(default=0)
    """The last member that was looked at."""
    looked_at = models.BigIntegerField(default=0)
    given = models.BigIntegerField(default=0)
    state = models.TextField(default=RUNNING)
    why = models.TextField(default="")
    """Why it stopped: `by_hand`, `none_left`, `closed`."""
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_sending"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "ref"], name="sending_once")]
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=Q(state=RUNNING), name="sending_running"),
            models.Index(fields=["tenant_id", "kind_id", "id"], name="sending_by_kind"),
        ]
