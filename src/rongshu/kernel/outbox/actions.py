from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from rongshu.kernel import copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.ids import new_id
from rongshu.kernel.outbox.models import OutboxEvent
from rongshu.kernel.tenancy.scope import current_tenant, system_scope


@dataclass(frozen=True, slots=True)
class Event:
    """A fact: its kind (`order.paid`), when it was announced, which ids it is about, and what else is to be known."""

    kind: str
    at: datetime
    subjects: Sequence[int]
    data: Mapping[str, Any]


Reaction = Callable[[Event], None]


def announce(kind: str, *, subjects: Sequence[int] | NDArray[np.int64], now: datetime, **data: Any) -> None:
    """Writes the event, in the transaction of the work it tells of. Nothing is written about nothing."""
    if not len(subjects):
        return
    ids = np.asarray(subjects, dtype=np.int64)
    copying.insert_few(
        "kernel_outboxevent",
        {
            "tenant_id": copying.int8(current_tenant()),
            "id": copying.int8(new_id()),
            "kind": copying.text_one(kind),
            "at": copying.instant(to_micros(now)),
            "subjects": copying.lists(1, np.zeros(len(ids), dtype=np.int64), ids, 8),
            "data": copying.json_one(json.dumps(data)),
        },
    )


def tenants_with_events() -> list[int]:
    """Tenants with undelivered events."""
    with system_scope():
        waiting = OutboxEvent._base_manager.filter(delivered_at=None)
        return list(waiting.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def is_waiting(kinds: Sequence[str]) -> bool:
    """Whether an event of one of these kinds waits to be delivered in the active tenant."""
    return OutboxEvent.objects.filter(delivered_at=None, kind__in=kinds).exists()


def deliver(table: Mapping[str, Sequence[Reaction]], *, now: datetime, limit: int = 200) -> int:
    """Delivers up to `limit` events of the active tenant to their reactions, in this transaction; how many.

    Reactions and the mark of delivery commit together, so a reaction that only writes to the database happens exactly once.
    """
    with connection.cursor() as cursor:  # one deliverer a tenant: reactions of two would lock the same rows crosswise
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [-current_tenant()])
        (turn,) = cursor.fetchone()
    if not turn:
        return 0
    events = list(
        OutboxEvent.objects.filter(delivered_at=None).select_for_update(skip_locked=True).order_by("id")[:limit]
    )
    for event in events:
        for react in table.get(event.kind, ()):
            react(Event(event.kind, event.at, event.subjects, event.data))
    OutboxEvent.objects.filter(id__in=[event.id for event in events]).update(delivered_at=now)
    return len(events)


def forget_delivered(*, now: datetime, limit: int = 1000) -> int:
    """Forgets up to `limit` events of the active tenant delivered more than 30 days ago; how many."""
    old = (
        OutboxEvent.objects.filter(delivered_at__lt=now - timedelta(days=30))
        .order_by("id")
        .values_list("id", flat=True)
    )
    gone, _ = OutboxEvent.objects.filter(id__in=list(old[:limit])).delete()
    return gone
