from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

WAITING, APPROVED, REFUSED = "waiting", "approved", "refused"


class CardVersion(TenantModel):
    """Which doors lead to a card, from when they were published."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "number")
    number = models.IntegerField()
    document = models.JSONField()
    """`doors.Doors`."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "members_card_version"


class Card(TenantModel):
    """A member's card. Whoever was a member before there were doors holds one too; it gets its row when it is looked at first."""

    pk = models.CompositePrimaryKey("tenant_id", "member_id")
    member_id = models.BigIntegerField()
    number = models.TextField()
    """Sixteen digits, the last a check digit (Luhn); nobody can tell one from another's."""
    way = models.TextField()
    """`claim`, `spend`, `buy`, `invite`, `approve`, `hand` or `before`."""
    invited_by = models.BigIntegerField(null=True)
    version = models.IntegerField()
    """Number of the doors, and of the terms, by which it was given."""
    got_at = models.DateTimeField()

    class Meta:
        db_table = "members_card"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "number"], name="card_number_once")]


class CardRequest(TenantModel):
    """Somebody who asked for a card, and what was decided."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    said = models.TextField(default="")
    state = models.TextField(default=WAITING)
    reason = models.TextField(default="")
    asked_at = models.DateTimeField()
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_card_request"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "member_id"], condition=Q(state=WAITING), name="card_request_once"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "state", "id"], name="card_request_by_state")]
