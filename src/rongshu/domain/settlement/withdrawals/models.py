from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

ASKED, APPROVED, SENT, CONFIRMED, FAILED, REFUSED, CANCELLED = (
    "asked", "approved", "sent", "confirmed", "failed", "refused", "cancelled",
)  # fmt: skip
RETURNED = "returned"
"""Confirmed, and sent back by the bank later: `ended_at` stays when it was confirmed, the step says when it came back."""
OPEN = (ASKED, APPROVED, SENT)
UNSENT = "unsent"
"""A step only: taken out of a batch of which nothing had gone out; the withdrawal is approved again."""


class Withdrawal(TenantModel):
    """One withdrawal. `amount` leaves the balance; `fee` and `tax` are kept back; the rest is paid."""

    wall = Wall(copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    promoter_id = models.BigIntegerField()
    payee_id = models.BigIntegerField()
    amount = models.BigIntegerField()
    fee = models.BigIntegerField()
    tax = models.BigIntegerField(default=0)
    """Known when it is sent."""
    state = models.TextField(default=ASKED)
    approvals_needed = models.SmallIntegerField()
    approvals = models.SmallIntegerField(default=0)
    batch_id = models.BigIntegerField(null=True)
    run_id = models.BigIntegerField(null=True)
    """The settlement run that asked for it on the promoter's behalf."""
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_withdrawal"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0, fee__gte=0, tax__gte=0), name="withdrawal_amounts"),
            models.CheckConstraint(
                condition=Q(amount__gte=models.F("fee") + models.F("tax")), name="withdrawal_leaves_something"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "run_id", "promoter_id"],
                condition=Q(run_id__isnull=False),
                name="withdrawal_once_a_run",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "state", "id"], name="withdrawal_by_state"),
            models.Index(fields=["tenant_id", "promoter_id", "id"], name="withdrawal_of_promoter"),
            models.Index(
                fields=["tenant_id", "batch_id", "id"], condition=Q(batch_id__isnull=False), name="withdrawal_of_batch"
            ),
        ]

    @property
    def net(self) -> int:
        """What is paid: the amount less fee and tax."""
        return self.amount - self.fee - self.tax


class WithdrawalStep(TenantModel):
    """What happened to a withdrawal, when, by whom, and why."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "withdrawal_id", "id")
    withdrawal_id = models.BigIntegerField()
    id = models.BigIntegerField(default=new_id)
    state = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    reason = models.TextField(default="")

    class Meta:
        db_table = "settlement_step"


class TaxLine(TenantModel):
    """What was withheld from one payment, and by which rule; what did not go out is taken back by a line below 0."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "document_hash", "id")
    document_hash = models.BinaryField()
    id = models.BigIntegerField(default=new_id)
    month = models.IntegerField()
    """year * 12 + month - 1 of the payment, in the tenant's time zone."""
    withdrawal_id = models.BigIntegerField()
    method = models.TextField()
    gross = models.BigIntegerField()
    tax = models.BigIntegerField()
    basis = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "settlement_tax"
        indexes = [
            models.Index(fields=["tenant_id", "withdrawal_id"], name="tax_of_withdrawal"),
            models.Index(fields=["tenant_id", "month"], name="tax_of_month"),
        ]
