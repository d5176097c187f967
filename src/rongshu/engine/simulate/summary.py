"""The figures of a simulation. Money as decimal strings of the plan's currency; shares as numbers between 0 and 1.

Shares look at what was accrued, before refunds: the top 1 % share and the Gini coefficient over all promoters who
accrued anything (of n earners the top 1 % are `ceil(n / 100)`), the cost ratio of a category over what its lines cost
the buyers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from rongshu.engine.money import MILLION, format_units
from rongshu.engine.periods import Closed
from rongshu.engine.plan import Plan
from rongshu.engine.rating.frames import I64, KINDS
from rongshu.engine.shares import gini, top_share


def summarise(plan: Plan, rows: pl.DataFrame, lines: pl.DataFrame, line_of_row: I64) -> dict[str, Any]:
    """The summary of result `rows`; `lines` is the table of lines that `line_of_row` points into."""

    def money(units: Any) -> str:
        return format_units(int(units), plan.currency)

    before, amount = int(rows["before_caps"].sum()), int(rows["amount"].sum())

    accrued: dict[str, dict[str, str]] = {kind: {} for kind in KINDS}
    by_level = rows.group_by("kind", "level").agg(pl.col("amount").sum()).sort("kind", "level")
    for kind, level, units in by_level.iter_rows():
        accrued[kind][str(level)] = money(units)
    earned = rows.filter(pl.col("amount") > 0).group_by("beneficiary_id").agg(pl.col("amount").sum())["amount"]
    shares = earned.to_numpy()
    return {
        "orders": lines["order_id"].n_unique() if lines.height else 0,
        "lines": lines.height,
        "rows": rows.height,
        "currency": plan.currency,
        "paid": money(lines["paid"].sum()),
        "accrued": accrued,
        "accrued_total": money(amount),
        "cut_by_caps": money(before - amount),
        "reversed": money(rows["reversed"].sum()),
        "earners": len(shares),
        "top_1_percent_share": _part(top_share(shares)),
        "gini": _part(gini(shares)),
        "cost_ratio": _cost_ratio(rows, lines, line_of_row, money),
    }


def per_period(plan: Plan, closed: Sequence[Closed], ids: pl.Series) -> dict[str, Any]:
    """`steps` and `pools`: what each rule pays for each period that orders touch, and to whom, by promoter id.

    Net of refunds. `own_sales` and `net_base` are the sums a rule starts from; `fund` is what a pool had to split, of which
    nothing is paid when nobody may share it. Days are the first of the period and the first after it.
    """
    found: dict[str, list[dict[str, Any]]] = {"steps": [], "pools": []}
    for each in closed:
        sums = {"own_sales": each.base} if each.kind == "steps" else {"net_base": each.base, "fund": each.fund}
        who = ids.gather(each.promoter).to_list()
        paid = dict(sorted(zip(who, each.amount.tolist(), strict=True)))
        found["steps" if each.kind == "steps" else "pools"].append({
            "id": each.rule,
            "period": each.period.name,
            "from": each.period.first_day.isoformat(),
            "to": each.period.next_first_day.isoformat(),
            **{name: format_units(units, plan.currency) for name, units in sums.items()},
            "total": format_units(int(each.amount.sum()), plan.currency),
            "promoters_paid": len(paid),
            "promoters": {name: format_units(units, plan.currency) for name, units in paid.items()},
        })  # fmt: skip
    return found


def _part(ppm: int | None) -> float | None:
    """A share as a number between 0 and 1."""
    return None if ppm is None else ppm / MILLION


def _cost_ratio(rows: pl.DataFrame, lines: pl.DataFrame, line_of_row: I64, money: Any) -> list[dict[str, Any]]:
    """What each category paid and cost, by category; lines without one stand under the empty name."""
    paid = lines.group_by(pl.col("category").fill_null("")).agg(pl.col("paid").sum())
    of_rows = pl.DataFrame({"category": lines["category"].fill_null("").gather(line_of_row), "amount": rows["amount"]})
    cost = of_rows.group_by("category").agg(pl.col("amount").sum())
    table = paid.join(cost, on="category", how="left").with_columns(pl.col("amount").fill_null(0)).sort("category")
    return [
        {"category": name, "paid": money(of), "accrued": money(units), "ratio": round(units / of, 6) if of else None}
        for name, of, units in table.iter_rows()
    ]
