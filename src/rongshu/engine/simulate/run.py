"""A plan tried on orders that happened: rows, reversals and the figures an operator decides by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

import numpy as np
import polars as pl

from rongshu.engine.periods import close_periods
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Rows, Usage, rate, reversal_due
from rongshu.engine.rating.frames import I64, KINDS, NONE
from rongshu.engine.simulate.arrays import Arrays, arrays_of, usage_of
from rongshu.engine.simulate.summary import per_period, summarise

ORDERS = {
    "order_id": pl.String, "line_no": pl.Int64, "buyer_id": pl.String, "promoter_id": pl.String, "sku": pl.String,
    "category": pl.String, "qty": pl.Int64, "paid": pl.Int64, "cost": pl.Int64, "paid_at": pl.Int64,
    "tier": pl.String, "channel": pl.String, "store": pl.String, "region": pl.String, "order": pl.String,
}  # fmt: skip
"""Columns of orders, a row a line: money in minor units, `cost` of one unit, times in microseconds UTC.

`order` (`first`, `repeat` or null; it may be left out) says what orders before those given know; null is found out here."""

PROMOTERS = {
    "promoter_id": pl.String, "inviter_id": pl.String, "rank": pl.String, "joined_at": pl.Int64,
    "active_from": pl.Int64, "active_to": pl.Int64,
}  # fmt: skip
REFUNDS = {
    "refund_id": pl.String, "order_id": pl.String, "line_no": pl.Int64, "amount": pl.Int64, "refunded_at": pl.Int64,
}  # fmt: skip
RANKS = {"promoter_id": pl.String, "since": pl.Int64, "rank": pl.String, "before": pl.String}
"""Columns of changes of rank: from the instant `since` (microseconds UTC, included) a promoter holds `rank`, null for none.

`before` is what was held until then; only that of a promoter's first change is looked at. For a promoter with changes the
rank in PROMOTERS is not."""

USED = {"promoter_id": pl.String, "day": pl.Int64, "month": pl.Int64, "used": pl.Int64}
"""Columns of what promoters had accrued before the orders, minor units: of a day (days since 1970) or of a month
(`year * 12 + month - 1`), the other one null; what a day has counts in its month by a row of its own."""


@dataclass(frozen=True, slots=True)
class Simulation:
    """What a plan would have paid."""

    rows: pl.DataFrame
    """`order_id, line_no, kind, level, beneficiary_id, rule, base, ppm, before_caps, amount, reversed`, money in minor
    units, `ppm` null for a fixed amount; sorted by paid_at, order_id, line_no, kind, level, beneficiary_id."""
    summary: dict[str, Any]


def simulate(
    plan: Plan, zone: tzinfo, orders: pl.DataFrame, promoters: pl.DataFrame, refunds: pl.DataFrame | None = None, *,
    ranks: pl.DataFrame | None = None, used: pl.DataFrame | None = None,
) -> Simulation:  # fmt: skip
    """Rate all `orders` in the sequence they were paid, and reverse what `refunds` ask for.

    Columns as in ORDERS, PROMOTERS, REFUNDS, RANKS and USED. Without `ranks` everybody has always held the same, without
    `used` nobody had accrued anything that caps of a promoter's day or month count. The frames are taken as consistent: one promoter an id, one row an
    order and line number, the same buyer, promoter and time on all lines of an order, refunds of known lines, no
    refund twice. Raises ValueError when inviters go in a circle.
    """
    arrays = arrays_of(orders, promoters, ranks)
    ids = promoters["promoter_id"]
    usage = Usage() if used is None else usage_of(used, ids)
    rows = rate(plan, zone, arrays.promoters, arrays.orders, arrays.lines, usage, with_chains=False).rows
    refunded = _refunded(arrays, refunds)
    frame = _frame(
        arrays, rows, ids, reversal_due(rows.amount, *(v.take(rows.line) for v in (arrays.lines.paid, refunded)))
    )
    summary = summarise(plan, frame, arrays.line_table, rows.line)
    by_id = ids.rank("ordinal").cast(pl.Int64).to_numpy() if plan.pools else arrays.promoters.inviter
    closed = close_periods(plan, zone, arrays.promoters, arrays.orders, arrays.lines, refunded, by_id)
    return Simulation(frame, summary | per_period(plan, list(closed), ids))


def _refunded(arrays: Arrays, refunds: pl.DataFrame | None) -> I64:
    """Everything refunded of each line."""
    if refunds is None or refunds.is_empty():
        return np.zeros(len(arrays.lines), dtype=np.int64)
    sums = refunds.group_by("order_id", "line_no").agg(refunded=pl.col("amount").sum())
    lines = arrays.line_table.select("order_id", "line_no").with_row_index("line")
    per_line = lines.join(sums, on=["order_id", "line_no"], how="left").sort("line")["refunded"]
    return per_line.fill_null(0).to_numpy()


def _frame(arrays: Arrays, rows: Rows, ids: pl.Series, reversed_: I64) -> pl.DataFrame:
    return pl.DataFrame({
        "order_id": arrays.order_table["order_id"].gather(rows.order),
        "line_no": arrays.lines.line_no.take(rows.line),
        "kind": pl.Series(KINDS, dtype=pl.String).gather(rows.kind),
        "level": rows.level,
        "beneficiary_id": ids.gather(rows.beneficiary),
        "rule": pl.Series(rows.rules, dtype=pl.String).gather(rows.rule),
        "base": rows.base,
        "ppm": pl.Series(rows.ppm).replace(NONE, None),
        "before_caps": rows.before_caps,
        "amount": rows.amount,
        "reversed": reversed_,
    })  # fmt: skip
