"""Attribution recomputed order by order, from the meaning of the policy alone: no array, nothing of the engine's."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

KINDS = ("view", "click", "scan", "entry", "store")


@dataclass(frozen=True)
class Touch:
    subject: str
    promoter: str
    at: datetime
    kind: str


@dataclass(frozen=True)
class Order:
    subject: str | None
    at: datetime
    code: str | None = None
    store: str | None = None


@dataclass
class Bond:
    holder: str
    since: datetime
    until: datetime | None


@dataclass
class Rules:
    methods: tuple[str, ...]
    touch: str
    windows: dict[str, int]
    bond_by: tuple[str, ...]
    bond_at_touch: bool
    bond_days: int
    bond_extends: bool
    code_moves_bond: bool
    self_credit: bool


@dataclass
class House:
    """`active` tells from when until when (excluded, None for ever) each promoter may be credited."""

    rules: Rules
    active: dict[str, tuple[datetime, datetime | None]]
    touches: list[Touch]
    bonds: dict[str, Bond] = field(default_factory=dict)

    def may(self, who: str, at: datetime) -> bool:
        since, until = self.active[who]
        return since <= at and (until is None or at < until)

    def lasting(self, at: datetime) -> datetime | None:
        return at + timedelta(days=self.rules.bond_days) if self.rules.bond_days else None

    def bond_of(self, who: str, at: datetime) -> Bond | None:
        bond = self.bonds.get(who)
        if bond is None or (bond.until is not None and bond.until <= at) or not self.may(bond.holder, at):
            return None
        return bond

    def counting(self) -> list[Touch]:
        """Touches that may count at all, in the sequence in which they happened."""
        kept = [one for one in self.touches if one.kind in self.rules.windows and self.may(one.promoter, one.at)]
        return sorted(kept, key=lambda one: one.at)

    def replay(self, orders: list[Order]) -> list[tuple[str | None, str | None]]:
        """Who each order is credited to, and by which method; orders in the sequence given count as later at one instant."""
        events: list[tuple[datetime, int, int, Touch | Order]] = []
        if self.rules.bond_at_touch:
            events += [(one.at, 0, place, one) for place, one in enumerate(self.counting())]
        events += [(one.at, 1, place, one) for place, one in enumerate(orders)]
        found: dict[int, tuple[str | None, str | None]] = {}
        for at, _, place, one in sorted(events, key=lambda event: event[:3]):
            if isinstance(one, Order):
                found[place] = self.order(one)
            elif self.bond_of(one.subject, at) is None:
                self.bonds[one.subject] = Bond(one.promoter, at, self.lasting(at))
        return [found[place] for place in range(len(orders))]

    def order(self, order: Order) -> tuple[str | None, str | None]:
        who, at = order.subject, order.at
        bond = self.bond_of(who, at) if who else None
        candidates = {
            "code": order.code, "store": order.store, "bond": bond.holder if bond else None,
            "touch": self.touched(who, at) if who else None,
        }  # fmt: skip
        for method in self.rules.methods:
            name = candidates[method]
            if name is None or not self.may(name, at) or (name == who and not self.rules.self_credit):
                continue
            if who:
                self.settle(who, at, name, method, bond)
            return name, method
        return None, None

    def touched(self, who: str, at: datetime) -> str | None:
        inside = [
            one
            for one in self.counting()
            if one.subject == who and one.at <= at and one.at >= at - timedelta(days=self.rules.windows[one.kind])
        ]
        if not inside:
            return None
        return inside[-1 if self.rules.touch == "last" else 0].promoter

    def settle(self, who: str, at: datetime, name: str, method: str, bond: Bond | None) -> None:
        if bond is None:
            if method in self.rules.bond_by:
                self.bonds[who] = Bond(name, at, self.lasting(at))
        elif bond.holder == name:
            if self.rules.bond_extends:
                bond.until = self.lasting(at)
        elif method == "code" and self.rules.code_moves_bond:
            self.bonds[who] = Bond(name, at, self.lasting(at))
