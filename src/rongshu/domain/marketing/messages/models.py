from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

PROMOTER, LOGIN = 0, 1
"""Whose id a recipient is: a promoter's, or that of a login of the team."""

APP, MAIL = "app", "mail"
CHANNELS = (APP, MAIL)

WAITING, SENDING, SENT, FAILED, GAVE_UP, DROPPED = "waiting", "sending", "sent", "failed", "gave_up", "dropped"
STATES = (WAITING, SENDING, SENT, FAILED, GAVE_UP, DROPPED)
"""failed: refused for good; gave_up: tried for days; dropped: there was nobody to send it to any more, or they had turned it off."""


class Message(TenantModel):
    """One thing told to one recipient, once. What it says is put into words when it is read: only the kind and its figures are kept.

    Its content never changes; it is marked as seen, and forgotten when it is old.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    audience = models.SmallIntegerField()
    recipient = models.BigIntegerField()
    kind = models.TextField()
    about = models.BigIntegerField()
    """The subject: a withdrawal, a change of rank, a day as a number. With the kind, what makes the message one."""
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    """Figures for the words; amounts in minor units."""
    in_app = models.BooleanField(default=True)
    """False: it went by e-mail only."""
    seen_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_message"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "audience", "recipient", "kind", "about"], name="message_told_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "audience", "recipient", "id"], condition=Q(in_app=True), name="message_inbox"
            ),
            models.Index(
                fields=["tenant_id", "audience", "recipient"],
                condition=Q(in_app=True, seen_at__isnull=True),
                name="message_unseen",
            ),
            models.Index(fields=["tenant_id", "at"], name="message_by_age"),
        ]


class Mail(TenantModel):
    """A message on its way by e-mail. The address is looked up and unsealed when it is sent, and never kept here."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    """Also its Message-ID, which stays the same however often it is sent."""
    message_id = models.BigIntegerField()
    state = models.TextField(default=WAITING)
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    trouble = models.TextField(default="")
    """Why it did not go: a code of `words.TROUBLES`, and the server's status after it. Never what the server wrote: it may name people."""

    class Meta:
        db_table = "marketing_mail"
        constraints = [models.CheckConstraint(condition=Q(state__in=STATES), name="mail_state")]
        indexes = [
            models.Index(
                fields=["tenant_id", "due_at"], condition=Q(state__in=(WAITING, SENDING)), name="mail_to_be_sent"
            ),
            models.Index(fields=["tenant_id", "state", "id"], name="mail_by_state"),
            models.Index(fields=["tenant_id", "message_id"], name="mail_of_message"),
        ]


class Preference(TenantModel):
    """What a recipient chose of a kind and a channel, where it is not the kind's own way."""

    pk = models.CompositePrimaryKey("tenant_id", "audience", "recipient", "kind", "channel")
    audience = models.SmallIntegerField()
    recipient = models.BigIntegerField()
    kind = models.TextField()
    channel = models.TextField()
    wanted = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_preference"


class Address(TenantModel):
    """The e-mail address of a login of the team, sealed. Promoters' are with their profile."""

    pk = models.CompositePrimaryKey("tenant_id", "login_id")
    login_id = models.BigIntegerField()
    email = models.BinaryField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_address"


class Rules(TenantModel):
    """How a tenant sends: whether by e-mail at all, and its quiet hours; one row a tenant, none for the defaults."""

    tenant_id = models.BigIntegerField(primary_key=True)
    mail = models.BooleanField(default=True)
    quiet_from = models.SmallIntegerField(default=21)
    quiet_until = models.SmallIntegerField(default=9)
    """Hours of the tenant's day, 0 to 23; the same twice: none are quiet."""

    class Meta:
        db_table = "marketing_rules"
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__range=(0, 23), quiet_until__range=(0, 23)), name="quiet_hours_of_a_day"
            )
        ]


class Digest(TenantModel):
    """A digest that was told for a day, by the day's number: whoever tells it claims it first."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "kind", "day")
    kind = models.TextField()
    day = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_digest"
