"""Posting a re-rating by the clock: after everything that was announced of sales has been counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

from rongshu.domain.commission.rerating.posting import orders_change_hands, post_next
from rongshu.domain.commission.rerating.queries import is_posting
from rongshu.kernel.outbox.actions import is_waiting
from rongshu.kernel.tenancy.scope import lock_background_writing

PATIENCE = 5.0
"""Seconds for which another deliverer of events is waited for."""


def post_reratings(*, now: datetime, deliver: Callable[[], int]) -> int:
    """Posts the next batch of an approved re-rating of the active tenant; how many orders.

    Sales are counted, when an order's event is delivered, for whoever it is credited to then. So nothing of that may wait
    when orders change hands: what waits is delivered first, here or by whoever delivers at this moment. In the tenant's turn
    nobody announces more.
    """
    if not is_posting():
        return 0
    lock_background_writing()
    if orders_change_hands():
        until = time.monotonic() + PATIENCE
        while is_waiting(("order.paid", "order.refunded")):
            if not deliver():
                if time.monotonic() > until:
                    return 0
                time.sleep(0.05)
    return post_next(now=now)
