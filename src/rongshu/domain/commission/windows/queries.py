from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from django.db import connection
from numpy.typing import NDArray

from rongshu.domain.commission.windows import kept
from rongshu.domain.commission.windows.shapes import Window
from rongshu.domain.referral.promoters.everybody import Everybody, everybody
from rongshu.engine.calendar import local_days, months_of_days
from rongshu.engine.rating.frames import NONE, UNKNOWN, Lines, Orders, Usage
from rongshu.kernel.bulk import NO_INSTANT
from rongshu.kernel.clock import to_micros
from rongshu.kernel.frames import micros, read_frame
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

WORDS = ("tier", "channel", "store", "region")
_ORDERS = {
    "id": pl.Int64, "source": pl.String, "external_id": pl.String, "buyer": pl.Int64, "promoter": pl.Int64,
    "paid_at": pl.Int64, "completed_at": pl.Int64, "cancelled_at": pl.Int64, **dict.fromkeys(WORDS, pl.String),
    "first": pl.Int64, "version": pl.Int64,
}  # fmt: skip
_LINES = {
    "order_id": pl.Int64, "line_no": pl.Int64, "sku": pl.String, "category": pl.String, "qty": pl.Int64,
    "paid": pl.Int64, "cost": pl.Int64, "refunded": pl.Int64,
}  # fmt: skip


def load_window(since: datetime, until: datetime) -> Window:
    """The tenant's orders paid from `since` on and before `until`, with everything rating reads.

    A process keeps the windows asked for last, and reads again only when something in them has changed.
    """
    stamp = stamp_of(since, until)
    key = (current_tenant(), since, until)
    found = kept.look_up(key, stamp)
    if found is None:
        found = _load(since, until, stamp)
        kept.keep(key, found)
    return found


def stamp_of(since: datetime, until: datetime) -> str:
    """What changes whenever an order of the window, a refund, a promoter or a rank does."""
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s), "
            "(SELECT count(*) FROM commerce_refund WHERE tenant_id = %s), "
            "(SELECT max(version) FROM referral_foresthead WHERE tenant_id = %s), "
            "(SELECT count(*) || ':' || count(active_to) || ':' || count(NULLIF(rank, '')) FROM referral_promoter WHERE tenant_id = %s), "
            "(SELECT count(*) FROM referral_rank_change WHERE tenant_id = %s), "
            "(SELECT count(*) FROM commission_rerating_post WHERE tenant_id = %s)",
            [tenant, since, until, tenant, tenant, tenant, tenant, tenant],
        )
        return "/".join(str(value) for value in cursor.fetchone())


def _load(since: datetime, until: datetime, stamp: str) -> Window:
    """Reads orders before lines: a line whose order came in between is left out with it."""
    tenant = current_tenant()
    within = "o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s"
    words = ", ".join(f"o.{name}" for name in WORDS)
    people = everybody()
    orders = read_frame(
        f"SELECT o.id, o.source, o.external_id, o.buyer_id, o.promoter_id, {micros('o.paid_at')}, {micros('o.completed_at')}, "
        f"{micros('o.cancelled_at')}, {words}, r.first, r.version_id FROM commerce_order o LEFT JOIN commission_rating r "
        f"ON r.tenant_id = o.tenant_id AND r.order_id = o.id WHERE {within}",
        [tenant, since, until],
        _ORDERS,
    ).sort("paid_at", "id")
    lines = read_frame(
        "SELECT l.order_id, l.line_no, l.sku, l.category, l.qty, l.paid, l.cost, l.refunded FROM commerce_line l "
        f"JOIN commerce_order o ON o.tenant_id = l.tenant_id AND o.id = l.order_id WHERE {within}",
        [tenant, since, until],
        _LINES,
    )
    numbered = orders.select(order_id="id").with_row_index("order").with_columns(pl.col("order").cast(pl.Int64))
    lines = lines.join(numbered, on="order_id", how="inner").sort("order", "line_no")
    return _window(since, until, stamp, orders, lines, people, _usage(since, people))


def _window(
    since: datetime, until: datetime, stamp: str, orders: pl.DataFrame, lines: pl.DataFrame, people: Everybody,
    usage: Usage,
) -> Window:  # fmt: skip
    coded = {name: coded_words(orders[name]) for name in WORDS}
    skus, categories = coded_words(lines["sku"]), coded_words(lines["category"])
    buyers = _numbers(orders["buyer"], 0)
    return Window(
        since=since,
        until=until,
        stamp=stamp,
        orders=Orders(
            paid_at=_numbers(orders["paid_at"], 0),
            buyer=people.rows_of(buyers),
            direct=people.rows_of(_numbers(orders["promoter"], 0)),
            first=_numbers(orders["first"], UNKNOWN),
            tier=coded["tier"][0],
            channel=coded["channel"][0],
            store=coded["store"][0],
            region=coded["region"][0],
            tiers=coded["tier"][1],
            channels=coded["channel"][1],
            stores=coded["store"][1],
            regions=coded["region"][1],
        ),
        lines=Lines(
            order=_numbers(lines["order"], 0),
            line_no=_numbers(lines["line_no"], 0),
            sku=skus[0],
            category=categories[0],
            qty=_numbers(lines["qty"], 0),
            paid=_numbers(lines["paid"], 0),
            cost=_numbers(lines["cost"], 0),
            skus=skus[1],
            categories=categories[1],
        ),
        promoters=people.promoters,
        usage=usage,
        refunded=_numbers(lines["refunded"], 0),
        order_ids=_numbers(orders["id"], 0),
        external_ids=orders["external_id"],
        sources=orders["source"],
        buyer_ids=buyers,
        version_ids=_numbers(orders["version"], 0),
        completed_at=_numbers(orders["completed_at"], NO_INSTANT),
        cancelled_at=_numbers(orders["cancelled_at"], NO_INSTANT),
        promoter_ids=people.ids,
    )


def coded_words(words: pl.Series) -> tuple[I64, tuple[str, ...]]:
    """Words as codes into a sorted vocabulary; none is -1."""
    vocabulary = words.drop_nulls().unique().sort()
    codes = words.cast(pl.Enum(vocabulary)).to_physical().cast(pl.Int64)
    return _numbers(codes, NONE), tuple(vocabulary.to_list())


def _numbers(values: pl.Series, nothing: int) -> I64:
    return np.ascontiguousarray(values.fill_null(nothing).to_numpy())


def _usage(since: datetime, people: Everybody) -> Usage:
    """What was accrued between the beginning of the month and the window, and of that on its first day."""
    zone = house().zone
    local = since.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    month = midnight.replace(day=1)
    if month == local:
        return Usage()
    found = read_frame(
        "SELECT beneficiary_id, sum(amount)::bigint, coalesce(sum(amount) FILTER (WHERE paid_at >= %s), 0)::bigint "
        "FROM commission_commission WHERE tenant_id = %s AND state < 2 AND paid_at >= %s AND paid_at < %s GROUP BY 1",
        [midnight, current_tenant(), month, since],
        {"promoter": pl.Int64, "month": pl.Int64, "day": pl.Int64},
    )
    rows = people.rows_of(found["promoter"].to_numpy()).tolist()
    days = local_days(np.array([to_micros(since)], dtype=np.int64), zone)
    day_number, month_number = int(days[0]), int(months_of_days(days)[0])

    def used(column: str, period: int) -> dict[tuple[int, int], int]:
        pairs = zip(rows, found[column].to_list(), strict=True)
        return {(row, period): units for row, units in pairs if row != NONE and units}

    return Usage(day=used("day", day_number), month=used("month", month_number))
