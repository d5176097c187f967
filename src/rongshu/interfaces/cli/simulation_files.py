"""The files of a simulation: read strictly, checked against one another; the result is written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any

import polars as pl

from rongshu.engine.calendar import months_of_days
from rongshu.engine.forest import cycle_member
from rongshu.engine.money import exponent
from rongshu.engine.plan import Plan
from rongshu.engine.simulate import ORDERS, PROMOTERS, RANKS, REFUNDS, Simulation
from rongshu.interfaces.cli.csv_columns import Column, period_numbers, read_columns
from rongshu.interfaces.cli.csv_tables import Findings, Table, read_table

_OF_ORDER = ("buyer_id", "promoter_id", "paid_at", "tier", "channel", "store", "region", "order")
"""What all lines of one order must agree on."""


@dataclass(frozen=True, slots=True)
class SimulationInput:
    """The files of a simulation, readable and consistent, with the columns `engine.simulate` asks for."""

    orders: pl.DataFrame
    promoters: pl.DataFrame
    refunds: pl.DataFrame
    ranks: pl.DataFrame | None = None
    """None without a file of ranks: then everybody has always held the rank of the promoters file."""
    used: pl.DataFrame | None = None


def read_simulation(
    plan: Plan, orders: Path, promoters: Path, refunds: Path | None = None, *,
    ranks: Path | None = None, used: Path | None = None, zone: tzinfo = UTC,
) -> SimulationInput:  # fmt: skip
    """Read and check all files; `zone` is that of days. Raises UnreadableError with the places that are wrong, of all files together."""
    findings = Findings()
    of_promoters = _read_promoters(promoters, plan.currency, findings)
    of_orders = _read_orders(plan, orders, findings)
    of_refunds = _read_refunds(refunds, plan.currency, findings) if refunds else None
    of_ranks = _read_ranks(ranks, plan.currency, zone, findings) if ranks else None
    of_used = _read_used(used, plan.currency, findings) if used else None
    findings.stop_if_any()
    assert of_promoters is not None and of_orders is not None
    _check_promoters(*of_promoters, findings)
    _check_orders(*of_orders, of_promoters[1], findings)
    kept = pl.DataFrame(schema=REFUNDS)
    if of_refunds is not None:
        kept = _check_refunds(*of_refunds, of_orders[1], findings)
    ids = of_promoters[1]["promoter_id"]
    changes = None if of_ranks is None else _check_ranks(*of_ranks, ids, findings)
    before = None if of_used is None else _check_used(*of_used, ids, findings)
    findings.stop_if_any()
    return SimulationInput(of_orders[1], of_promoters[1], kept, changes, before)


Read = tuple[Table, pl.DataFrame]


def _read_promoters(path: Path, currency: str, findings: Findings) -> Read | None:
    names = list(PROMOTERS)
    table = read_table(path, names[:2], names[2:], findings)
    if table is None:
        return None
    columns = [
        Column("promoter_id", "text"),
        Column("inviter_id", "text", needed=False),
        Column("rank", "text", needed=False),
        *(Column(name, "time", needed=False) for name in ("joined_at", "active_from", "active_to")),
    ]
    return table, read_columns(table, columns, currency, findings)


def _read_orders(plan: Plan, path: Path, findings: Findings) -> Read | None:
    names = list(ORDERS)
    table = read_table(path, names[:10], names[10:], findings)
    if table is None:
        return None
    columns = [
        Column("order_id", "text"),
        Column("line_no", "whole"),
        *(Column(name, "text", needed=False) for name in ("buyer_id", "promoter_id", "sku", "category")),
        Column("qty", "whole", least=1),
        Column("paid", "money"),
        Column("cost", "money", needed=plan.basis == "margin"),
        Column("paid_at", "time"),
        *(Column(name, "text", needed=False) for name in ("tier", "channel", "store", "region", "order")),
    ]
    return table, read_columns(table, columns, plan.currency, findings)


def _read_refunds(path: Path, currency: str, findings: Findings) -> Read | None:
    table = read_table(path, list(REFUNDS), [], findings)
    if table is None:
        return None
    columns = [
        Column("refund_id", "text"),
        Column("order_id", "text"),
        Column("line_no", "whole"),
        Column("amount", "money", least=1),
        Column("refunded_at", "time"),
    ]
    return table, read_columns(table, columns, currency, findings)


def _read_ranks(path: Path, currency: str, zone: tzinfo, findings: Findings) -> Read | None:
    names = list(RANKS)
    table = read_table(path, names[:3], names[3:], findings)
    if table is None:
        return None
    columns = [
        Column("promoter_id", "text"),
        Column("since", "time", zone=zone),
        Column("rank", "text", needed=False),
        Column("before", "text", needed=False),
    ]
    return table, read_columns(table, columns, currency, findings)


def _read_used(path: Path, currency: str, findings: Findings) -> Read | None:
    table = read_table(path, ["promoter_id", "period", "used"], [], findings)
    if table is None:
        return None
    columns = [Column("promoter_id", "text"), Column("period", "period"), Column("used", "money")]
    return table, read_columns(table, columns, currency, findings)


def _check_promoters(table: Table, frame: pl.DataFrame, findings: Findings) -> None:
    """One row a promoter, and inviters that form a forest."""
    ids, inviters = frame["promoter_id"], frame["inviter_id"]
    if ids.n_unique() < len(ids):
        for row in _rows(~ids.is_first_distinct()):
            reason = f'"{ids[row]}" is given in an earlier line already'
            findings.add(table.file, table.line(row), "promoter_id", reason)
        return
    itself = (ids == inviters).fill_null(False)
    for row in _rows(itself):
        findings.add(table.file, table.line(row), "inviter_id", f'"{ids[row]}" is given as the own inviter')
    for row in _rows(inviters.is_not_null() & ~inviters.is_in(ids.implode())):
        findings.add(table.file, table.line(row), "inviter_id", f'"{inviters[row]}" is no promoter of this file')
    if not itself.any():
        at = inviters.cast(pl.Enum(ids), strict=False).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
        member = cycle_member(at)
        if member is not None:
            reason = f'the inviters of "{ids[member]}" go in a circle'
            findings.add(table.file, table.line(member), "inviter_id", reason)
    ends = frame["active_to"] <= frame["active_from"]
    for row in _rows(ends):
        findings.add(table.file, table.line(row), "active_to", "the end is not after active_from")


def _check_orders(table: Table, frame: pl.DataFrame, promoters: pl.DataFrame, findings: Findings) -> None:
    """Every line once, the lines of an order of one mind, and only known promoters."""
    key = frame.select("order_id", "line_no")
    if key.n_unique() < key.height:
        for row in _rows(~key.with_columns(first=pl.struct("order_id", "line_no").is_first_distinct())["first"]):
            order_id, line_no = frame["order_id"][row], frame["line_no"][row]
            reason = f'line {line_no} of order "{order_id}" is given in an earlier line already'
            findings.add(table.file, table.line(row), "line_no", reason)
    if frame.select("order_id", *_OF_ORDER).n_unique() > frame["order_id"].n_unique():
        for name in _OF_ORDER:
            differs = frame.select(pl.col(name).ne_missing(pl.col(name).first().over("order_id")))[name]
            for row in _rows(differs):
                reason = f'differs from the first line of order "{frame["order_id"][row]}"'
                findings.add(table.file, table.line(row), name, reason)
    for row in _rows(frame["order"].is_not_null() & ~frame["order"].is_in(["first", "repeat"])):
        reason = f'"{frame["order"][row]}" is neither first nor repeat'
        findings.add(table.file, table.line(row), "order", reason)
    credited = frame["promoter_id"]
    known = promoters["promoter_id"]
    for row in _rows(credited.is_not_null() & ~credited.is_in(known.implode())):
        reason = f'"{credited[row]}" is no promoter of the promoters file'
        findings.add(table.file, table.line(row), "promoter_id", reason)


def _check_refunds(table: Table, frame: pl.DataFrame, orders: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Refunds of known lines; one that came twice counts once, unless the two do not say the same."""
    lines = orders.select("order_id", "line_no", known=pl.lit(True))
    known = frame.join(lines, on=["order_id", "line_no"], how="left", maintain_order="left")["known"]
    orders_known = frame["order_id"].is_in(orders["order_id"].unique().implode())
    for row in _rows(known.is_null()):
        order_id, line_no = frame["order_id"][row], frame["line_no"][row]
        if orders_known[row]:
            findings.add(table.file, table.line(row), "line_no", f'order "{order_id}" has no line {line_no}')
        else:
            findings.add(table.file, table.line(row), "order_id", f'"{order_id}" is no order of the orders file')
    once = frame.unique(maintain_order=True)
    key = ["refund_id", "order_id", "line_no"]
    if once.select(key).n_unique() < once.height:
        again = ~frame.select(first=pl.struct(key).is_first_distinct())["first"]
        same = frame.select(
            same=pl.struct("amount", "refunded_at") == pl.struct("amount", "refunded_at").first().over(key)
        )["same"]
        for row in _rows(again & ~same):
            refund = frame["refund_id"][row]
            reason = f'refund "{refund}" of this order line is given in an earlier line, and differs'
            findings.add(table.file, table.line(row), "refund_id", reason)
    return once


def _check_ranks(table: Table, frame: pl.DataFrame, promoters: pl.Series, findings: Findings) -> pl.DataFrame:
    """Only known promoters, and what a change says was held before is what the change before it gave."""
    _check_known(table, frame, promoters, findings)
    previous = pl.col("rank").shift(1).over("promoter_id", order_by=["since", "row"])
    place = pl.int_range(pl.len()).over("promoter_id", order_by=["since", "row"])
    told = frame.with_row_index("row").with_columns(previous=previous, place=place)
    differs = (pl.col("place") > 0) & pl.col("before").is_not_null() & pl.col("before").ne_missing(pl.col("previous"))
    for row in _rows(told.select(bad=differs)["bad"]):
        held = told["previous"][row]
        instead = "no rank" if held is None else f'"{held}"'
        reason = f'"{frame["before"][row]}" is not what the change before this one gave, which is {instead}'
        findings.add(table.file, table.line(row), "before", reason)
    return frame


def _check_used(table: Table, frame: pl.DataFrame, promoters: pl.Series, findings: Findings) -> pl.DataFrame:
    """Only known promoters, each period of one once, and no month with less than its days; as `USED` of the engine.

    A month that is not given has what its days have.
    """
    _check_known(table, frame, promoters, findings)
    for row in _rows(~frame.select(first=pl.struct("promoter_id", "period").is_first_distinct())["first"]):
        reason = f'{frame["period"][row]} of "{frame["promoter_id"][row]}" is given in an earlier line already'
        findings.add(table.file, table.line(row), "period", reason)
    day, month = period_numbers(frame["period"])
    of_day = day.is_not_null()
    used = frame.select("promoter_id", "used").with_columns(day=day, month=month)
    days = used.filter(of_day).with_columns(
        month=pl.Series(months_of_days(day.drop_nulls().to_numpy()), dtype=pl.Int64)
    )
    sums = days.group_by("promoter_id", "month", maintain_order=True).agg(of_days=pl.col("used").sum())
    key = ["promoter_id", "month"]
    told = used.join(sums, on=key, how="left", maintain_order="left")
    for row in _rows(told["used"] < told["of_days"]):
        reason = f'{frame["period"][row]} of "{frame["promoter_id"][row]}" has less than its days, which are given too'
        findings.add(table.file, table.line(row), "used", reason)
    silent = sums.join(used.filter(~of_day), on=key, how="anti").rename({"of_days": "used"})
    whole = silent.with_columns(day=pl.lit(None, dtype=pl.Int64)).select(used.columns)
    return pl.concat([used, whole]).select("promoter_id", "day", "month", "used")


def _check_known(table: Table, frame: pl.DataFrame, promoters: pl.Series, findings: Findings) -> None:
    ids = frame["promoter_id"]
    for row in _rows(ids.is_not_null() & ~ids.is_in(promoters.implode())):
        findings.add(table.file, table.line(row), "promoter_id", f'"{ids[row]}" is no promoter of the promoters file')


def _rows(bad: pl.Series) -> list[int]:
    rows: list[int] = bad.fill_null(False).arg_true().to_list()
    return rows


def write_result(path: Path, simulation: Simulation, currency: str) -> None:
    """Write `out.csv`: money in decimal, `ppm` empty for a fixed amount. The file appears whole or not at all."""
    money = ("base", "before_caps", "amount", "reversed")
    frame = simulation.rows.with_columns(decimals(pl.col(name), currency) for name in money)
    _write(path, frame.write_csv(line_terminator="\n").encode())


def write_summary(path: Path, summary: Mapping[str, Any]) -> None:
    """Write the summary as JSON. The file appears whole or not at all."""
    _write(path, (json.dumps(summary, ensure_ascii=False, indent=2) + "\n").encode())


def decimals(units: pl.Expr, currency: str) -> pl.Expr:
    """Minor units (>= 0) as decimal strings with all the digits of the currency."""
    digits = exponent(currency)
    if not digits:
        return units.cast(pl.String)
    whole, part = units // 10**digits, units % 10**digits
    return pl.concat_str(whole.cast(pl.String), pl.lit("."), part.cast(pl.String).str.zfill(digits)).name.keep()


def _write(path: Path, data: bytes) -> None:
    """Through a file of its own beside the target, so that a reader never sees half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        umask = os.umask(0)
        os.umask(umask)
        Path(name).chmod(0o666 & ~umask)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
