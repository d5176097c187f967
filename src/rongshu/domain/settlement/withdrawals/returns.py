"""Payments that the bank sent back after they had been confirmed: the money is the promoter's again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from rongshu.domain.settlement.withdrawals.models import CONFIRMED, RETURNED, TaxLine, Withdrawal, WithdrawalStep
from rongshu.domain.settlement.withdrawals.rows import lock_people
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.scope import current_tenant
from rongshu.ledger.actions import Payment
from rongshu.ledger.cash import take_back_paid


def return_withdrawals(*, identifiers: Sequence[int], reason: str, by: Actor, now: datetime) -> int:
    """What was confirmed came back: the whole amount, tax and fee too, is available again; how many. Returned before: nothing happens.

    The tax is taken back by a line of the month it was withheld in, as for one that never arrived; where that month is filed
    it is the declarations' work to carry it forward. Raises `invalid` without a reason, `conflict` for one that has not arrived.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why; the promoter reads it.", at="reason")
    held = list(Withdrawal.objects.select_for_update().filter(id__in=list(identifiers)).order_by("id"))
    back = [one for one in held if one.state != RETURNED]
    if len(held) != len(set(identifiers)) or any(one.state != CONFIRMED for one in back):
        raise conflict("not_confirmed", "Only what has arrived can come back; look again.")
    if not back:
        return 0
    ids = [one.id for one in back]
    _take_tax_back(ids, now)
    take_back_paid(
        payments=[Payment(f"W{one.id}", one.promoter_id, one.amount, one.tax, one.fee) for one in back], now=now
    )
    Withdrawal.objects.filter(id__in=ids).update(state=RETURNED)
    WithdrawalStep.objects.bulk_create(
        WithdrawalStep(
            tenant_id=current_tenant(), withdrawal_id=one, state=RETURNED, at=now, actor=str(by), reason=reason[:500]
        )
        for one in ids
    )
    record("withdrawals.returned", subject=f"{len(ids)} withdrawals", by=by, now=now, ids=[str(one) for one in ids])
    announce("withdrawal.returned", subjects=ids, now=now)
    return len(ids)


def _take_tax_back(withdrawals: Sequence[int], now: datetime) -> None:
    """What stands withheld of theirs is taken back by lines below 0, of the same months and methods, one person after another."""
    people = TaxLine.objects.filter(withdrawal_id__in=list(withdrawals)).values_list("document_hash", flat=True)
    lock_people(bytes(person) for person in people)
    standing = (
        TaxLine.objects.filter(withdrawal_id__in=list(withdrawals))
        .values("document_hash", "month", "method", "withdrawal_id")
        .annotate(gross_sum=Sum("gross"), tax_sum=Sum("tax"))
    )
    TaxLine.objects.bulk_create(
        TaxLine(
            tenant_id=current_tenant(), document_hash=bytes(one["document_hash"]), month=one["month"], method=one["method"],
            withdrawal_id=one["withdrawal_id"], gross=-one["gross_sum"], tax=-one["tax_sum"], basis="came back", at=now,
        )
        for one in standing.order_by("withdrawal_id") if one["gross_sum"]
    )  # fmt: skip


__all__ = ["return_withdrawals"]
