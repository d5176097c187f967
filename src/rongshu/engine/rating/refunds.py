"""Refunds: how much of a commission flows back."""

from __future__ import annotations

import numpy as np

from rongshu.engine.money import round_half_up_ratio
from rongshu.engine.rating.frames import I64


def reversal_due(amount: I64, paid: I64, refunded: I64) -> I64:
    """The total to be reversed of rows: `round_half_up(A × R / P)` with R the refunded so far, at most P.

    `amount` A is the row's original amount, `paid` P what the buyer paid for the row's line, `refunded` R all refunds
    of that line so far; minor units, >= 0, one shape. A refund reverses this less what was reversed before. A full
    refund gives A exactly. A line that cost nothing (P = 0) has nothing to give back.
    """
    nothing = paid <= 0
    whole = np.where(nothing, 1, paid)
    due: I64 = round_half_up_ratio(amount, np.minimum(refunded, whole), whole)
    due[nothing] = 0
    return due
