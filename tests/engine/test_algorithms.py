"""Executes the worked cases of docs/algorithms: every `##` section that says what commission comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import yaml

from rongshu.engine.calendar import instant_of
from rongshu.engine.money import format_units, parse_units
from rongshu.engine.plan import Plan, read_plan
from rongshu.engine.rating import rate
from rongshu.engine.simulate import ORDERS, PROMOTERS, REFUNDS, simulate
from rongshu.engine.simulate.arrays import arrays_of

DOCS = Path(__file__).parents[2] / "docs" / "algorithms"
Table = list[dict[str, str]]


@dataclass
class Case:
    name: str
    document: dict[str, Any] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))
    tables: dict[str, Table] = field(default_factory=dict)


def read_cases() -> Iterator[Case]:
    for page in sorted(DOCS.glob("*.md")):
        for section in re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.M)[1:]:
            case = read_case(f"{page.stem}: {section.splitlines()[0]}", section)
            if "Commission" in case.tables:
                yield case


def read_case(name: str, section: str) -> Case:
    case = Case(name)
    plan = re.search(r"^```yaml\n(.*?)^```", section, flags=re.M | re.S)
    if plan:
        case.document = {"name": "case", "currency": "CNY"} | yaml.safe_load(plan.group(1))
    if zone := re.search(r"^Time zone: (\S+)$", section, flags=re.M):
        case.zone = ZoneInfo(zone.group(1))
    for title, rows in re.findall(r"^\*\*(\w+)\*\*\n\n((?:\|.*\n?)+)", section, flags=re.M):
        case.tables[title] = read_rows(rows)
    return case


def read_rows(text: str) -> Table:
    head, _, *body = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.splitlines()]
    rows: Table = []
    for cells in body:
        above = rows[-1] if rows else {}
        row = dict(zip(head, cells, strict=True))
        rows.append({key: above[key] if cell == '"' else cell for key, cell in row.items()})
    return rows


def frame(rows: list[dict[str, Any]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame([{key: row.get(key) for key in schema} for row in rows], schema=schema, orient="row")


@pytest.mark.parametrize("case", list(read_cases()), ids=lambda case: case.name)
def test_case(case: Case) -> None:
    plan = read_plan(case.document)
    orders, promoters, refunds = tables_of(case, plan)
    result = simulate(plan, case.zone, orders, promoters, refunds).rows
    arrays = arrays_of(orders, promoters)
    rows = rate(plan, case.zone, arrays.promoters, arrays.orders, arrays.lines).rows
    wanted = case.tables["Commission"]

    def money(units: int) -> str:
        return format_units(units, plan.currency)

    got = []
    for index, row in enumerate(result.iter_rows(named=True)):
        everything = {
            "order": row["order_id"],
            "line": str(row["line_no"]),
            "kind": row["kind"],
            "level": str(row["level"]),
            "beneficiary": row["beneficiary_id"],
            "rule": row["rule"],
            "base": money(row["base"]),
            "rate": "fixed" if row["ppm"] is None else f"{row['ppm'] / 10_000:g}%",
            "before caps": money(row["before_caps"]),
            "order cap": money(int(rows.cut_order[index])),
            "day cap": money(int(rows.cut_day[index])),
            "month cap": money(int(rows.cut_month[index])),
            "amount": money(row["amount"]),
            "reversed": money(row["reversed"]),
        }
        got.append({key: everything[key] for key in wanted[0]})
    assert got == wanted
    assert (rows.amount + rows.cut_order + rows.cut_day + rows.cut_month == rows.before_caps).all()


def tables_of(case: Case, plan: Plan) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    def at(text: str) -> int | None:
        moment = datetime.fromisoformat(text) if text else None
        return None if moment is None else instant_of(moment if moment.tzinfo else moment.replace(tzinfo=case.zone))

    def units(text: str) -> int:
        return parse_units(text or "0", plan.currency)

    orders = [
        {
            "order_id": row["order"], "line_no": int(row.get("line", "1")), "buyer_id": row.get("buyer") or None,
            "promoter_id": row["promoter"] or None, "sku": row.get("sku") or None,
            "category": row.get("category") or None, "qty": int(row.get("qty", "1")), "paid": units(row["paid"]),
            "cost": units(row.get("cost", "0")), "paid_at": at(row["paid at"]),
            **{key: row.get(key) or None for key in ("tier", "channel", "store", "region")},
        }
        for row in case.tables["Orders"]
    ]  # fmt: skip
    promoters = [
        {
            "promoter_id": row["promoter"], "inviter_id": row.get("inviter") or None, "rank": row.get("rank") or None,
            "joined_at": at(row.get("joined", "")), "active_from": at(row.get("from", "")),
            "active_to": at(row.get("to", "")),
        }
        for row in case.tables["Promoters"]
    ]  # fmt: skip
    refunds = [
        {
            "refund_id": row["refund"], "order_id": row["order"], "line_no": int(row["line"]),
            "amount": units(row["amount"]), "refunded_at": at(row.get("refunded at", "") or "2026-12-31 00:00"),
        }
        for row in case.tables.get("Refunds", [])
    ]  # fmt: skip
    return frame(orders, ORDERS), frame(promoters, PROMOTERS), frame(refunds, REFUNDS)


def test_the_pages_hold_cases() -> None:
    assert len(list(read_cases())) >= 20
