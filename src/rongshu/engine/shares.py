"""How unequally amounts (>= 0) are shared, exactly, in ppm. Among whom is the caller's word: those who have nothing count when given."""

from __future__ import annotations

import numpy as np

from rongshu.engine.money import MILLION
from rongshu.engine.rating.frames import I64


def top_share(amounts: I64) -> int | None:
    """The part of the whole that the top 1 % hold (of n `ceil(n / 100)`), half up; None for nothing."""
    ascending = np.sort(amounts)
    total = int(ascending.sum())
    if not total:
        return None
    top = int(ascending[len(ascending) - (len(ascending) + 99) // 100 :].sum())
    return (2 * MILLION * top + total) // (2 * total)


def gini(amounts: I64) -> int | None:
    """The Gini coefficient `2·Σ i·x_i / (n·Σx) − (n + 1)/n` of amounts, ascending (i from 1), half up; None for nothing.

    Source: Sen, On Economic Inequality (1973), the form for ordered data.
    """
    ascending = np.sort(amounts)
    count, total = len(ascending), int(ascending.sum())
    if not total:
        return None
    # Python's integers hold Σ i·x_i whatever its size; halves keep every partial sum of the array exact.
    places = np.arange(1, count + 1, dtype=np.int64)
    high, low = np.divmod(ascending, 1 << 20)
    weighted = (int((high * places).sum()) << 20) + int((low * places).sum())
    top, bottom = 2 * weighted - (count + 1) * total, count * total
    return (2 * MILLION * max(0, top) + bottom) // (2 * bottom)
