from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

ASKED, APPROVED, REFUSED, WITHDRAWN = "asked", "approved", "refused", "withdrawn"
STATES = (ASKED, APPROVED, REFUSED, WITHDRAWN)


class JoiningVersion(TenantModel):
    """The joining policy as it holds from the moment it was set."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    document = models.JSONField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "referral_joining_policy"


class Application(TenantModel):
    """Somebody who asked to become a promoter; who invited them is as it was when they asked."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    member_id = models.BigIntegerField()
    inviter_id = models.BigIntegerField(null=True)
    state = models.TextField()
    words = models.TextField(default="")
    """What they say of themselves."""
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    actor = models.TextField(default="")
    reason = models.TextField(default="")

    class Meta:
        db_table = "referral_application"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "member_id"], condition=Q(state=ASKED), name="application_one_waiting"
            )
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "id"], name="application_by_state"),
            models.Index(fields=["tenant_id", "member_id", "id"], name="application_of_member"),
        ]


class Acceptance(TenantModel):
    """What somebody accepted and declared when they joined: never changed."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "member_id", "id")
    member_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    version = models.TextField()
    """Of the agreement."""
    text_hash = models.BinaryField()
    """SHA-256 of the agreement's text as it was shown."""
    plan = models.IntegerField()
    """The number of the plan in force, 0 for none."""
    jurisdiction = models.TextField()
    declared = models.JSONField()
    """The age declared (0: none asked), whether none of the excluded groups, the quiz's answers."""
    address_hash = models.BinaryField()
    """A keyed hash of the network address."""
    at = models.DateTimeField()

    class Meta:
        db_table = "referral_acceptance"


class Renewal(TenantModel):
    """Since when a promoter's word holds, and what the clock did about it: told them, reminded them, froze them."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id")
    promoter_id = models.BigIntegerField()
    held_at = models.DateTimeField()
    """When they joined, or confirmed last."""
    told_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    """When they were told once more, on the day itself."""
    frozen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "referral_renewal"
        indexes = [models.Index(fields=["tenant_id", "held_at", "promoter_id"], name="renewal_by_age")]


class StepDone(TenantModel):
    """A step of the checklist that a promoter has done; steps are known by their title's hash, so that moving one loses nothing."""

    pk = models.CompositePrimaryKey("tenant_id", "promoter_id", "step")
    promoter_id = models.BigIntegerField()
    step = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "referral_step_done"
