"""Posting: what was approved becomes transfers, in batches, each of which stands whole or not at all.

A row that changes is taken back whole, by transfers that name it; the new row is accrued beside it, refunds of its line so
far are taken off it, and it is pending or released as its order is. Nothing that was posted before is touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import polars as pl
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.actions import move_credits
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of
from rongshu.domain.commission.rating.caps import DAY, MONTH
from rongshu.domain.commission.rating.models import PENDING, RELEASED, REPLACED
from rongshu.domain.commission.rerating.models import POSTED, POSTING, Rerating
from rongshu.engine.calendar import local_day, local_days, months_of_days, sums_by_day
from rongshu.engine.rating import due_at, reversal_due
from rongshu.engine.rating.frames import FOREVER
from rongshu.kernel import bulk, copying
from rongshu.kernel.actor import WORKER
from rongshu.kernel.audit.actions import record
from rongshu.kernel.clock import to_micros
from rongshu.kernel.frames import micros, read_frame
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing
from rongshu.ledger import actions as ledger

I64 = NDArray[np.int64]

BATCH = 2000
"""Orders a transaction."""

_NUMBERS = (
    "order_id", "place", "old_row", "new_row", "line_no", "kind", "level", "beneficiary", "base", "ppm", "before_caps",
    "cut_order", "cut_day", "cut_month", "amount", "at_once", "old_amount", "old_reversed", "old_state", "paid", "refunded",
    "released", "paid_at",
)  # fmt: skip
_ORDERS = {
    "order_id": pl.Int64, "old_promoter": pl.Int64, "new_promoter": pl.Int64, "version": pl.Int64, "paid_at": pl.Int64,
    "completed_at": pl.Int64, "open": pl.Int64, "net": pl.Int64,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Batch:
    """The orders of one transaction, and their rows as columns."""

    rerating: Rerating
    orders: pl.DataFrame
    rows: dict[str, I64]
    rules: pl.Series

    @property
    def comes(self) -> NDArray[np.bool_]:
        """Which rows bring a new one."""
        return self.rows["new_row"] > 0

    @property
    def goes(self) -> NDArray[np.bool_]:
        """Which rows replace one that stands."""
        return self.rows["old_row"] > 0


def post_next(*, now: datetime, limit: int = BATCH) -> int:
    """Posts the next orders of the approved re-rating of the active tenant; how many orders, 0 when there is nothing to do.

    Whoever runs this, and however often it is ended in between, each order is posted once: its key in the journal is
    claimed with it. The caller sees to it that sales of orders that change hands were counted before.
    """
    lock_background_writing()
    rerating = Rerating.objects.filter(state=POSTING).select_for_update().first()
    if rerating is None:
        return 0
    batch = _next_batch(rerating, limit)
    if batch is None:
        _finish(rerating, now)
        return 0
    orders = batch.orders["order_id"].to_numpy()
    claims = ledger.claim(
        "rerating", [f"{rerating.id}:{order}" for order in orders.tolist()], [b""] * len(orders), new_ids(len(orders))
    )
    if not claims.fresh.all():
        raise RuntimeError(f"orders of re-rating {rerating.id} were posted before their batch")
    released = _post_rows(batch, claims.ids, now)
    _store_ratings(batch)
    moved = batch.orders.filter(pl.col("old_promoter") != pl.col("new_promoter"))
    if len(moved):
        move_credits(orders=moved["order_id"].to_numpy(), promoters=moved["new_promoter"].to_numpy())
    copying.copy(
        "commission_rerating_post",
        {
            "tenant_id": copying.int8(current_tenant()),
            "order_id": copying.int8(orders),
            "preview_id": copying.int8(rerating.preview_id),
            "rerating_id": copying.int8(rerating.id),
            "journal": copying.int8(claims.ids),
            "at": copying.instant(to_micros(now)),
        },
        len(orders),
    )
    rerating.posted_upto, rerating.posted = int(orders[-1]), rerating.posted + len(orders)
    rerating.save(force_update=True)
    _announce(batch, moved, released, now)
    return len(orders)


def _finish(rerating: Rerating, now: datetime) -> None:
    rerating.state, rerating.posted_at = POSTED, now
    rerating.save(force_update=True)
    record("rerating.posted", subject=str(rerating.id), by=WORKER, now=now, orders=rerating.posted)
    announce("rerating.posted", subjects=[rerating.id], now=now)


def _next_batch(rerating: Rerating, limit: int) -> _Batch | None:
    tenant = current_tenant()
    orders = read_frame(
        "SELECT p.order_id, coalesce(p.old_promoter_id, 0), coalesce(p.new_promoter_id, 0), coalesce(p.new_version_id, 0), "
        f"{micros('o.paid_at')}, {micros('o.completed_at')}, "
        "(r.due_at IS NULL AND r.released_at IS NULL AND o.completed_at IS NOT NULL AND o.cancelled_at IS NULL)::integer, "
        "o.paid - (SELECT coalesce(sum(least(l.refunded, l.paid)), 0) FROM commerce_line l "
        " WHERE l.tenant_id = o.tenant_id AND l.order_id = o.id)::bigint FROM commission_rerated_order p "
        "JOIN commerce_order o ON o.tenant_id = p.tenant_id AND o.id = p.order_id "
        "JOIN commission_rating r ON r.tenant_id = p.tenant_id AND r.order_id = p.order_id "
        "WHERE p.tenant_id = %s AND p.preview_id = %s AND p.order_id > %s ORDER BY p.order_id LIMIT %s",
        [tenant, rerating.preview_id, rerating.posted_upto, limit],
        _ORDERS,
    )
    if orders.is_empty():
        return None
    found = read_frame(
        "SELECT n.order_id, n.place, n.old_row, n.new_row, n.line_no, n.kind, n.level, n.beneficiary_id, n.base, n.ppm, "
        "n.before_caps, n.cut_order, n.cut_day, n.cut_month, n.amount, n.at_once, coalesce(c.amount, 0), coalesce(c.reversed, 0), "
        "coalesce(c.state, -1), l.paid, l.refunded, (r.released_at IS NOT NULL)::integer, "
        f"{micros('o.paid_at')}, n.rule FROM commission_rerated_row n "
        "JOIN commerce_line l ON l.tenant_id = n.tenant_id AND l.order_id = n.order_id AND l.line_no = n.line_no "
        "JOIN commerce_order o ON o.tenant_id = n.tenant_id AND o.id = n.order_id "
        "JOIN commission_rating r ON r.tenant_id = n.tenant_id AND r.order_id = n.order_id "
        "LEFT JOIN commission_commission c ON c.tenant_id = n.tenant_id AND c.order_id = n.order_id AND c.row = n.old_row "
        "WHERE n.tenant_id = %s AND n.preview_id = %s AND n.order_id > %s AND n.order_id <= %s ORDER BY n.order_id, n.place",
        [tenant, rerating.preview_id, rerating.posted_upto, orders["order_id"][-1]],
        {**dict.fromkeys(_NUMBERS, pl.Int64), "rule": pl.String},
    )
    batch = _Batch(rerating, orders, {name: found[name].to_numpy() for name in _NUMBERS}, found["rule"])
    if (batch.rows["old_state"][batch.goes] >= REPLACED).any():
        raise RuntimeError(f"rows of re-rating {rerating.id} were replaced by another one")
    return batch


def _post_rows(batch: _Batch, journals: I64, now: datetime) -> int:
    """New rows come, old ones go. What is released by it, less what is taken back of what was released before."""
    rows, comes, goes = batch.rows, batch.comes, batch.goes
    if not len(rows["order_id"]):
        return 0
    journal = journals[np.searchsorted(batch.orders["order_id"].to_numpy(), rows["order_id"])]
    line = np.arange(1, len(journal) + 1, dtype=np.int64) * 2
    size = 2 * len(journal)
    new = {name: values[comes] for name, values in rows.items()}
    back = reversal_due(new["amount"], new["paid"], new["refunded"])
    free = ((new["released"] == 1) | (new["at_once"] == 1)) & (new["amount"] > 0)
    _store_commissions(new, batch.rules.filter(pl.Series(comes)), back, free)
    ledger.accrue(
        orders=new["order_id"], rows=new["new_row"], owners=new["beneficiary"], amounts=new["amount"], now=now
    )
    ledger.reverse(
        journals=journal[comes],
        lines=line[comes],
        owners=new["beneficiary"],
        amounts=back,
        pending=np.ones(len(back), dtype=np.bool_),
        about=new["order_id"],
        about_rows=new["new_row"],
        now=now,
    )
    net = (new["amount"] - back)[free]
    _release(new["beneficiary"][free], net, now)
    old = {name: values[goes] for name, values in rows.items()}
    rest = old["old_amount"] - old["old_reversed"]
    ledger.reverse(
        journals=journal[goes],
        lines=line[goes] + size,
        owners=old["beneficiary"],
        amounts=rest,
        pending=old["old_state"] == PENDING,
        about=old["order_id"],
        about_rows=old["old_row"],
        now=now,
    )
    _replace(old)
    _count_usage(rows)
    return int(net.sum()) - int(rest[old["old_state"] == RELEASED].sum())


def _release(owners: I64, amounts: I64, now: datetime) -> None:
    unique, group = np.unique(owners, return_inverse=True)
    sums = np.zeros(len(unique), dtype=np.int64)
    np.add.at(sums, group, amounts)
    unique, sums = unique[sums > 0], sums[sums > 0]
    if not len(unique):
        return
    journal = new_id()
    ledger.claim("release", [f"rerating:{journal}"], [b""], np.array([journal], dtype=np.int64))
    ledger.release(journal=journal, owners=unique, amounts=sums, now=now)


def _store_commissions(new: dict[str, I64], rules: pl.Series, back: I64, free: NDArray[np.bool_]) -> None:
    vocabulary = rules.unique().sort()
    columns: dict[str, Any] = {
        name: copying.int8(new[name]) for name in ("base", "before_caps", "cut_order", "cut_day", "cut_month", "amount")
    }
    copying.copy(
        "commission_commission",
        {
            "tenant_id": copying.int8(current_tenant()),
            "order_id": copying.int8(new["order_id"]),
            "row": copying.int4(new["new_row"]),
            "line_no": copying.int4(new["line_no"]),
            "kind": copying.int2(new["kind"]),
            "level": copying.int4(new["level"]),
            "beneficiary_id": copying.int8(new["beneficiary"]),
            "ppm": copying.int4(new["ppm"]),
            **columns,
            "reversed": copying.int8(back),
            "state": copying.int2(np.where(free, RELEASED, PENDING)),
            "paid_at": copying.instant(new["paid_at"]),
            "rule": copying.words(
                rules.cast(pl.Enum(vocabulary)).to_physical().cast(pl.Int64).to_numpy(), tuple(vocabulary.to_list())
            ),
        },
        len(back),
    )


def _replace(old: dict[str, I64]) -> None:
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_commission c SET state = %s, reversed = c.amount "
            "FROM unnest(%s::bigint[], %s::integer[]) AS u (id, row) "
            "WHERE c.tenant_id = %s AND c.order_id = u.id AND c.row = u.row",
            [REPLACED, bulk.int8s(old["order_id"]), bulk.int4s(old["old_row"]), current_tenant()],
        )


def _count_usage(rows: dict[str, I64]) -> None:
    """Moves what promoters have accrued in the days and months that are kept; one that is not is counted when it is asked for."""
    days = local_days(rows["paid_at"], house().zone)
    moved = rows["amount"] - rows["old_amount"]
    with bulk.cursor() as cursor:
        for kind, periods in ((DAY, days), (MONTH, months_of_days(days))):
            cursor.execute(
                "UPDATE commission_cap_usage k SET used = k.used + u.moved FROM (SELECT who, period, sum(moved)::bigint AS moved "
                " FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS a (who, period, moved) GROUP BY 1, 2) u "
                "WHERE k.tenant_id = %s AND k.promoter_id = u.who AND k.kind = %s AND k.period = u.period AND u.moved <> 0",
                [bulk.int8s(rows["beneficiary"]), bulk.int4s(periods), bulk.int8s(moved), current_tenant(), kind],
            )


def _store_ratings(batch: _Batch) -> None:
    """The orders are rated by the new version over the new chains from now on; a date of release that was told stays."""
    orders, rerating = batch.orders, batch.rerating
    ids = orders["order_id"].to_numpy()
    due = np.full(len(ids), FOREVER, dtype=np.int64)
    version, paid_at = orders["version"].to_numpy(), orders["paid_at"].to_numpy()
    completed_at = orders["completed_at"].fill_null(FOREVER).to_numpy()
    undated = orders["open"].to_numpy() == 1
    for found in PlanVersion.objects.filter(id__in=np.unique(version[undated]).tolist()):
        which = undated & (version == found.id)
        due[which] = due_at(plan_of(found).release, paid_at[which], completed_at[which])
    with bulk.cursor() as cursor:
        cursor.execute(
            "UPDATE commission_rating r SET version_id = p.new_version_id, first = p.new_first, chain = p.new_chain, "
            "states = p.new_states, due_at = coalesce(r.due_at, NULLIF(u.due, '-infinity')) "
            "FROM unnest(%s::bigint[], %s::timestamptz[]) AS u (id, due) JOIN commission_rerated_order p "
            "ON p.tenant_id = %s AND p.preview_id = %s AND p.order_id = u.id "
            "WHERE r.tenant_id = p.tenant_id AND r.order_id = u.id",
            [
                bulk.int8s(ids),
                bulk.instants(np.where(due == FOREVER, bulk.NO_INSTANT, due)),
                current_tenant(),
                rerating.preview_id,
            ],
        )


def _announce(batch: _Batch, moved: pl.DataFrame, released: int, now: datetime) -> None:
    rows = batch.rows
    zone = house().zone
    back = np.where(batch.comes, reversal_due(rows["amount"], rows["paid"], rows["refunded"]), 0)
    announce(
        "commission.rerated",
        subjects=batch.orders["order_id"].to_numpy(),
        now=now,
        rerating=str(batch.rerating.id),
        day=str(local_day(to_micros(now), zone)),
        accrued=sums_by_day(local_days(rows["paid_at"], zone), rows["amount"] - rows["old_amount"]),
        reversed=int((back - rows["old_reversed"]).sum()),
        released=released,
    )
    if len(moved):
        announce(
            "order.reattributed",
            subjects=moved["order_id"].to_numpy(),
            now=now,
            old=moved["old_promoter"].to_list(),
            new=moved["new_promoter"].to_list(),
            amounts=moved["net"].to_list(),
        )


def orders_change_hands() -> bool:
    """Whether the re-rating that is being posted moves orders from one promoter to another."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM commission_rerating h JOIN commission_rerated_order p ON p.tenant_id = h.tenant_id "
            "AND p.preview_id = h.preview_id WHERE h.tenant_id = %s AND h.state = %s AND p.old_promoter_id IS DISTINCT FROM p.new_promoter_id)",
            [current_tenant(), POSTING],
        )
        (found,) = cursor.fetchone()
    return bool(found)
