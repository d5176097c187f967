from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.scope import system_scope


@dataclass(frozen=True, slots=True)
class Event:
    """A fact: its kind (`order.paid`), when it was announced, which ids it is about, and what else is to be known."""

    kind: str
    at: datetime
    subjects: Sequence[int]
    data: Mapping[str, Any]


Reaction = Callable[[Event], None]


def announce(kind: str, *, subjects: Sequence[int], now: datetime, **data: Any) -> None:
    """Writes the event, in the transaction of the work it tells of. Nothing is written about nothing."""
    if subjects:
        OutboxEvent.add(kind=kind, at=now, subjects=list(subjects), data=data)


def tenants_with_events() -> list[int]:
    """Tenants with undelivered events."""
    with system_scope():
        waiting = OutboxEvent._base_manager.filter(delivered_at=None)
        return list(waiting.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def deliver(table: Mapping[str, Sequence[Reaction]], *, now: datetime, limit: int = 200) -> int:
    """Delivers up to `limit` events of the active tenant to their reactions, in this transaction; how many.

    Reactions and the mark of delivery commit together, so a reaction that only writes to the database happens exactly once.
    """
    events = list(OutboxEvent.objects.filter(delivered_at=None).select_for_update(skip_locked=True).order_by("id")[:limit])
    for event in events:
        for react in table.get(event.kind, ()):
            react(Event(event.kind, event.at, event.subjects, event.data))
    OutboxEvent.objects.filter(id__in=[event.id for event in events]).update(delivered_at=now)
    return len(events)
