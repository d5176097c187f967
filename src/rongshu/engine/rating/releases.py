"""Releases: when a pending commission becomes available."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.calendar import DAY
from rongshu.engine.plan import Plan, Release
from rongshu.engine.rating.frames import FOREVER, I64, Rows


def due_at(release: Release, paid_at: I64, completed_at: I64) -> I64:
    """From which instant the rows of each order may be released, microseconds UTC.

    A day is a full 24 hours. `completed_at` is FOREVER for an order that has not completed: it is never due. Counted
    from the payment too, nothing is due before the order has completed.
    """
    start = paid_at if release.after == "paid" else completed_at
    open_yet = (completed_at == FOREVER) | (start >= FOREVER - release.days * DAY)
    due: I64 = np.where(open_yet, FOREVER, np.where(open_yet, 0, start) + release.days * DAY)
    return np.maximum(due, completed_at)


def instant_rows(plan: Plan, rows: Rows, permitted: bool) -> NDArray[np.bool_]:
    """Which rows are released at once: final amounts above 0 and below `instant_below`, where the market permits it."""
    below = plan.release.instant_below
    if below is None or not permitted:
        return np.zeros(len(rows), dtype=np.bool_)
    small: NDArray[np.bool_] = (rows.amount > 0) & (rows.amount < below)
    return small
