from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall

FETCHED, UPLOADED = "fetched", "uploaded"
PAID, RETURNED, DEPOSIT, FEE = "paid", "returned", "deposit", "fee"
MISSING, EXTRA, AMOUNT, UNCONFIRMED, CAME_BACK, NOT_BACK = (
    "missing", "extra", "amount", "unconfirmed", "came_back", "not_back",
)  # fmt: skip
"""Confirmed and not on the bill; on the bill and not paid by us; another amount; billed and still on its way with us; came back by the bill
and still confirmed with us; came back with us and not by the bill."""
OPEN, PROPOSED, EXPLAINED, SETTLED, RESOLVED = "open", "proposed", "explained", "settled", "resolved"
"""Waits for somebody; a write-off or a return waits for the second person; explained, settled by somebody; gone by itself."""


class Bill(TenantModel):
    """One bill as it came: fetched for a day, or a statement of some days uploaded. The same content is kept once."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    source = models.TextField()
    since = models.DateField()
    until = models.DateField()
    """The last day it covers."""
    digest = models.BinaryField()
    lines = models.IntegerField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_bill"
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "provider", "digest"], condition=Q(source="uploaded"), name="bill_once"
            )
        ]
        indexes = [models.Index(fields=["tenant_id", "provider", "since"], name="bill_by_day")]


class BilledLine(TenantModel):
    """A line of a provider's bills; the same line of two bills is one. `gone_at`: a later bill of its day has it no more."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    key = models.BinaryField()
    bill_id = models.BigIntegerField()
    """The bill that brought it last."""
    kind = models.TextField()
    serial = models.TextField(default="")
    provider_ref = models.TextField(default="")
    memo = models.TextField(default="")
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    withdrawal_id = models.BigIntegerField(null=True)
    """Whose payment it is by our serial, else by the provider's reference."""
    gone_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_bill_line"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "provider", "key"], name="bill_line_once"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="bill_line_above_0"),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "provider", "day", "id"], name="bill_line_by_day"),
            models.Index(fields=["tenant_id", "provider", "provider_ref"], name="bill_line_by_ref"),
        ]


class ReconciledDay(TenantModel):
    """A day that a bill covers, and what holding it against the books came to. Amounts in minor units, cash at the day's end."""

    pk = models.CompositePrimaryKey("tenant_id", "provider", "day")
    provider = models.TextField()
    day = models.DateField()
    bill_id = models.BigIntegerField()
    source = models.TextField()
    payments = models.IntegerField(default=0)
    payments_amount = models.BigIntegerField(default=0)
    matched = models.IntegerField(default=0)
    waiting = models.IntegerField(default=0)
    """Paid around midnight, the next day's bill is not here yet."""
    lines = models.IntegerField(default=0)
    lines_amount = models.BigIntegerField(default=0)
    books = models.BigIntegerField(default=0)
    """Cash by the ledger: deposits, less charges, write-offs and what was confirmed."""
    billed = models.BigIntegerField(default=0)
    """Cash by the lines of all bills up to the day."""
    balance = models.BigIntegerField(null=True)
    """What the provider says it holds; by `balance_at` where that is given, else at the day's end."""
    balance_at = models.DateTimeField(null=True)
    rest = models.BigIntegerField(null=True)
    """The provider's balance less what its own bills come to: what nothing explains."""
    at = models.DateTimeField()

    class Meta:
        db_table = "settlement_reconciled_day"


class CashMove(TenantModel):
    """What came to (above 0) or left (below 0) the money at a provider, besides payments."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    kind = models.TextField()
    """opening, deposit, taken, fee, loss."""
    amount = models.BigIntegerField()
    at = models.DateTimeField()
    day = models.DateField()
    line_id = models.BigIntegerField(null=True)
    """The line of a bill that says so; none: entered by hand, or decided."""
    difference_id = models.BigIntegerField(null=True)
    replaced = models.BigIntegerField(null=True)
    """The move this one takes back, because a bill says otherwise."""
    reason = models.TextField(default="")
    actor = models.TextField()

    class Meta:
        db_table = "settlement_cash_move"
        indexes = [models.Index(fields=["tenant_id", "provider", "day", "id"], name="cash_move_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "provider"], condition=Q(kind="opening"), name="cash_one_opening"
            )
        ]


class Difference(TenantModel):
    """Something that books and bill say differently: a task until somebody explains or settles it, or it resolves itself."""

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    provider = models.TextField()
    kind = models.TextField()
    about = models.BigIntegerField()
    """The withdrawal, for extra ones the line of the bill."""
    day = models.DateField()
    withdrawal_id = models.BigIntegerField(null=True)
    line_id = models.BigIntegerField(null=True)
    ours = models.BigIntegerField()
    """What went out by the books."""
    theirs = models.BigIntegerField()
    """What went out by the bill."""
    state = models.TextField(default=OPEN)
    opened_at = models.DateTimeField()
    decision = models.TextField(default="")
    """explain, write_off or give_back."""
    reason = models.TextField(default="")
    actor = models.TextField(default="")
    second = models.TextField(default="")
    """Who confirmed it, where two have to."""
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_difference"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "provider", "kind", "about"], name="difference_once")
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "id"], condition=Q(state__in=["open", "proposed"]), name="difference_waiting"
            ),
            models.Index(fields=["tenant_id", "provider", "day", "id"], name="difference_by_day"),
        ]
