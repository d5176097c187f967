"""Money at the providers in the ledger: posted once each, between books of the house only."""

from __future__ import annotations

from datetime import datetime

import pytest

from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.ledger.books import Book
from rongshu.ledger.cash import CashMove, move_cash
from rongshu.ledger.queries import book_totals, invariants


def totals() -> dict[Book, int]:
    return {total.book: total.amount for total in book_totals()}


def test_what_comes_and_goes_is_posted_once(tenant: int, now: datetime) -> None:
    moves = [CashMove("a", Book.OWN, 100_00), CashMove("b", Book.CHARGE, -1_50), CashMove("c", Book.LOSS, -7)]
    with tenant_scope(tenant):
        assert move_cash(moves=moves, now=now) == 3
        assert move_cash(moves=moves, now=now) == 0
        assert totals() == {Book.DEPOSIT: 98_43, Book.OWN: -100_00, Book.CHARGE: 1_50, Book.LOSS: 7}
        assert move_cash(moves=[CashMove("d", Book.LOSS, 7)], now=now) == 1
        assert totals()[Book.LOSS] == 0
        assert all(found.differences == 0 for found in invariants())


@pytest.mark.parametrize(
    "wrong",
    [
        CashMove("a", Book.OWN, 1),
        CashMove("a", Book.CHARGE, 100),
        CashMove("x", Book.OWN, 0),
        CashMove("y", Book.TAX, 1),
    ],
)
def test_what_does_not_fit_posts_nothing(tenant: int, now: datetime, wrong: CashMove) -> None:
    with tenant_scope(tenant):
        move_cash(moves=[CashMove("a", Book.OWN, 100)], now=now)
        with pytest.raises(Refusal):
            move_cash(moves=[CashMove("z", Book.OWN, 5), wrong], now=now)
        assert totals() == {Book.DEPOSIT: 100, Book.OWN: -100}
