"""The ledger in plain Python: one amount at a time, every balance moved by hand.

It shares no code with the project. Besides the balances it writes down each move it makes, so that not only the sums but
every single transfer can be compared. The house is owner 0 here, whatever slot the real one chose.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

HOUSE = 0

PENDING, AVAILABLE, RESERVED, DEBT = "pending", "available", "reserved", "debt"
EXPENSE, PAID_OUT, TAX = "expense", "paid out", "tax"


class Move(NamedTuple):
    key: tuple[str, str]
    from_owner: int
    from_book: str
    to_owner: int
    to_book: str
    amount: int
    order: str
    """The order it is about, or ""."""
    row: int


class TakenBack(NamedTuple):
    """A part of a refund: so much of one commission."""

    key: tuple[str, str]
    order: str
    row: int
    owner: int
    amount: int
    released: bool


@dataclass
class Ledger:
    balances: dict[tuple[int, str], int] = field(default_factory=dict)
    keys: dict[tuple[str, str], object] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)

    def of(self, owner: int, book: str) -> int:
        return self.balances.get((owner, book), 0)

    def claim(self, kind: str, ref: str, content: object) -> str:
        """`fresh`, `same` (done before) or `other` (used for something else)."""
        if (kind, ref) not in self.keys:
            self.keys[kind, ref] = content
            return "fresh"
        return "same" if self.keys[kind, ref] == content else "other"

    def move(
        self,
        key: tuple[str, str],
        source: tuple[int, str],
        target: tuple[int, str],
        amount: int,
        order: str = "",
        row: int = 0,
    ) -> None:
        if amount:
            self.balances[source] = self.balances.get(source, 0) - amount
            self.balances[target] = self.balances.get(target, 0) + amount
            self.moves.append(Move(key, *source, *target, amount, order, row))

    # ---- commissions

    def accrue(self, order: str, row: int, owner: int, amount: int) -> None:
        self.move(("order", order), (HOUSE, EXPENSE), (owner, PENDING), amount, order, row)

    def release(self, key: tuple[str, str], sums: dict[int, int]) -> None:
        for owner, amount in sums.items():
            self.move(key, (owner, PENDING), (owner, AVAILABLE), amount)
        for owner in sums:
            self.settle_debt(key, owner)

    def settle_debt(self, key: tuple[str, str], owner: int) -> None:
        self.move(key, (owner, AVAILABLE), (owner, DEBT), min(self.of(owner, AVAILABLE), -self.of(owner, DEBT)))

    def take_back(self, parts: Sequence[TakenBack]) -> None:
        for key, order, row, owner, amount, released in parts:
            if not released:
                self.move(key, (owner, PENDING), (HOUSE, EXPENSE), amount, order, row)
                continue
            there = min(amount, self.of(owner, AVAILABLE))
            self.move(key, (owner, AVAILABLE), (HOUSE, EXPENSE), there, order, row)
            self.move(key, (owner, DEBT), (HOUSE, EXPENSE), amount - there, order, row)

    # ---- withdrawals

    def reserve(self, ref: str, owner: int, amount: int) -> str:
        if amount < 1:
            return "bad_amount"
        known = self.keys.get(("reserve", ref))
        if known is not None:
            return "same" if known == (owner, amount) else "key_reused"
        if amount > self.of(owner, AVAILABLE):
            return "not_enough"
        self.keys["reserve", ref] = (owner, amount)
        self.move(("reserve", ref), (owner, AVAILABLE), (owner, RESERVED), amount)
        return "done"

    def pay(self, ref: str, owner: int, amount: int, tax: int) -> str:
        outcome = self.claim("withdrawal", ref, ("paid", owner, amount, tax))
        if outcome == "fresh":
            self.move(("withdrawal", ref), (owner, RESERVED), (HOUSE, PAID_OUT), amount - tax)
            self.move(("withdrawal", ref), (owner, RESERVED), (HOUSE, TAX), tax)
        return {"fresh": "done", "other": "key_reused"}.get(outcome, outcome)

    def give_back(self, ref: str, owner: int, amount: int) -> str:
        outcome = self.claim("withdrawal", ref, ("back", owner, amount))
        if outcome == "fresh":
            self.move(("withdrawal", ref), (owner, RESERVED), (owner, AVAILABLE), amount)
            self.settle_debt(("withdrawal", ref), owner)
        return {"fresh": "done", "other": "key_reused"}.get(outcome, outcome)
