from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import orjson

from rongshu.domain.commerce.inbox.models import InboxItem
from rongshu.domain.commerce.orders.batch import repack, unpack
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.tenancy.scope import current_tenant

ORDERS, STATUSES, REFUNDS = "orders", "statuses", "refunds"


@dataclass(frozen=True, slots=True)
class Item:
    """An inbox item in hand: claimed by this transaction, gone when it commits."""

    id: int
    kind: str
    entries: int
    payload: bytes


def put(*, kind: str, payload: bytes, entries: int, now: datetime) -> int:
    """Puts a batch into the inbox; its id."""
    identifier = new_id()
    with bulk.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commerce_inbox (tenant_id, id, kind, entries, payload, received_at, error) VALUES (%s, %s, %s, %s, %s, %s, '')",
            [current_tenant(), identifier, kind, entries, payload, now],
        )
    return identifier


def take(*, entries: int, only: Sequence[int] | None = None) -> list[Item]:
    """Claims waiting items, oldest first, up to about `entries` entries (at least one item); others in hand elsewhere are skipped.

    They are deleted in this transaction: should it fail, they wait again. `only` claims these items and no others.
    """
    tenant = current_tenant()
    chosen = "" if only is None else "AND id = ANY (%s) "
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH waiting AS MATERIALIZED (SELECT id, entries FROM commerce_inbox "
            f"WHERE tenant_id = %s AND refused_at IS NULL {chosen}ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED), "
            "head AS (SELECT id FROM (SELECT id, sum(entries) OVER (ORDER BY id) - entries AS before FROM waiting) w "
            "WHERE before < %s) "
            "DELETE FROM commerce_inbox i USING head WHERE i.tenant_id = %s AND i.id = head.id "
            "RETURNING i.id, i.kind, i.entries, i.payload",
            [tenant, *([] if only is None else [list(only)]), min(entries, 2000), entries, tenant],
        )
        return [Item(*row) for row in sorted(cursor.fetchall())]


def halve(*, item_id: int) -> list[int]:
    """Replaces a waiting item by two of half its entries each; their ids, none when it holds a single entry."""
    item = InboxItem.objects.filter(id=item_id).first()
    if item is None or item.entries < 2:
        return []
    middle = item.entries // 2
    if item.kind == ORDERS:
        batch = unpack([item.payload])
        rows = np.arange(len(batch), dtype=np.int64)
        payloads = [repack(batch.pick(part)) for part in (rows[:middle], rows[middle:])]
    else:
        entries = orjson.loads(bytes(item.payload))
        payloads = [orjson.dumps(part) for part in (entries[:middle], entries[middle:])]
    InboxItem.objects.filter(id=item_id).delete()
    sizes = (middle, item.entries - middle)
    return [
        put(kind=item.kind, payload=payload, entries=size, now=item.received_at)
        for payload, size in zip(payloads, sizes, strict=True)
    ]


def set_aside(*, item_id: int, error: str, now: datetime) -> None:
    """Takes a waiting item out of the way, with what is wrong with it; a person decides."""
    InboxItem.objects.filter(id=item_id).update(refused_at=now, error=error[:2000])


def refuse(*, kind: str, payload: bytes, error: str, now: datetime) -> None:
    """Keeps an entry that could not be worked off, with what is wrong with it."""
    InboxItem.add(kind=kind, entries=1, payload=payload, received_at=now, refused_at=now, error=error[:2000])


def try_again(*, item_id: int, by: Actor, now: datetime) -> None:
    """Puts a refused item back into the queue. Raises `missing`."""
    if not InboxItem.objects.filter(id=item_id).exclude(refused_at=None).update(refused_at=None, error=""):
        raise missing("unknown_item", "This entry is no longer set aside.")
    record("inbox.tried_again", subject=str(item_id), by=by, now=now)


def park(*, kind: str, entries: Sequence[tuple[str, bytes]], now: datetime) -> None:
    """Keeps entries (order reference, payload) until their order comes."""
    if not entries:
        return
    with bulk.cursor() as cursor:
        bulk.insert(
            cursor,
            "commerce_parked",
            {
                "id": bulk.int8s(new_ids(len(entries))),
                "order_ref": bulk.texts([ref for ref, _ in entries]),
                "payload": bulk.byteas([payload for _, payload in entries]),
            },
            constants={"tenant_id": current_tenant(), "kind": kind, "parked_at": now},
        )


def wake(*, order_refs: Sequence[str]) -> list[tuple[str, bytes]]:
    """Takes what was parked for these orders: (kind, payload), in the order it came."""
    with bulk.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM commerce_parked WHERE tenant_id = %s)", [current_tenant()])
        if cursor.fetchone() == (False,):
            return []
        cursor.execute(
            "DELETE FROM commerce_parked WHERE tenant_id = %s AND order_ref = ANY (%s::text[]) RETURNING id, kind, payload",
            [current_tenant(), bulk.texts(list(order_refs))],
        )
        return [(kind, bytes(payload)) for _, kind, payload in sorted(cursor.fetchall())]
