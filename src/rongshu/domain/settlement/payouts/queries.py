from __future__ import annotations

from collections.abc import Sequence

from django.db import models

from rongshu.domain.settlement.payouts.models import Batch, ProviderPayment
from rongshu.domain.settlement.withdrawals.models import SENT, Withdrawal
from rongshu.kernel.errors import missing


def batch(identifier: int) -> Batch:
    """One batch. Raises `missing`."""
    found = Batch.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_batch", "There is no such batch.")
    return found  # type: ignore[no-any-return]


def batches(*, after: int | None = None, limit: int = 50) -> list[Batch]:
    """Batches, latest first; `after` is the id of the page before's last."""
    rows = Batch.objects.all() if after is None else Batch.objects.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def payments_of(withdrawals: Sequence[int]) -> dict[int, ProviderPayment]:
    """What providers know of withdrawals, by withdrawal; nothing for those that went as a file or by hand."""
    found = ProviderPayment.objects.filter(withdrawal_id__in=list(withdrawals))
    return {one.withdrawal_id: one for one in found}


def payment_totals(batch_id: int) -> list[tuple[str, int, int]]:
    """A batch's payments by state: state, how many, minor units."""
    rows = ProviderPayment.objects.filter(batch_id=batch_id).values_list("state")
    return list(rows.annotate(count=models.Count("withdrawal_id"), amount=models.Sum("amount")).order_by("state"))


def open_by_provider() -> list[tuple[str, int, int]]:
    """What is on its way, by provider: provider, withdrawals, minor units to be paid."""
    batches = dict(Batch.objects.filter(settled_at=None, undone_at=None).values_list("id", "provider"))
    sums: dict[str, tuple[int, int]] = {}
    rows = Withdrawal.objects.filter(batch_id__in=list(batches), state=SENT).values_list("batch_id")
    net = models.Sum(models.F("amount") - models.F("fee") - models.F("tax"))
    for batch_id, count, units in rows.annotate(count=models.Count("id"), net=net):
        before = sums.get(batches[batch_id], (0, 0))
        sums[batches[batch_id]] = (before[0] + count, before[1] + units)
    return [(provider, *sums[provider]) for provider in sorted(sums)]
