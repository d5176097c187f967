"""The bundle of a period's reward recomputed: own sales from the orders, what the rule makes of them, every run, every transfer.

What the file cannot prove are the statements it starts from: which orders there were, whether somebody was active, which
rank was held, what the whole house sold. Of a pool it tells how many share it and what they weigh together, committed to by the root
of `weights`; and how many come before the promoter where units are left over, which decides about one minor unit at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, tzinfo
from typing import Any, cast, get_args

import numpy as np

from rongshu.engine.calendar import day_number
from rongshu.engine.evidence.difference import Difference, Malformed, micros, reading
from rongshu.engine.evidence.weights import Node, Sibling, climbed, leaf
from rongshu.engine.money import format_units, parse_units
from rongshu.engine.periods import Length, fund_of, net_bases, period_of, steps_due
from rongshu.engine.plan import Plan, read_plan
from rongshu.engine.plan.model import Pool, Steps
from rongshu.engine.rating import Lines
from rongshu.engine.rating.frames import NONE

COUNTS = "counts"
SALES = (COUNTS, "own_purchase", "buyer_earns", "inactive")
"""Whether an order counts for own sales, or why it does not: bought oneself, bought by a promoter whose own sale it is, not
active when it was paid."""


def differences(parts: Mapping[str, Any], zone: tzinfo) -> tuple[list[Difference], int]:
    """What of a bundle's figures, runs and transfers does not follow from its orders and its plan; and how many order lines and
    runs were recomputed. Raises Malformed.
    """
    with reading():
        bundle = _Bundle(parts)
        return list(bundle.found(zone)), sum(len(one["lines"]) for one in parts["sales"]) + len(parts["runs"])


class _Bundle:
    def __init__(self, parts: Mapping[str, Any]) -> None:
        self.parts = parts
        self.currency: str = parts["house"]["currency"]
        self.figures: Mapping[str, Any] = parts["figures"]
        self.plan: Plan = read_plan(parts["plan"]["document"])
        period = parts["period"]
        rules: tuple[Steps | Pool, ...] = self.plan.steps if period["kind"] == "steps" else self.plan.pools
        self.rule = next((one for one in rules if one.id == period["rule"]), None)
        if self.rule is None:
            raise Malformed(f"the plan has no {period['kind']} {period['rule']}")
        if self.plan.currency != self.currency:
            raise Malformed("the plan pays in another currency")
        self.equal = isinstance(self.rule, Pool) and self.rule.split == "equal"

    def units(self, text: str) -> int:
        return parse_units(text, self.currency)

    def money(self, units: int) -> str:
        return format_units(units, self.currency)

    def weight(self, said: Any) -> int:
        """Own sales in money; where a pool is split equally, a number."""
        found = said if self.equal else self.units(said)
        if not isinstance(found, int) or isinstance(found, bool) or found < 0:
            raise Malformed(f"{said} is no weight")
        return found

    def found(self, zone: tzinfo) -> Iterator[Difference]:
        yield from self._period(zone)
        own = self._own_sales()
        yield from self._same("figures", "own_sales", self.figures["own_sales"], self.money(own))
        due = yield from self._due(own)
        yield from self._same("figures", "due", self.figures["due"], self.money(due))
        yield from self._runs(due)
        yield from self._booked()

    def _same(self, where: str, field: str, said: Any, computed: Any) -> Iterator[Difference]:
        if said != computed or type(said) is not type(computed):
            yield Difference(where, field, said, computed)

    def _period(self, zone: tzinfo) -> Iterator[Difference]:
        said = self.parts["period"]
        if said["length"] not in get_args(Length):
            raise Malformed(f"{said['length']} is no length of a period")
        assert self.rule is not None
        yield from self._same("period", "length", said["length"], self.rule.period)
        period = period_of(day_number(date.fromisoformat(said["first_day"])), cast(Length, said["length"]))
        yield from self._same("period", "first_day", said["first_day"], period.first_day.isoformat())
        yield from self._same("period", "name", said["name"], period.name)
        since, until = period.bounds(zone)
        yield from self._same("period", "starts_at", micros(said["starts_at"]), since)
        yield from self._same("period", "ends_at", micros(said["ends_at"]), until)
        seen: set[str] = set()
        for one in self.parts["sales"]:
            if not since <= micros(one["paid_at"]) < until:
                yield Difference(f"order {one['external_id']}", "paid_at", one["paid_at"], "within the period")
            if one["order"] in seen:
                yield Difference(f"order {one['external_id']}", "order", "twice", "once")
            seen.add(one["order"])

    def _own_sales(self) -> int:
        for one in self.parts["sales"]:
            if one["state"] not in SALES:
                raise Malformed(f"{one['state']} is no state of a sale")
        entries = [line for one in self.parts["sales"] if one["state"] == COUNTS for line in one["lines"]]
        if not entries:
            return 0

        def column(values: list[int]) -> Any:
            return np.array(values, dtype=np.int64)

        nothing = np.full(len(entries), NONE, dtype=np.int64)
        lines = Lines(
            order=np.zeros(len(entries), dtype=np.int64),
            line_no=column([line["line_no"] for line in entries]),
            sku=nothing, category=nothing,
            qty=column([line["qty"] for line in entries]),
            paid=column([self.units(line["paid"]) for line in entries]),
            cost=column([self.units(line["cost"] or "0") for line in entries]),
            skus=(), categories=(),
        )  # fmt: skip
        return int(net_bases(self.plan, lines, column([self.units(line["refunded"]) for line in entries])).sum())

    def _due(self, own: int) -> Any:
        """What the rule makes of own sales as they are now, in minor units; yields what differs on the way."""
        rule, figures = self.rule, self.figures
        if isinstance(rule, Steps):
            return int(steps_due(rule.bands, rule.apply, np.array([own], dtype=np.int64))[0])
        assert rule is not None
        yield from self._same(
            "figures", "fund", figures["fund"], self.money(fund_of(rule, self.units(figures["base"])))
        )
        held = rule.eligible.rank is None or figures["rank"] in rule.eligible.rank
        shares = figures["active"] is True and held
        weight = 0 if not shares else 1 if rule.split == "equal" else own
        yield from self._same("figures", "weight", figures["weight"], weight if self.equal else self.money(weight))
        together, fund = self.weight(figures["weights"]), self.units(figures["fund"])
        if together < weight:
            yield Difference("figures", "weights", figures["weights"], "at least the own weight")
            return 0
        if shares:
            yield from self._committed(weight, together)
        if not weight or not together:
            return 0
        rest, before = figures["rest"], figures["before"]
        if self.equal:
            yield from self._same("figures", "rest", rest, fund % together)
        whole, over = divmod(weight * fund, together)
        return whole + (1 if over and 0 <= before < rest else 0)

    def _committed(self, weight: int, together: int) -> Iterator[Difference]:
        """Where a pool is shared by sales: whether the own weight is in the sum that is the same for everybody."""
        if self.equal:
            return
        path = [
            Sibling(Node(bytes.fromhex(one["hash"]), self.units(one["sum"])), one["side"] == "left")
            for one in self.figures["path"]
        ]
        root = climbed(leaf(bytes.fromhex(self.figures["nonce"]), weight), path)
        yield from self._same("figures", "root", self.figures["root"], root.digest.hex())
        yield from self._same("figures", "weights", self.figures["weights"], self.money(root.total))

    def _runs(self, due: int) -> Iterator[Difference]:
        """Every run brings what was paid to what its own figures make; what is still open is what the sales make other now."""
        paid = 0
        for number, run in enumerate(self.parts["runs"], 1):
            where = f"run {number}"
            if number > 1:
                yield from self._same(where, "adjusts", run["adjusts"], True)
            amount = self.units(run["amount"])
            least, most = self._made(run)
            if not least - paid <= amount <= most - paid:
                yield Difference(where, "amount", run["amount"], self.money(least - paid))
            if isinstance(self.rule, Pool):
                fund = fund_of(self.rule, self.units(run["base"]))
                yield from self._same(where, "fund", run["fund"], self.money(fund))
            paid += amount
        yield from self._same("figures", "paid", self.figures["paid"], self.money(paid))
        yield from self._same("figures", "open", self.figures["open"], self.money(due - paid))

    def _made(self, run: Mapping[str, Any]) -> tuple[int, int]:
        """What a run made of its metric: exactly for steps, for a pool to the unit that may be left over."""
        metric = self.weight(run["metric"])
        if isinstance(self.rule, Steps):
            due = int(steps_due(self.rule.bands, self.rule.apply, np.array([metric], dtype=np.int64))[0])
            return due, due
        together = self.weight(run["weights"])
        if not metric or not together:
            return 0, 0
        least, over = divmod(metric * self.units(run["fund"]), together)
        return least, least + (1 if over else 0)

    def _booked(self) -> Iterator[Difference]:
        """The ledger moved for each run exactly its amount."""
        moved: dict[str, int] = {}
        for one in self.parts["transfers"]:
            if one["from"] == "expense":
                moved[one["journal"]] = moved.get(one["journal"], 0) + self.units(one["amount"])
            elif one["to"] == "expense":
                moved[one["journal"]] = moved.get(one["journal"], 0) - self.units(one["amount"])
        for number, run in enumerate(self.parts["runs"], 1):
            booked = self.money(moved.pop(run["journal"], 0))
            yield from self._same(f"run {number}", "booked", run["amount"], booked)
        for journal, units in moved.items():
            yield Difference(f"journal {journal}", "booked", None, self.money(units))
