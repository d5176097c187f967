"""Samples of the pages for everybody: what promoters are owed, published and not yet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.public.transparency_pages import OpenBooks, Published

_MONTHS = ((7, 61), (8, 74), (9, 68), (10, 92), (11, 100))


def _yuan(amount: float) -> Money:
    return Money(round(amount * 100), "CNY")


def _published(number: int, month: int, height: int) -> Published:
    owed = 12_043.86 * height
    return Published(
        number=number,
        as_of=datetime(2026, month, 1, tzinfo=UTC),
        promoters=120 * height,
        accrued=_yuan(owed * 5),
        paid=_yuan(owed * 3.6),
        tax=_yuan(owed * 0.4),
        fees=_yuan(0),
        debts=_yuan(318.5),
        owed=_yuan(owed),
        available=_yuan(owed * 0.5),
        reserved=_yuan(owed * 0.1),
        pending=_yuan(owed * 0.4),
        digest="5f2c9a71d3e80b46" * 4,
        height=height,
    )


def open_books() -> OpenBooks:
    rows = tuple(_published(number, month, height) for number, (month, height) in enumerate(_MONTHS, 1))
    return OpenBooks("山茶优选", "camellia", "Asia/Shanghai", rows[::-1], "9d1f" * 16, "b7e2c04f")


def nothing_yet() -> OpenBooks:
    return OpenBooks("山茶优选", "camellia", "Asia/Shanghai", ())


PUBLIC: dict[str, Callable[[], OpenBooks]] = {"transparency": open_books, "transparency_none": nothing_yet}
