from __future__ import annotations

from django.db import models
from django.db.models import Q

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel, Wall


class PayerVersion(TenantModel):
    """Who withholds, as the tenant declares it from then on; earlier ones stay for what was filed by them."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    name = models.TextField()
    tax_id = models.TextField()
    address = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_payer"


class Filing(TenantModel):
    """A month as it was declared. `number` 0 is the first, each later one a corrected return that replaces the one before."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    month = models.IntegerField()
    """year * 12 + month - 1"""
    number = models.SmallIntegerField()
    payer_id = models.BigIntegerField()
    people = models.IntegerField()
    gross = models.BigIntegerField()
    tax = models.BigIntegerField()
    sha256 = models.TextField()
    """Of the file as it was handed out; the rows kept beside it give the same bytes again."""
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_filing"
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "month", "number"], name="filing_once"),
            models.CheckConstraint(condition=Q(number__gte=0, people__gte=0), name="filing_counts"),
        ]


class FiledLine(TenantModel):
    """One person's month by one method, as it was filed; `year_*` are the year before the month, for the cumulative method."""

    wall = Wall(append_only=True)

    pk = models.CompositePrimaryKey("tenant_id", "filing_id", "document_hash", "method")
    filing_id = models.BigIntegerField()
    document_hash = models.BinaryField()
    method = models.TextField()
    payee_id = models.BigIntegerField()
    resident = models.BooleanField()
    payments = models.IntegerField()
    gross = models.BigIntegerField()
    tax = models.BigIntegerField()
    year_income = models.BigIntegerField()
    year_tax = models.BigIntegerField()
    year_months = models.SmallIntegerField()

    class Meta:
        db_table = "settlement_filed"
