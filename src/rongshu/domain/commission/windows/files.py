"""A window as the files `rongshu simulate` reads: whoever holds them can compute every figure again, without this database."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rongshu.domain.commission.windows.queries import WORDS
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.calendar import day_of
from rongshu.engine.money import exponent
from rongshu.engine.rating.frames import FIRST, FOREVER, NONE, REPEAT, RankHistory
from rongshu.kernel.frames import micros, read_frame
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

_REFUNDS = {"id": pl.Int64, "order_id": pl.Int64, "line_no": pl.Int64, "amount": pl.Int64, "refunded_at": pl.Int64}


def export_window(window: Window, folder: Path, currency: str) -> list[Path]:
    """Writes orders.csv, promoters.csv, refunds.csv, ranks.csv and used.csv into a folder that exists; their paths.

    People and orders go by their outside ids, so nothing personal is in the files, and orders paid at one instant keep their
    sequence. `order` says what the rating knew: whether an order was its buyer's first, before the window too.
    `ranks` is how ranks changed, `used` what promoters had accrued of the day and the month in which the window begins.
    """
    written = []
    promoters = _promoters(window)
    orders = np.array([outside("ord", each) for each in window.order_ids.tolist()], dtype=object)
    tables = {
        "orders": _orders(window, orders, promoters["promoter_id"].to_numpy(), currency),
        "promoters": promoters,
        "refunds": _refunds(window, orders, currency),
        "ranks": _ranks(window, promoters["promoter_id"].to_numpy()),
        "used": _used(window, promoters["promoter_id"].to_numpy(), currency),
    }
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        table.write_csv(path, line_terminator="\n")
        written.append(path)
    return written


def _orders(window: Window, ids: NDArray[np.object_], promoters: NDArray[np.object_], currency: str) -> pl.DataFrame:
    orders, lines = window.orders, window.lines
    first = np.full(len(orders), None, dtype=object)
    first[orders.first == FIRST], first[orders.first == REPEAT] = "first", "repeat"
    of_order = {
        "order_id": _text(ids),
        "buyer_id": _text(np.array([outside("mem", each) if each else None for each in window.buyer_ids.tolist()])),
        "promoter_id": _text(_named(orders.direct, promoters)),
        "paid_at": iso(orders.paid_at),
        **{name: _text(_named(getattr(orders, name), getattr(orders, f"{name}s"))) for name in WORDS},
        "order": _text(first),
    }
    at = pl.Series(lines.order)
    columns = {name: values.gather(at) for name, values in of_order.items()} | {
        "line_no": pl.Series(lines.line_no),
        "sku": _text(_named(lines.sku, lines.skus)),
        "category": _text(_named(lines.category, lines.categories)),
        "qty": pl.Series(lines.qty),
        "paid": decimal(lines.paid, currency),
        "cost": decimal(lines.cost, currency),
    }
    names = ("order_id", "line_no", "buyer_id", "promoter_id", "sku", "category", "qty", "paid", "cost", "paid_at")
    return pl.DataFrame({name: columns[name] for name in (*names, *WORDS, "order")})


def _promoters(window: Window) -> pl.DataFrame:
    people = window.promoters
    ids = np.array([outside("mem", each) for each in window.promoter_ids.tolist()], dtype=object)
    # An end that is not after the beginning says "never"; the files want it a microsecond later.
    ends = np.maximum(people.active_to, np.minimum(people.active_from, FOREVER - 1) + 1)
    return pl.DataFrame({
        "promoter_id": _text(ids),
        "inviter_id": _text(_named(people.inviter, ids)),
        "rank": _text(_named(people.rank, people.ranks)),
        "joined_at": iso(people.joined_at),
        "active_from": iso(people.active_from),
        "active_to": iso(ends, FOREVER),
    })  # fmt: skip


def _refunds(window: Window, ids: NDArray[np.object_], currency: str) -> pl.DataFrame:
    found = read_frame(
        f"SELECT f.id, f.order_id, f.line_no, f.amount, {micros('f.refunded_at')} FROM commerce_refund f JOIN commerce_order o "
        "ON o.tenant_id = f.tenant_id AND o.id = f.order_id WHERE o.tenant_id = %s AND o.paid_at >= %s AND o.paid_at < %s "
        "AND f.amount > 0 ORDER BY f.refunded_at, f.id, f.line_no",
        [current_tenant(), window.since, window.until],
        _REFUNDS,
    ).filter(pl.col("order_id").is_in(pl.Series(window.order_ids).implode()))
    names = dict(zip(window.order_ids.tolist(), ids.tolist(), strict=True))
    return pl.DataFrame({
        "refund_id": pl.Series([outside("ref", each) for each in found["id"].to_list()], dtype=pl.String),
        "order_id": pl.Series([names[each] for each in found["order_id"].to_list()], dtype=pl.String),
        "line_no": found["line_no"],
        "amount": decimal(found["amount"].to_numpy(), currency),
        "refunded_at": iso(found["refunded_at"].to_numpy()),
    })  # fmt: skip


def _ranks(window: Window, ids: NDArray[np.object_]) -> pl.DataFrame:
    """Every change of rank, by promoter and time; what was held before stands with a promoter's first change."""
    people, nothing = window.promoters, np.zeros(0, dtype=np.int64)
    history = people.history or RankHistory(nothing, nothing, nothing, nothing)
    first = np.diff(history.promoter, prepend=NONE) != 0
    return pl.DataFrame({
        "promoter_id": _text(_named(history.promoter, ids)),
        "since": iso(history.since),
        "rank": _text(_named(history.rank, people.ranks)),
        "before": _text(_named(np.where(first, history.before, NONE), people.ranks)),
    })  # fmt: skip


def _used(window: Window, ids: NDArray[np.object_], currency: str) -> pl.DataFrame:
    used = [(row, day_of(day).isoformat(), units) for (row, day), units in window.usage.day.items()]
    used += [
        (row, f"{month // 12:04}-{month % 12 + 1:02}", units) for (row, month), units in window.usage.month.items()
    ]
    table = pl.DataFrame(sorted(used), schema={"row": pl.Int64, "period": pl.String, "used": pl.Int64}, orient="row")
    return pl.DataFrame({
        "promoter_id": _text(_named(table["row"].to_numpy(), ids)),
        "period": table["period"],
        "used": decimal(table["used"].to_numpy(), currency),
    })  # fmt: skip


def _text(values: NDArray[np.object_]) -> pl.Series:
    return pl.Series(values.tolist(), dtype=pl.String)


def _named(codes: I64, words: NDArray[np.object_] | tuple[str, ...]) -> NDArray[np.object_]:
    """The words of codes; None for -1."""
    table = np.array([*words, None], dtype=object)
    named: NDArray[np.object_] = table[np.where(codes == NONE, len(table) - 1, codes)]
    return named


def iso(instants: I64, nothing: int | None = None) -> pl.Series:
    """Instants (microseconds since 1970) in ISO 8601, in UTC, to the microsecond; `nothing` stays empty."""
    column = pl.Series(instants)
    if nothing is not None:
        column = column.replace(nothing, None)
    return column.cast(pl.Datetime("us")).dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")


def decimal(units: I64, currency: str) -> pl.Series:
    """Minor units as decimals with all the digits of the currency; negative ones too."""
    digits = exponent(currency)
    sign = pl.when(pl.col("units") < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    size = pl.col("units").abs()
    if digits:
        part = (size % 10**digits).cast(pl.String).str.zfill(digits)
        text = pl.concat_str(sign, (size // 10**digits).cast(pl.String), pl.lit("."), part)
    else:
        text = pl.concat_str(sign, size.cast(pl.String))
    return pl.DataFrame({"units": units}, schema={"units": pl.Int64}).select(text.alias("text"))["text"]
