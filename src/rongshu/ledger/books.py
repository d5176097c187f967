"""The chart of books."""

from __future__ import annotations

from enum import IntEnum

SLOTS = 16
"""The house's accounts are spread over this many owners (0, -1, … -15), so that writers do not queue for one row."""


class Book(IntEnum):
    """Books of the tenant's currency. A member's books are never below 0, debt never above."""

    PENDING = 101
    AVAILABLE = 102
    RESERVED = 103
    DEBT = 104
    EXPENSE = 151
    """House: what commissions have cost."""
    PAID_OUT = 152
    """House: what has left for members' bank accounts."""
    TAX = 153
    """House: what was withheld and is owed to the tax office."""
    FEE = 154
    """House: fees kept back from withdrawals."""


def house_slot(identifier: int) -> int:
    """The house's owner number for a piece of work."""
    return -(identifier % SLOTS)
