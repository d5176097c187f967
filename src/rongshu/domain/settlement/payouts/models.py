from __future__ import annotations

from datetime import datetime

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

WAITING, CALLING, UNDER_WAY, TO_CONFIRM, STUCK, PAID, FAILED = (
    "waiting", "calling", "under_way", "to_confirm", "stuck", "paid", "failed",
)  # fmt: skip
"""waiting: to be given to the provider. calling: given, the answer is not known. stuck: a person has to look."""
OPEN = (WAITING, CALLING, UNDER_WAY, TO_CONFIRM, STUCK)
MOVING = (WAITING, CALLING, UNDER_WAY, TO_CONFIRM)


class Batch(TenantModel):
    """Withdrawals sent together through one provider. What is in it never changes: `seal` is the hash of its lines."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    withdrawals = models.IntegerField()
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    tax = models.BigIntegerField()
    made_at = models.DateTimeField()
    actor = models.TextField()
    sends_at = models.DateTimeField(null=True)
    """Until then it can be taken back, and nothing of it leaves."""
    began_at = models.DateTimeField(null=True)
    """When the first of it left: given to the provider, taken as a file, settled by hand."""
    taken_at = models.DateTimeField(null=True)
    """When the file was first taken to the bank."""
    settled_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.TextField(default="")
    seal = models.TextField(default="")

    class Meta:
        db_table = "settlement_batch"
        indexes = [
            models.Index(fields=["tenant_id", "id"], condition=models.Q(settled_at__isnull=True), name="batch_open")
        ]

    def state(self, now: datetime) -> str:
        """undone, settled, made (it can still be taken back), sending."""
        if self.undone_at is not None:
            return "undone"
        if self.settled_at is not None:
            return "settled"
        return "made" if self.can_undo(now) else "sending"

    def can_undo(self, now: datetime) -> bool:
        """Whether nothing of it has left and its time to be taken back is not over."""
        waits = self.sends_at is not None and now < self.sends_at
        return waits and self.began_at is None and self.settled_at is None and self.undone_at is None


class ProviderPayment(TenantModel):
    """One withdrawal on its way through a provider that is called. `serial` is the provider's key of it, kept before the first call."""

    wall = Wall(system=True)

    pk = models.CompositePrimaryKey("tenant_id", "withdrawal_id")
    withdrawal_id = models.BigIntegerField()
    batch_id = models.BigIntegerField()
    provider = models.TextField()
    serial = models.TextField()
    amount = models.BigIntegerField()
    state = models.TextField(default=WAITING)
    tries = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    """When it is to be given, or asked for, next. While somebody is at it: when they are taken for dead."""
    called_at = models.DateTimeField(null=True)
    """When it was first given."""
    given_at = models.DateTimeField(null=True)
    """When it was last given."""
    heard_at = models.DateTimeField(null=True)
    ref = models.TextField(default="")
    code = models.TextField(default="")
    message = models.TextField(default="")
    package = models.TextField(default="")

    class Meta:
        db_table = "settlement_payment"
        constraints = [models.UniqueConstraint(fields=["tenant_id", "provider", "serial"], name="payment_serial")]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(state__in=MOVING), name="payment_due"),
            models.Index(fields=["tenant_id", "batch_id", "withdrawal_id"], name="payment_of_batch"),
        ]


class ProviderSetting(TenantModel):
    """What a tenant has of one provider, sealed; `shown` is what a screen may show of it."""

    pk = models.CompositePrimaryKey("tenant_id", "provider")
    provider = models.TextField()
    sealed = models.BinaryField()
    shown = models.JSONField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_provider"
