"""Working off the inbox: whole batches, in the tenant's turn; what fails is found by halving and set aside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import orjson
import structlog
from django.db import InterfaceError, OperationalError

from rongshu.domain.commerce.inbox import actions as inbox
from rongshu.domain.commerce.inbox.queries import waiting_items
from rongshu.domain.commerce.orders.actions import RefundLines, mark_cancelled, mark_completed
from rongshu.domain.commerce.orders.batch import unpack
from rongshu.domain.commerce.orders.queries import known_lines, open_lines
from rongshu.domain.commission.rating.actions import Accrued, rate_orders
from rongshu.domain.commission.rating.queries import Earned, commissions_of
from rongshu.domain.commission.release.actions import cancel_release, refund_lines, schedule_release
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import lock_background_writing, tenant_scope
from rongshu.ledger.queries import journal_ids

log = structlog.get_logger(__name__)

BATCH = 5000


def work_off(tenant_id: int, *, now: datetime, entries: int = BATCH, only: Sequence[int] | None = None) -> int:
    """Works off one batch of a tenant's inbox, in one transaction; how many entries.

    When one raises, the entry to blame is found by halving and set aside with its error; the others go on. Failures of the database itself pass through: the batch waits again.
    """
    try:
        with tenant_scope(tenant_id):
            return _work_off(entries, only, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("a batch failed; looking for the entry that does", tenant=tenant_id)
    with tenant_scope(tenant_id):
        waiting = [item for item, _, _ in waiting_items() if only is None or item in only]
    return _halve(tenant_id, waiting, now)


def rate_here(*, payloads: Sequence[bytes], tenant: House, now: datetime) -> list[Earned]:
    """Rates held-back orders in the caller's own transaction, for a caller who waits. Returns what they earn, as it stands then."""
    lock_background_writing()
    accrued, statuses, refunds = _rate(payloads, tenant, now)
    if not statuses and not refunds:
        return accrued.earned()
    _refund(refunds, now)
    _settle(statuses, now)
    return commissions_of(sorted({earned.order_id for earned in accrued.earned()}))


def _rate(payloads: Sequence[bytes], tenant: House, now: datetime) -> tuple[Accrued, list[Any], list[Any]]:
    """Rates orders: what they accrue, and the statuses and refunds that were waiting for them."""
    batch = unpack(payloads)
    accrued = rate_orders(batch=batch, tenant=tenant, now=now)
    woken = [(kind, orjson.loads(payload)) for kind, payload in inbox.wake(order_refs=batch.refs())]
    return (
        accrued,
        [entry for kind, entry in woken if kind == inbox.STATUSES],
        [entry for kind, entry in woken if kind == inbox.REFUNDS],
    )


def _halve(tenant_id: int, items: Sequence[int], now: datetime) -> int:
    """Works items off in ever smaller parts until what fails is one entry, which is set aside. How many entries."""
    if not items:
        return 0
    try:
        with tenant_scope(tenant_id):
            return _work_off(sum(entries for _, _, entries in waiting_items()), items, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
    if len(items) > 1:
        middle = len(items) // 2
        return _halve(tenant_id, items[:middle], now) + _halve(tenant_id, items[middle:], now)
    with tenant_scope(tenant_id):
        halves = inbox.halve(item_id=items[0])
        if not halves:
            log.error("an entry was set aside", tenant=tenant_id, item=items[0], error=failure)
            inbox.set_aside(item_id=items[0], error=failure, now=now)
    return sum(_halve(tenant_id, [half], now) for half in halves)


def _work_off(entries: int, only: Sequence[int] | None, now: datetime) -> int:
    lock_background_writing()
    items = inbox.take(entries=entries, only=only)
    if not items:
        return 0
    by_kind: dict[str, list[Any]] = {inbox.ORDERS: [], inbox.STATUSES: [], inbox.REFUNDS: []}
    for item in items:
        by_kind[item.kind].append(item.payload)
    statuses = [entry for payload in by_kind[inbox.STATUSES] for entry in orjson.loads(payload)]
    refunds = [entry for payload in by_kind[inbox.REFUNDS] for entry in orjson.loads(payload)]
    if by_kind[inbox.ORDERS]:
        _, woken_statuses, woken_refunds = _rate(by_kind[inbox.ORDERS], house(), now)
        statuses += woken_statuses
        refunds += woken_refunds
    _refund(refunds, now)
    _settle(statuses, now)
    return sum(item.entries for item in items)


def _known(kind: str, entries: list[Any], now: datetime) -> tuple[list[Any], dict[str, int]]:
    """Entries whose order is stored, and the orders' ids; the others are parked. Field 1 is the order's reference."""
    ids = journal_ids("order", list({entry[1] for entry in entries}))
    stored = known_lines(list(ids.values()))
    here = [entry for entry in entries if ids.get(entry[1], 0) in stored]
    away = [entry for entry in entries if ids.get(entry[1], 0) not in stored]
    inbox.park(kind=kind, entries=[(entry[1], orjson.dumps(entry)) for entry in away], now=now)
    return here, ids


def _settle(entries: list[Any], now: datetime) -> None:
    """Statuses: (our id, order reference, status, instant)."""
    if not entries:
        return
    here, ids = _known(inbox.STATUSES, entries, now)
    completed = {ids[ref]: at for _, ref, status, at in here if status == "completed"}
    if completed:
        orders = np.array(sorted(completed), dtype=np.int64)
        news = mark_completed(
            orders=orders, at=np.array([completed[order] for order in orders.tolist()], dtype=np.int64)
        )
        schedule_release(
            orders=news, completed_at=np.array([completed[order] for order in news.tolist()], dtype=np.int64)
        )
    cancelled = {ids[ref]: (identifier, at) for identifier, ref, status, at in here if status == "cancelled"}
    if cancelled:
        orders = np.array(sorted(cancelled), dtype=np.int64)
        news = mark_cancelled(
            orders=orders, at=np.array([cancelled[order][1] for order in orders.tolist()], dtype=np.int64)
        )
        rest = open_lines(news.tolist())
        refund_lines(
            lines=_refund_lines(
                [
                    (cancelled[order][0], "cancelled", order, line, amount, cancelled[order][1])
                    for order, line, amount in rest
                ]
            ),
            now=now,
        )
        cancel_release(orders=news)
        announce("order.cancelled", subjects=news, now=now)


def _refund(entries: list[Any], now: datetime) -> None:
    """Refunds: (our id, order reference, external id, instant, [(line number, amount)])."""
    if not entries:
        return
    here, ids = _known(inbox.REFUNDS, entries, now)
    lines_of = known_lines([ids[entry[1]] for entry in here])
    rows: list[tuple[int, str, int, int, int, int]] = []
    for entry in here:
        identifier, ref, external, at, lines = entry
        lacking = [line_no for line_no, _ in lines if line_no not in lines_of[ids[ref]]]
        if lacking:
            error = f"order {ref} has no line {lacking[0]}"
            inbox.refuse(kind=inbox.REFUNDS, payload=orjson.dumps([entry]), error=error, now=now)
            continue
        rows.extend((identifier, external, ids[ref], line_no, amount, at) for line_no, amount in lines)
    refund_lines(lines=_refund_lines(rows), now=now)


def _refund_lines(rows: list[tuple[int, str, int, int, int, int]]) -> RefundLines:
    refund, external, order, line_no, amount, at = ([row[i] for row in rows] for i in range(6))
    as_array = [np.array(values, dtype=np.int64) for values in (refund, order, line_no, amount, at)]
    return RefundLines(as_array[0], external, as_array[1], as_array[2], as_array[3], as_array[4])  # type: ignore[arg-type]
