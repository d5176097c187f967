from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from rongshu.kernel.tenancy.models import TenantModel, Wall


class JournalEntry(TenantModel):
    """The one authority of uniqueness: claimed in the transaction that does the work."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "kind", "ref")
    kind = models.TextField()
    ref = models.TextField()
    id = models.BigIntegerField()
    hash = models.BinaryField()

    class Meta:
        db_table = "ledger_journal"


class Transfer(TenantModel):
    """`amount` leaves the debited account and arrives at the credited one. Never changed."""

    wall = Wall(append_only=True, copied=True)

    pk = models.CompositePrimaryKey("tenant_id", "journal", "line")
    journal = models.BigIntegerField()
    line = models.IntegerField()
    dr_owner = models.BigIntegerField()
    dr_book = models.SmallIntegerField()
    cr_owner = models.BigIntegerField()
    cr_book = models.SmallIntegerField()
    amount = models.BigIntegerField()
    about = models.BigIntegerField()
    """What it is about: the order whose commission moves, or 0."""
    about_row = models.IntegerField()
    """Which commission of that order, or 0."""
    at = models.DateTimeField()

    class Meta:
        db_table = "ledger_transfer"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="transfer_amount_above_0"),
            models.CheckConstraint(
                condition=~Q(dr_owner=F("cr_owner"), dr_book=F("cr_book")), name="transfer_between_two_accounts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "cr_owner", "journal"],
                condition=Q(cr_owner__gt=0, cr_book__in=[102, 103, 104]),
                name="transfer_to_member",
            ),
            models.Index(
                fields=["tenant_id", "dr_owner", "journal"],
                condition=Q(dr_owner__gt=0, dr_book__in=[102, 103, 104]),
                name="transfer_from_member",
            ),
        ]


class Balance(TenantModel):
    """The sum of an account's transfers, moved by the database itself; pending books are not stored."""

    wall = Wall(read_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "owner", "book")
    owner = models.BigIntegerField()
    book = models.SmallIntegerField()
    amount = models.BigIntegerField()

    class Meta:
        db_table = "ledger_balance"
