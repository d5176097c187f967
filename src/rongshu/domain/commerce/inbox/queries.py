from __future__ import annotations

from datetime import datetime

from rongshu.domain.commerce.inbox.models import InboxItem, ParkedItem
from rongshu.kernel.tenancy.scope import system_scope


def tenants_with_work() -> list[int]:
    """Tenants with something in the inbox that waits to be worked off."""
    with system_scope():
        waiting = InboxItem._base_manager.filter(refused_at=None)
        return list(waiting.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def waiting_items(limit: int = 200) -> list[tuple[int, str, int]]:
    """The oldest waiting items: id, kind, entries."""
    rows = InboxItem.objects.filter(refused_at=None).order_by("id")[:limit]
    return list(rows.values_list("id", "kind", "entries"))


def waits_from_before(instant: datetime) -> bool:
    """Whether something that came before an instant still waits to be worked off."""
    oldest = InboxItem.objects.filter(refused_at=None).order_by("id").first()
    return oldest is not None and oldest.received_at <= instant


def refused_items(limit: int = 50) -> list[InboxItem]:
    """What was set aside, latest first."""
    return list(InboxItem.objects.exclude(refused_at=None).order_by("-refused_at")[:limit])


def count_refused() -> int:
    """How many entries were set aside."""
    return int(InboxItem.objects.exclude(refused_at=None).count())


def count_parked() -> int:
    """How many statuses and refunds wait for their order."""
    return int(ParkedItem.objects.count())
