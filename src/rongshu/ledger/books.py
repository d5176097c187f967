"""The chart of books."""

from __future__ import annotations

from enum import IntEnum

SLOTS = 16
"""The house's accounts are spread over this many owners (0, -1, … -15), so that writers do not queue for one row."""


class Book(IntEnum):
    """What an owner's account is. The hundreds are the unit: 1xx the tenant's currency, 2xx points, 3xx growth value.

    A member's books are never below 0, debt never above. Books ending in 01 are not stored as balances.
    """

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
    DEPOSIT = 155
    """House: what was brought to the providers to pay from, less what they charged and what was written off there. Cash is this less paid out."""
    OWN = 156
    """House: the other side of deposits, the brand's own accounts."""
    CHARGE = 157
    """House: what providers charged."""
    LOSS = 158
    """House: cash written off."""

    POINTS_PENDING = 201
    """Points granted that may not be used yet."""
    POINTS = 202
    POINTS_RESERVED = 203
    POINTS_DEBT = 204
    """Points to be taken back that were spent already; at most 0."""
    POINTS_ISSUED = 251
    """House: what was granted, less what was taken back."""
    POINTS_SPENT = 252
    """House: what members used, less what was given back."""
    POINTS_EXPIRED = 253
    """House: what lapsed."""

    GROWTH = 302
    GROWTH_ISSUED = 351
    """House: the growth value members were given, less what was taken back."""

    @property
    def unit(self) -> int:
        """1 the tenant's currency, 2 points, 3 growth value."""
        return self // 100


def house_slot(identifier: int) -> int:
    """The house's owner number for a piece of work."""
    return -(identifier % SLOTS)
