from __future__ import annotations

from rongshu.domain.marketing.sending.models import Sending
from rongshu.kernel.errors import missing


def sending(sending_id: int) -> Sending:
    """One sending. Raises `missing`."""
    found = Sending.objects.filter(id=sending_id).first()
    if found is None:
        raise missing("unknown_sending", "There is no such sending.")
    return found  # type: ignore[no-any-return]


def sendings(*, kind_id: int, before: int | None = None, limit: int = 50) -> list[Sending]:
    """The sendings of a kind, latest first; `before` is the page before's last."""
    rows = Sending.objects.filter(kind_id=kind_id)
    return list((rows if before is None else rows.filter(id__lt=before)).order_by("-id")[:limit])
