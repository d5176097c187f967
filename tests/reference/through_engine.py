"""The same question put to the engine: worlds as the arrays, the tables and the files it reads, its rows as cells."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import yaml

from rongshu.engine.plan import read_plan
from rongshu.engine.rating import frames, rate, reversal_due
from rongshu.engine.simulate import ORDERS, PROMOTERS, REFUNDS, Simulation, simulate
from rongshu.interfaces.cli.simulate import simulate as simulate_command
from tests.reference import commission
from tests.reference.generators import World

OUT = [
    "order_id",
    "line_no",
    "kind",
    "level",
    "beneficiary_id",
    "rule",
    "base",
    "ppm",
    "before_caps",
    "amount",
    "reversed",
]


def microseconds(moment: datetime | None, otherwise: int) -> int:
    if moment is None:
        return otherwise
    passed = moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


class Words:
    """Numbers words in the sequence of their appearance; the empty word is none."""

    def __init__(self) -> None:
        self.known: dict[str, int] = {}

    def code(self, word: str) -> int:
        return self.known.setdefault(word, len(self.known)) if word else frames.NONE

    def tuple(self) -> tuple[str, ...]:
        return tuple(self.known)


def column(values: list[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


class Asked:
    """One world in the engine's arrays."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.plan = read_plan(world.plan)
        self.zone = ZoneInfo(world.zone)
        people = commission.read_promoters(world.promoters)
        commission.read_rank_changes(world.rank_changes, people)
        self.forest = list(people.values())
        self.sequence = commission.read_orders(world.orders, world.plan["currency"])
        self.line_of = [(order, line) for order in self.sequence for line in order.lines]
        self.place = {promoter.id: index for index, promoter in enumerate(self.forest)}

    def promoters(self) -> frames.Promoters:
        ranks = Words()
        changes = [(place, change) for place, each in enumerate(self.forest) for change in each.changes]
        history = frames.RankHistory(
            promoter=column([place for place, _ in changes]),
            since=column([microseconds(change.at, 0) for _, change in changes]),
            rank=column([ranks.code(change.rank) for _, change in changes]),
            before=column([ranks.code(change.before) for _, change in changes]),
        )
        return frames.Promoters(
            inviter=column([self.place.get(each.inviter, frames.NONE) for each in self.forest]),
            rank=column([ranks.code(each.rank) for each in self.forest]),
            joined_at=column([microseconds(each.joined_at, frames.BEGINNING) for each in self.forest]),
            active_from=column([microseconds(each.active_from, frames.BEGINNING) for each in self.forest]),
            active_to=column([microseconds(each.active_to, frames.FOREVER) for each in self.forest]),
            ranks=ranks.tuple(),
            history=history if changes else None,
        )

    def orders(self, sequence: list[commission.Order] | None = None) -> frames.Orders:
        sequence = self.sequence if sequence is None else sequence
        words = {name: Words() for name in ("tier", "channel", "store", "region")}
        codes = {name: column([known.code(getattr(each, name)) for each in sequence]) for name, known in words.items()}
        first = {True: frames.FIRST, False: frames.REPEAT, None: frames.UNKNOWN}
        return frames.Orders(
            paid_at=column([microseconds(each.paid_at, 0) for each in sequence]),
            buyer=column([self.place.get(each.buyer, frames.NONE) for each in sequence]),
            direct=column([self.place.get(each.promoter, frames.NONE) for each in sequence]),
            first=column([first[each.first] for each in sequence]),
            **codes,
            **{f"{name}s": known.tuple() for name, known in words.items()},
        )

    def lines(self, sequence: list[commission.Order] | None = None) -> frames.Lines:
        sequence = self.sequence if sequence is None else sequence
        flat = [(number, line) for number, order in enumerate(sequence) for line in order.lines]
        skus, categories = Words(), Words()
        return frames.Lines(
            order=column([number for number, _ in flat]),
            line_no=column([line.number for _, line in flat]),
            sku=column([skus.code(line.sku) for _, line in flat]),
            category=column([categories.code(line.category) for _, line in flat]),
            qty=column([line.qty for _, line in flat]),
            paid=column([line.paid for _, line in flat]),
            cost=column([line.cost for _, line in flat]),
            skus=skus.tuple(),
            categories=categories.tuple(),
        )

    def rated_together(self) -> frames.Rated:
        return rate(self.plan, self.zone, self.promoters(), self.orders(), self.lines())

    def rated_one_by_one(self) -> list[dict[str, str]]:
        """Every order on its own, told what was used before."""
        used_day: dict[tuple[int, int], int] = {}
        used_month: dict[tuple[int, int], int] = {}
        cells = []
        for order in self.sequence:
            usage = frames.Usage(day=dict(used_day), month=dict(used_month))
            rated = rate(self.plan, self.zone, self.promoters(), self.orders([order]), self.lines([order]), usage)
            today = commission.local_day(order.paid_at, self.world.zone)
            for promoter, amount in zip(rated.rows.beneficiary.tolist(), rated.rows.amount.tolist(), strict=True):
                day = (promoter, today.toordinal() - datetime(1970, 1, 1).toordinal())  # noqa: DTZ001
                month = (promoter, today.year * 12 + today.month - 1)
                used_day[day] = used_day.get(day, 0) + amount
                used_month[month] = used_month.get(month, 0) + amount
            cells += self.cells(rated.rows, [order])
        return cells

    def cells(self, rows: frames.Rows, sequence: list[commission.Order] | None = None) -> list[dict[str, str]]:
        sequence = self.sequence if sequence is None else sequence
        flat = [(order, line) for order in sequence for line in order.lines]
        currency = self.world.plan["currency"]
        refunded = commission.refunded_amounts(self.world.refunds, currency)
        lines = [flat[index] for index in rows.line.tolist()]
        back = reversal_due(
            rows.amount,
            column([line.paid for _, line in lines]),
            column([refunded.get((order.id, line.number), 0) for order, line in lines]),
        )
        found = []
        for index, (order, line) in enumerate(lines):
            assert sequence[int(rows.order[index])] is order
            ppm = int(rows.ppm[index])

            def money(values: Any, index: int = index) -> str:
                return commission.decimal_text(int(values[index]), currency)

            found.append(
                {
                    "order_id": order.id,
                    "line_no": str(line.number),
                    "kind": frames.KINDS[int(rows.kind[index])],
                    "level": str(int(rows.level[index])),
                    "beneficiary_id": self.forest[int(rows.beneficiary[index])].id,
                    "rule": rows.rules[int(rows.rule[index])],
                    "base": money(rows.base),
                    "ppm": "" if ppm == frames.NONE else str(ppm),
                    "before_caps": money(rows.before_caps),
                    "amount": money(rows.amount),
                    "reversed": money(back),
                    "cut_order": money(rows.cut_order),
                    "cut_day": money(rows.cut_day),
                    "cut_month": money(rows.cut_month),
                }
            )
        return found


def expected(world: World) -> list[dict[str, str]]:
    return commission.rate(world.plan, world.promoters, world.orders, world.refunds, world.zone, world.rank_changes)


def rated(world: World) -> list[dict[str, str]]:
    asked = Asked(world)
    return asked.cells(asked.rated_together().rows)


def in_out_csv(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Without the cells that the file does not have."""
    return [{name: row[name] for name in OUT} for row in rows]


# ---- simulation, from tables


def simulation_of(world: World) -> Simulation:
    currency = world.plan["currency"]
    once = {(row["refund_id"], row["order_id"], row["line_no"]): row for row in world.refunds}
    return simulate(
        read_plan(world.plan),
        ZoneInfo(world.zone),
        table(world.orders, ORDERS, currency),
        table(world.promoters, PROMOTERS, currency),
        table(list(once.values()), REFUNDS, currency),
    )


def simulated(world: World) -> list[dict[str, str]]:
    """The cells of out.csv as the engine's simulation finds them."""
    found = []
    for row in simulation_of(world).rows.iter_rows(named=True):
        cells = {name: "" if value is None else str(value) for name, value in row.items()}
        for name in ("base", "before_caps", "amount", "reversed"):
            cells[name] = commission.decimal_text(row[name], world.plan["currency"])
        found.append(cells)
    return found


def summary_of(world: World) -> dict[str, Any]:
    return simulation_of(world).summary


def table(rows: list[dict[str, str]], columns: Any, currency: str) -> pl.DataFrame:
    return pl.DataFrame(
        {name: [typed(name, row.get(name, ""), kind, currency) for row in rows] for name, kind in columns.items()},
        schema=columns,
    )


def typed(name: str, cell: str, kind: Any, currency: str) -> str | int | None:
    if cell == "":
        return None
    if kind == pl.String:
        return cell
    if name in ("paid", "cost", "amount"):
        return commission.minor_units(cell, currency)
    if name in ("line_no", "qty"):
        return int(cell)
    return microseconds(commission.instant(cell), 0)


# ---- simulation, from files


def write_world(world: World, folder: Path, *, quoted: bool = False) -> None:
    (folder / "plan.yaml").write_text(yaml.safe_dump(world.plan, sort_keys=False, allow_unicode=True), "utf-8")
    write_csv(folder / "promoters.csv", world.promoters, list(PROMOTERS), 2, quoted)
    write_csv(folder / "orders.csv", world.orders, list(ORDERS), 10, quoted)
    write_csv(folder / "refunds.csv", world.refunds, list(REFUNDS), 5, quoted)


def write_csv(path: Path, rows: list[dict[str, str]], columns: list[str], needed: int, quoted: bool) -> None:
    """Columns after the `needed` ones are left out when nothing stands in them."""
    columns = columns[:needed] + [name for name in columns[needed:] if any(row.get(name) for row in rows)]
    text = io.StringIO()
    writer = csv.writer(
        text, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL, lineterminator="\r\n" if quoted else "\n"
    )
    writer.writerow(columns)
    writer.writerows([[row.get(name, "") for name in columns] for row in rows])
    path.write_bytes(text.getvalue().encode())


def commanded(world: World, folder: Path, *, quoted: bool = False) -> list[dict[str, str]]:
    """The rows of out.csv as the command writes them."""
    write_world(world, folder, quoted=quoted)
    simulate_command(
        plan=folder / "plan.yaml",
        orders=folder / "orders.csv",
        promoters=folder / "promoters.csv",
        refunds=folder / "refunds.csv" if world.refunds else None,
        out=folder / "out.csv",
        zone=world.zone,
    )
    with (folder / "out.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        assert reader.fieldnames == OUT
    return rows
