from __future__ import annotations

from rongshu.domain.settlement.payouts.models import Batch
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
