"""One tenant's ledger, driven step by step beside the plain one and compared with it after every step.

A trial is one transaction that is thrown away. What happens is decided by dice, so that a seed and Hypothesis can both play.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Self

import numpy as np
from django.db import IntegrityError, connection, transaction

from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger import actions, queries
from tests.ledger.reference import (
    AVAILABLE,
    DEBT,
    EXPENSE,
    HOUSE,
    PAID_OUT,
    PENDING,
    RESERVED,
    TAX,
    Ledger,
    Move,
    TakenBack,
)  # fmt: skip
from tests.reference.generators import Dice, RandomDice, chance, choose, shuffled, some

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BOOKS = {101: PENDING, 102: AVAILABLE, 103: RESERVED, 104: DEBT, 151: EXPENSE, 152: PAID_OUT, 153: TAX}
AMOUNTS = (100, 0, 1, 3, 7, 10, 50, 50, 60, 60, 99, 101)

BALANCES = """
    SELECT owner, book, amount, 0 FROM ledger_balance WHERE tenant_id = %(tenant)s
    UNION ALL SELECT owner, 101, sum(delta), 0 FROM (
        SELECT cr_owner AS owner, amount AS delta FROM ledger_transfer WHERE tenant_id = %(tenant)s AND cr_book = 101
        UNION ALL SELECT dr_owner, -amount FROM ledger_transfer WHERE tenant_id = %(tenant)s AND dr_book = 101) p
        GROUP BY owner
    UNION ALL SELECT 0, 0, 0, count(*) FROM ledger_transfer WHERE tenant_id = %(tenant)s
"""


class DifferenceError(AssertionError):
    """The ledger and the plain ledger do not say the same."""


def demand(found: object, expected: object, what: str) -> None:
    if found != expected:
        raise DifferenceError(f"{what}: found {found!r}, expected {expected!r}")


def array(values: Sequence[int]) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@dataclass
class Row:
    """One commission of an order, as the caller of the ledger keeps it."""

    order: str
    number: int
    owner: int
    amount: int
    reversed: int = 0
    released: bool = False

    @property
    def rest(self) -> int:
        return self.amount - self.reversed


class LedgerTrial:
    """Every public method whose name is in STEPS is a step; `check` compares."""

    STEPS = (
        "accrue", "accrue", "accrue", "release", "release", "release", "take_back", "take_back", "take_back",
        "reserve", "reserve", "reserve", "pay", "give_back", "too_much",
    )  # fmt: skip

    def __init__(self) -> None:
        self.plain = Ledger()
        self.tenant = new_id()
        self.owners = [1, *new_ids(2).tolist()]
        self.rows: dict[str, list[Row]] = {}
        self.ids: dict[tuple[str, str], int] = {}
        self.refunds: dict[str, list[tuple[Row, int]]] = {}
        self.releases: list[str] = []
        self.withdrawals: dict[str, tuple[int, int]] = {}
        self.ended: set[str] = set()
        self.checked = 0
        self.steps = 0

    def __enter__(self) -> Self:
        self.stack = ExitStack()
        self.stack.enter_context(tenant_scope(self.tenant))
        return self

    def __exit__(self, *_: object) -> None:
        transaction.set_rollback(True)
        self.stack.close()

    # ---- keys

    def name(self, dice: Dice, letter: str) -> str:
        """New names, not in the sequence of their making."""
        return f"{letter}{dice.between(0, 9)}-{len(self.plain.keys)}-{dice.between(0, 10**6)}"

    def claim(self, kind: str, contents: dict[str, str]) -> list[str]:
        """Claims keys in the real ledger and in the plain one; the refs that are new."""
        refs = list(contents)
        made = new_ids(len(refs))
        claims = actions.claim(kind, refs, [contents[ref].encode() for ref in refs], made)
        expected = [self.plain.claim(kind, ref, contents[ref]) for ref in refs]
        found = [
            "fresh" if fresh else "same" if same else "other"
            for fresh, same in zip(claims.fresh, claims.same, strict=True)
        ]
        demand(found, expected, f"claims of {kind}")
        for ref, identifier, outcome, own in zip(refs, claims.ids.tolist(), found, made.tolist(), strict=True):
            if outcome == "fresh":
                self.ids[kind, ref] = own
            demand(identifier, self.ids[kind, ref], f"id of {kind} {ref}")
        return [ref for ref, outcome in zip(refs, found, strict=True) if outcome == "fresh"]

    # ---- steps

    def accrue(self, dice: Dice) -> None:
        """Orders come in, several at once, some of them again, some of those changed."""
        contents: dict[str, str] = {}
        fresh: dict[str, list[Row]] = {}
        for _ in range(dice.between(1, 3)):
            ref = self.name(dice, "o")
            fresh[ref] = [
                Row(ref, number, choose(dice, self.owners), choose(dice, AMOUNTS))
                for number in range(1, dice.between(1, 4) + 1)
            ]
            contents[ref] = repr([(row.owner, row.amount) for row in fresh[ref]])
        if self.rows and chance(dice, 40):
            for again in some(dice, sorted(self.rows), 1, 2):
                content = str(self.plain.keys["order", again])
                contents[again] = content + " " if chance(dice, 40) else content
        refs = shuffled(dice, sorted(contents))
        chosen = self.claim("order", {ref: contents[ref] for ref in refs})
        rows = [row for ref in chosen for row in fresh.get(ref, [])]
        for row in rows:
            self.rows.setdefault(row.order, []).append(row)
            self.plain.accrue(row.order, row.number, row.owner, row.amount)
        actions.accrue(
            orders=array([self.ids["order", row.order] for row in rows]),
            rows=array([row.number for row in rows]),
            owners=array([row.owner for row in rows]),
            amounts=array([row.amount for row in rows]),
            now=NOW,
        )

    def release(self, dice: Dice) -> None:
        """The job: some of what is pending, one sum an owner, owners in any sequence; or the same job again."""
        if self.releases and chance(dice, 20):
            again = choose(dice, self.releases)
            demand(self.claim("release", {again: "x" if chance(dice, 30) else ""}), [], "a release done again")
            return
        pending = [row for rows in self.rows.values() for row in rows if not row.released]
        if not pending:
            self.accrue(dice)
            return
        chosen = pending if chance(dice, 20) else some(dice, pending, 1, min(3, len(pending)))
        sums: dict[int, int] = {}
        for row in chosen:
            row.released = True
            if row.rest:
                sums[row.owner] = sums.get(row.owner, 0) + row.rest
        ref = self.name(dice, "l")
        self.claim("release", {ref: ""})
        self.releases.append(ref)
        owners = shuffled(dice, sorted(sums))
        self.plain.release(("release", ref), {owner: sums[owner] for owner in owners})
        if owners:
            actions.release(
                journal=self.ids["release", ref],
                owners=array(owners),
                amounts=array([sums[owner] for owner in owners]),
                now=NOW,
            )

    def take_back(self, dice: Dice) -> None:
        """Refunds, several at once and of several rows each, whole or in part, released or not, some of them again."""
        contents: dict[str, str] = {}
        fresh: dict[str, list[tuple[Row, int]]] = {}
        left = {id(row): row.rest for rows in self.rows.values() for row in rows}
        for _ in range(dice.between(1, 3)):
            open_rows = [row for rows in self.rows.values() for row in rows if left[id(row)]]
            if chance(dice, 75):  # what was released is where available and debt meet, most of all where little is left
                open_rows = [row for row in open_rows if row.released] or open_rows
                if chance(dice, 50):
                    open_rows = [
                        row for row in open_rows if self.plain.of(row.owner, AVAILABLE) < row.rest
                    ] or open_rows
            if not open_rows:
                break
            ref = self.name(dice, "r")
            fresh[ref] = []
            for row in some(dice, open_rows, 1, min(6, len(open_rows))):
                taken = left[id(row)] if chance(dice, 55) else dice.between(1, left[id(row)])
                left[id(row)] -= taken
                fresh[ref].append((row, taken))
            contents[ref] = repr([(row.order, row.number, taken) for row, taken in fresh[ref]])
        if self.refunds and chance(dice, 40):
            again = choose(dice, sorted(self.refunds))
            content = str(self.plain.keys["refund", again])
            contents[again] = content + " " if chance(dice, 40) else content
        if not contents:
            self.accrue(dice)
            return
        refs = shuffled(dice, sorted(contents))
        chosen = self.claim("refund", {ref: contents[ref] for ref in refs})
        parts = []
        for ref in chosen:
            self.refunds[ref] = fresh.get(ref, [])
            for row, taken in self.refunds[ref]:
                row.reversed += taken
                parts.append(TakenBack(("refund", ref), row.order, row.number, row.owner, taken, row.released))
        self.plain.take_back(parts)
        if parts:
            actions.reverse(
                journals=array([self.ids[part.key] for part in parts]),
                lines=np.arange(len(parts), dtype=np.int64) * 2 + 2,
                owners=array([part.owner for part in parts]),
                amounts=array([part.amount for part in parts]),
                pending=~np.array([part.released for part in parts]),
                about=array([self.ids["order", part.order] for part in parts]),
                about_rows=array([part.row for part in parts]),
                now=NOW,
            )

    def outcome(self, call: Callable[..., bool], **arguments: Any) -> str:
        try:
            return "done" if call(now=NOW, **arguments) else "same"
        except Refusal as refusal:
            return refusal.code

    def reserve(self, dice: Dice) -> None:
        """A withdrawal begins: with what is there, about that much or far more; or the same once more, or changed."""
        rich = [owner for owner in self.owners if self.plain.of(owner, AVAILABLE)]
        if not rich and chance(dice, 80):
            self.release(dice)
            return
        owner = choose(dice, rich or self.owners)
        there = self.plain.of(owner, AVAILABLE)
        if self.withdrawals and chance(dice, 25):
            ref = choose(dice, sorted(self.withdrawals))
            owner, amount = self.withdrawals[ref]
            if chance(dice, 50):
                amount += choose(dice, (1, -1))
        else:
            ref = self.name(dice, "w")
            amount = choose(dice, (there, there, there, there // 2, there + 1, 1, 0, -1))
        expected = self.plain.reserve(ref, owner, amount)
        demand(self.outcome(actions.reserve, ref=ref, owner=owner, amount=amount), expected, f"reserve {ref}")
        if expected == "done":
            self.withdrawals[ref] = (owner, amount)

    def a_withdrawal(self, dice: Dice) -> tuple[str, int, int] | None:
        """One that is open; less often one that has ended."""
        still = sorted(set(self.withdrawals) - self.ended)
        if self.ended and (not still or chance(dice, 25)):
            ref = choose(dice, sorted(self.ended))
        elif still:
            ref = choose(dice, still)
        else:
            return None
        return ref, *self.withdrawals[ref]

    def pay(self, dice: Dice) -> None:
        chosen = self.a_withdrawal(dice)
        if chosen is None:
            self.reserve(dice)
            return
        ref, owner, amount = chosen
        tax = choose(dice, (amount // 5, amount // 3, 0, amount, 1))
        self.ended.add(ref)
        expected = self.plain.pay(ref, owner, amount, tax)
        demand(self.outcome(actions.pay_reserved, ref=ref, owner=owner, amount=amount, tax=tax), expected, f"pay {ref}")

    def give_back(self, dice: Dice) -> None:
        chosen = self.a_withdrawal(dice)
        if chosen is None:
            self.reserve(dice)
            return
        ref, owner, amount = chosen
        if ref in self.ended and chance(dice, 20):
            amount += 1
        self.ended.add(ref)
        expected = self.plain.give_back(ref, owner, amount)
        demand(self.outcome(actions.give_back, ref=ref, owner=owner, amount=amount), expected, f"give back {ref}")

    def too_much(self, dice: Dice) -> None:
        """A caller gone wrong wants more to leave than is reserved, under a key never reserved: refused, nothing moves."""
        owner = choose(dice, self.owners)
        reserved = self.plain.of(owner, RESERVED)
        try:
            with transaction.atomic():
                actions.pay_reserved(ref=self.name(dice, "x"), owner=owner, amount=reserved + 1, tax=0, now=NOW)
        except (IntegrityError, Refusal):
            return
        raise DifferenceError(f"{reserved + 1} of {reserved} reserved were paid")

    # ---- comparison

    def check(self) -> None:
        """Every balance, and every transfer made since the last time."""
        with connection.cursor() as cursor:
            cursor.execute(BALANCES, {"tenant": self.tenant})
            found: dict[tuple[int, str], int] = {}
            transfers = 0
            for owner, book, amount, count in cursor.fetchall():
                if count or not book:
                    transfers = count
                    continue
                if owner < -15:
                    raise DifferenceError(f"{owner} is no owner")
                place = (owner if owner > 0 else HOUSE, BOOKS[book])
                found[place] = found.get(place, 0) + int(amount)
            expected = {place: amount for place, amount in self.plain.balances.items() if amount}
            demand({place: amount for place, amount in found.items() if amount}, expected, "balances")
            demand(transfers, len(self.plain.moves), "number of transfers")
            news = self.plain.moves[self.checked :]
            if not news:
                return
            ids = {self.key_id(move.key): move.key for move in news}
            orders = {self.ids["order", move.order]: move.order for move in news if move.order}
            cursor.execute(
                "SELECT journal, dr_owner, dr_book, cr_owner, cr_book, amount, about, about_row FROM ledger_transfer "
                "WHERE tenant_id = %s AND journal = ANY (%s)",
                [self.tenant, list(ids)],
            )
            moves = [
                Move(
                    ids[journal],
                    max(dr, 0),
                    BOOKS[dr_book],
                    max(cr, 0),
                    BOOKS[cr_book],
                    amount,
                    orders.get(about, ""),
                    row,
                )
                for journal, dr, dr_book, cr, cr_book, amount, about, row in cursor.fetchall()
            ]
            demand(sorted(moves), sorted(news), "transfers")
            self.checked = len(self.plain.moves)

    def key_id(self, key: tuple[str, str]) -> int:
        if key not in self.ids:
            self.ids[key] = queries.journal_id(*key) or 0
        return self.ids[key]

    def finish(self) -> None:
        for finding in queries.invariants():
            demand(finding.differences, 0, f"{finding.name} {finding.examples}")
        standing = queries.standings_of(self.owners)
        for owner in self.owners:
            own = standing[owner]
            expected = tuple(self.plain.of(owner, book) for book in (AVAILABLE, RESERVED, DEBT))
            demand((own.available, own.reserved, own.debt), expected, f"standing of {owner}")

    def step(self, dice: Dice) -> None:
        getattr(self, choose(dice, self.STEPS))(dice)
        self.steps += 1
        self.check()


def run_ledger(seed: int, steps: int) -> int:
    """One seeded trial; how many steps. Raises what it finds."""
    dice = RandomDice(seed)
    with LedgerTrial() as trial:
        for _ in range(steps):
            trial.step(dice)
        trial.finish()
        return trial.steps
