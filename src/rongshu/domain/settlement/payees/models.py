from __future__ import annotations

from django.db import models

from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.models import TenantModel


class Payee(TenantModel):
    """A promoter's papers and account as given at one time; the latest counts, the earlier stay for what was paid by them.

    Consent taken back is a row without papers (`agreement` empty); what nothing was paid by is blank from then on.
    """

    pk = models.CompositePrimaryKey("tenant_id", "id")
    id = models.BigIntegerField(default=new_id)
    promoter_id = models.BigIntegerField()
    name = models.BinaryField()
    name_shown = models.TextField()
    document_kind = models.TextField()
    """cn_id, passport, other"""
    document = models.BinaryField()
    document_hash = models.BinaryField()
    """By which payments to one person are found, whoever of the promoters they are."""
    document_shown = models.TextField()
    account_kind = models.TextField()
    """bank, alipay, wechat"""
    account = models.BinaryField()
    account_shown = models.TextField()
    bank = models.TextField(default="")
    resident = models.BooleanField(default=True)
    agreement = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()

    class Meta:
        db_table = "settlement_payee"
        indexes = [models.Index(fields=["tenant_id", "promoter_id", "id"], name="payee_of_promoter")]
