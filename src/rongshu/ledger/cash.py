"""Money at the providers: brought there, charged, written off there, and payments that came back after they had arrived."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import transaction

from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_ids
from rongshu.ledger.actions import Payment, Transfers, claim, hold, post, sweep_debts
from rongshu.ledger.books import Book, house_slot

OTHER_SIDES = (Book.OWN, Book.CHARGE, Book.LOSS)


@dataclass(frozen=True, slots=True)
class CashMove:
    """Once per `ref`: above 0 what the deposit gains from `other`, below 0 what it loses to it. Minor units, never 0."""

    ref: str
    other: Book
    """One of OTHER_SIDES."""
    amount: int


def move_cash(*, moves: Sequence[CashMove], now: datetime) -> int:
    """Posts what came to or left the deposits at providers, one transfer each; how many were not posted before.

    Raises `conflict` when a `ref` (unique within a call) was used for something else, `invalid` for an amount of 0. Then none is posted.
    """
    if any(one.amount == 0 or one.other not in OTHER_SIDES for one in moves):
        raise invalid("bad_amount", "The amount must not be 0.", at="amount")
    if not moves:
        return 0
    with transaction.atomic():
        contents = [f"{int(one.other)} {one.amount}".encode() for one in moves]
        claims = claim("cash", [one.ref for one in moves], contents, new_ids(len(moves)))
        _check_same(claims.same, [one.ref for one in moves])
        new = np.flatnonzero(claims.fresh)
        if not len(new):
            return 0
        amounts = np.array([moves[i].amount for i in new.tolist()], dtype=np.int64)
        others = np.array([int(moves[i].other) for i in new.tolist()], dtype=np.int64)
        gains, deposit = amounts > 0, int(Book.DEPOSIT)
        post(
            _between(
                claims.ids[new], 1, np.where(gains, others, deposit), np.where(gains, deposit, others), np.abs(amounts)
            ),
            now=now,
        )
    return len(new)


def _check_same(same: np.ndarray, refs: Sequence[str]) -> None:
    if not same.all():
        ref = refs[int(np.flatnonzero(~same)[0])]
        raise conflict("key_reused", "%(ref)s was already used for something else; nothing was changed.", ref=ref)


def _between(journals: np.ndarray, line: int, debit: np.ndarray, credit: np.ndarray, amounts: np.ndarray) -> Transfers:
    """Transfers between two books of the house, one a journal."""
    size = len(amounts)
    house, none = np.full(size, house_slot(int(journals[0])), dtype=np.int64), np.zeros(size, dtype=np.int64)
    return Transfers(
        journals, np.full(size, line, dtype=np.int64), house, debit, house, credit, amounts, none, none
    )  # fmt: skip


def take_back_paid(*, payments: Sequence[Payment], now: datetime) -> int:
    """Payments that had arrived came back: paid out, tax and fee → available, where debts are settled first; how many were not done before.

    Raises `conflict` when one was not paid exactly so. A payment comes back once.
    """
    if not payments:
        return 0
    with transaction.atomic():
        refs = [one.ref for one in payments]
        contents = [
            f"paid {one.owner} {one.amount} {one.tax}{f' {one.fee}' if one.fee else ''}".encode() for one in payments
        ]
        paid = claim("withdrawal", refs, contents, new_ids(len(payments)))
        if paid.fresh.any():
            raise conflict(
                "not_paid",
                "%(ref)s was never paid; nothing was changed.",
                ref=refs[int(np.flatnonzero(paid.fresh)[0])],
            )
        _check_same(paid.same, refs)
        claims = claim("withdrawal_back", refs, contents, new_ids(len(payments)))
        _check_same(claims.same, refs)
        new = np.flatnonzero(claims.fresh)
        if not len(new):
            return 0
        owners, amounts, taxes, fees = (
            np.array([getattr(payments[i], name) for i in new.tolist()], dtype=np.int64)
            for name in ("owner", "amount", "tax", "fee")
        )
        journals = claims.ids[new]
        people = np.unique(owners)
        hold(people, (Book.AVAILABLE, Book.DEBT))
        house, none = np.full(len(new), house_slot(int(journals[0])), dtype=np.int64), np.zeros(len(new), np.int64)
        for line, book, part in (
            (1, Book.PAID_OUT, amounts - taxes - fees),
            (2, Book.TAX, taxes),
            (3, Book.FEE, fees),
        ):
            lines, from_book, available = (
                np.full(len(new), number, dtype=np.int64) for number in (line, int(book), int(Book.AVAILABLE))
            )
            post(Transfers(journals, lines, house, from_book, owners, available, part, none, none), now=now)
        sweep_debts(journal=int(journals[0]), owners=people, now=now, line=4)
    return len(new)


__all__ = ["OTHER_SIDES", "CashMove", "move_cash", "take_back_paid"]
