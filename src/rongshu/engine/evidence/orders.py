"""The bundle of an order recomputed: the rows that should be there, reversals and accruals; people are places in the chain."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo
from typing import Any

import numpy as np

from rongshu.engine.calendar import DAY, local_days, months_of_days
from rongshu.engine.evidence.difference import Difference, Malformed, micros, reading
from rongshu.engine.money import format_units, parse_units
from rongshu.engine.plan import Plan, read_plan
from rongshu.engine.rating import Lines, Orders, Promoters, rate
from rongshu.engine.rating.frames import BEGINNING, FIRST, FOREVER, I64, KINDS, NONE, REPEAT, UNKNOWN, Usage
from rongshu.engine.rating.refunds import reversal_due

FIRSTS = {"first": FIRST, "repeat": REPEAT, "unknown": UNKNOWN}
STATES = ("may_earn", "inactive", "is_buyer", "no_level")
"""What a place of the chain is said to be, by the engine's number of it."""

TRACE = ("rule", "base", "ppm", "before_caps", "cut_order", "cut_day", "cut_month", "amount")


def differences(parts: Mapping[str, Any], zone: tzinfo) -> tuple[list[Difference], int]:
    """What of a bundle's rows, reversals and accruals does not follow from its order, chain, refunds and plan; and how many
    rows were recomputed. Raises Malformed.
    """
    with reading():
        computed = recomputed(parts, zone)
        return [*_rows(parts, computed), *_reversals(parts), *_booked(parts)], len(computed)


Key = tuple[int, str, int, int]
"""(line number, kind, level, place) of a row."""


def recomputed(parts: Mapping[str, Any], zone: tzinfo) -> dict[Key, dict[str, Any]]:
    """The rows the parts compute to, with their trace, by their key."""
    if parts["plan"] is None or not parts["lines"]:
        return {}
    plan = read_plan(parts["plan"]["document"])
    currency = parts["house"]["currency"]
    orders, lines, promoters = frames(parts, plan)
    rows = rate(plan, zone, promoters, orders, lines, _used(parts, orders, zone, currency), with_chains=False).rows
    found: dict[Key, dict[str, Any]] = {}
    for at in range(len(rows)):
        units = {name: format_units(int(getattr(rows, name)[at]), currency) for name in TRACE[3:]}
        ppm = int(rows.ppm[at])
        key = (
            int(lines.line_no[rows.line[at]]), KINDS[int(rows.kind[at])], int(rows.level[at]), int(rows.beneficiary[at]) + 1,
        )  # fmt: skip
        found[key] = {
            "rule": rows.rules[int(rows.rule[at])],
            "base": format_units(int(rows.base[at]), currency),
            "ppm": None if ppm < 0 else ppm,
            **units,
        }
    return found


def frames(parts: Mapping[str, Any], plan: Plan) -> tuple[Orders, Lines, Promoters]:
    """The order, its lines and its chain as rating reads them; the promoter at place n is row n − 1."""
    order, chain, currency = parts["order"], parts["chain"], parts["house"]["currency"]
    if plan.currency != currency:
        raise Malformed("the plan pays in another currency")
    paid_at = micros(order["paid_at"])
    words = {name: _coded([order[name]]) for name in ("tier", "channel", "store", "region")}
    place = order["buyer_place"]
    orders = Orders(
        paid_at=np.array([paid_at], dtype=np.int64),
        buyer=np.array([NONE if place is None else place - 1], dtype=np.int64),
        direct=np.array([0 if chain else NONE], dtype=np.int64),
        first=np.array([FIRSTS[order["first"]]], dtype=np.int64),
        tier=words["tier"][0], channel=words["channel"][0], store=words["store"][0], region=words["region"][0],
        tiers=words["tier"][1], channels=words["channel"][1], stores=words["store"][1], regions=words["region"][1],
    )  # fmt: skip
    entries = sorted(parts["lines"], key=lambda line: line["line_no"])
    sku, skus = _coded([line["sku"] for line in entries])
    category, categories = _coded([line["category"] for line in entries])
    lines = Lines(
        order=np.zeros(len(entries), dtype=np.int64),
        line_no=np.array([line["line_no"] for line in entries], dtype=np.int64),
        sku=sku, category=category,
        qty=np.array([line["qty"] for line in entries], dtype=np.int64),
        paid=np.array([parse_units(line["paid"], currency) for line in entries], dtype=np.int64),
        cost=np.array([parse_units(line["cost"] or "0", currency) for line in entries], dtype=np.int64),
        skus=skus, categories=categories,
    )  # fmt: skip
    return orders, lines, _promoters(chain, paid_at)


def _promoters(chain: Sequence[Mapping[str, Any]], paid_at: int) -> Promoters:
    """The chain as rows that point upwards. Who was not active is active never; whole days stand for the joining."""
    rank, ranks = _coded([place["rank"] for place in chain])
    size = len(chain)
    if [place["place"] for place in chain] != list(range(1, size + 1)):
        raise Malformed("the places of the chain do not count from 1")
    inactive = np.array([STATES.index(place["state"]) == 1 for place in chain], dtype=np.bool_)
    days = [place["days"] for place in chain]
    return Promoters(
        inviter=np.array([*range(1, size), NONE][:size], dtype=np.int64),
        rank=rank,
        joined_at=np.array([BEGINNING if day is None else paid_at - day * DAY for day in days], dtype=np.int64),
        active_from=np.where(inactive, FOREVER, BEGINNING).astype(np.int64),
        active_to=np.full(size, FOREVER, dtype=np.int64),
        ranks=ranks,
    )


def _used(parts: Mapping[str, Any], orders: Orders, zone: tzinfo, currency: str) -> Usage:
    days = local_days(orders.paid_at, zone)
    day, month = int(days[0]), int(months_of_days(days)[0])
    rows = [
        (one["place"] - 1, *(parse_units(one[name], currency) for name in ("day", "month"))) for one in parts["used"]
    ]
    return Usage(
        day={(who, day): units for who, units, _ in rows}, month={(who, month): units for who, _, units in rows}
    )


def _coded(words: Sequence[str | None]) -> tuple[I64, tuple[str, ...]]:
    known: dict[str, int] = {}
    codes = [known.setdefault(word, len(known)) if word else NONE for word in words]
    return np.array(codes, dtype=np.int64), tuple(known)


def _name(key: Key) -> str:
    line_no, kind, level, place = key
    return f"line {line_no}, {kind} {level}, place {place}"


def _rows(parts: Mapping[str, Any], computed: Mapping[Key, Mapping[str, Any]]) -> Iterator[Difference]:
    said: dict[Key, Mapping[str, Any]] = {}
    for row in parts["rows"]:
        key = (row["line_no"], row["kind"], row["level"], row["place"])
        if key in said:
            yield Difference(_name(key), "row", "twice", "once")
        said[key] = row
    for key in sorted({*said, *computed}):
        if key not in computed:
            yield Difference(_name(key), "amount", said[key]["amount"], None)
        elif key not in said:
            yield Difference(_name(key), "amount", None, computed[key]["amount"])
        else:
            for name in TRACE:
                if said[key][name] != computed[key][name]:
                    yield Difference(_name(key), name, said[key][name], computed[key][name])


def _reversals(parts: Mapping[str, Any]) -> Iterator[Difference]:
    currency = parts["house"]["currency"]
    paid = {line["line_no"]: parse_units(line["paid"], currency) for line in parts["lines"]}
    refunded = dict.fromkeys(paid, 0)
    for refund in parts["refunds"]:
        refunded[refund["line_no"]] += parse_units(refund["amount"], currency)
    for row in parts["rows"]:
        line_no = row["line_no"]
        if line_no not in paid:
            yield Difference(f"row {row['row']}", "line_no", line_no, None)
            continue
        figures = ([parse_units(row["amount"], currency)], [paid[line_no]], [refunded[line_no]])
        due = format_units(int(reversal_due(*(np.array(one, dtype=np.int64) for one in figures))[0]), currency)
        if row["reversed"] != due:
            yield Difference(f"row {row['row']}", "reversed", row["reversed"], due)


def _booked(parts: Mapping[str, Any]) -> Iterator[Difference]:
    """Every row has exactly its amount accrued to its own promoter, and exactly what was reversed taken back; a row that was
    replaced is taken back whole. A proof tells the transfers of its own promoter only.
    """
    currency = parts["house"]["currency"]
    accrued: dict[tuple[int, int | None], int] = {}
    taken: dict[tuple[int, int | None], int] = {}
    for moved in parts["transfers"]:
        outwards = moved["from"]["book"] == "expense"
        sums, side = (accrued, "to") if outwards else (taken, "from")
        key = (moved["row"], moved[side]["place"])
        sums[key] = sums.get(key, 0) + parse_units(moved["amount"], currency)
    whose = parts["order"]["told_place"]
    rows = [(row, row["reversed"]) for row in parts["rows"]]
    for row, back in [*rows, *((row, row["amount"]) for row in parts["replaced"])]:
        key = (row["row"], row["place"])
        found = {"accrued": (row["amount"], accrued.pop(key, 0)), "taken_back": (back, taken.pop(key, 0))}
        if whose in (None, row["place"]):
            for name, (said, units) in found.items():
                if said != (booked := format_units(units, currency)):
                    yield Difference(f"row {row['row']}", name, said, booked)
    for name, sums in (("accrued", accrued), ("taken_back", taken)):
        for (number, place), units in sums.items():
            yield Difference(f"row {number}", name, None, f"{format_units(units, currency)}, place {place}")
