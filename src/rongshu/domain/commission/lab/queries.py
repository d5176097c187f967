from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from weakref import WeakKeyDictionary

import numpy as np
import orjson
from django.db import connection

from rongshu.domain.commission.windows.queries import load_window
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.lab import (
    Comparison,
    Forecast,
    Ground,
    Trial,
    chain_of_order,
    compare,
    forecast,
    rows_of_order,
    try_plan,
)
from rongshu.engine.plan import Plan
from rongshu.engine.rating import Chains, Rows
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

MOST_ORDERS = 1_000_000
"""Orders one trial takes at most: what a process has the memory for."""
KEPT = 64

_turn = threading.Lock()
"""One trial at a time in a process: memory is what bounds them."""
_grounds: WeakKeyDictionary[Window, Ground] = WeakKeyDictionary()
_trials: OrderedDict[tuple[int, datetime, datetime, str, str], Trial] = OrderedDict()


def window_to_try(since: datetime, until: datetime) -> Window:
    """The orders paid in [since, until). Raises `invalid` for a window that ends before it begins or has too many orders,
    `conflict` for one without any."""
    if until <= since:
        raise invalid("window_backwards", "The window ends before it begins.", at="until")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT 1 FROM commerce_order WHERE tenant_id = %s AND paid_at >= %s AND paid_at < %s LIMIT %s) o",
            [current_tenant(), since, until, MOST_ORDERS + 1],
        )
        (count,) = cursor.fetchone()
    if not count:
        raise conflict("window_empty", "No order was paid in this window. Choose other dates.")
    if count > MOST_ORDERS:
        words = "The window has more than %(most)s orders. Choose a shorter one."
        raise invalid("window_too_large", words, at="since", most=f"{MOST_ORDERS:,}")
    return load_window(since, until)


def try_plans(before: Plan, after: Plan, window: Window) -> Comparison:
    """Two plans on one window; a plan tried on it lately is not computed again."""
    with _turn:
        ground = _ground(window)
        return compare(_trial(before, window, ground), _trial(after, window, ground), ground)


def ground_of(window: Window) -> Ground:
    """What plans are tried on."""
    with _turn:
        return _ground(window)


def forecast_plans(plans: tuple[Plan, ...], window: Window, sales: int, team: int) -> tuple[Forecast, ...]:
    """What each plan would cost if sales and the team grew by these factors (ppm)."""
    with _turn:
        ground = _ground(window)
        return tuple(forecast(plan, ground, sales, team, _trial(plan, window, ground)) for plan in plans)


@dataclass(frozen=True, slots=True)
class Side:
    """What one plan pays for one order."""

    plan: Plan
    rows: Rows
    chain: Chains
    """Who stood in the order's chain under this plan."""


def order_tried(plans: tuple[Plan, ...], window: Window, order_id: int) -> tuple[int, tuple[Side, ...]] | None:
    """The order's row in the window, and what each plan pays for it; None for an order that is not in the window."""
    found = np.flatnonzero(window.order_ids == order_id)
    if not len(found):
        return None
    order = int(found[0])
    with _turn:
        ground = _ground(window)
        return order, tuple(
            Side(plan, rows_of_order(plan, ground, order), chain_of_order(plan, ground, order)) for plan in plans
        )


def booked(since: datetime, until: datetime) -> int:
    """What was accrued for orders paid in [since, until), before refunds, as it stands on the books; minor units."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(sum(amount), 0)::bigint FROM commission_commission "
            "WHERE tenant_id = %s AND state < 2 AND paid_at >= %s AND paid_at < %s",
            [current_tenant(), since, until],
        )
        (units,) = cursor.fetchone()
    return int(units)


def fingerprint(plan: Plan) -> str:
    """SHA-256 of a plan's canonical document: equal for plans that are written the same, however they are laid out."""
    return hashlib.sha256(orjson.dumps(plan.canonical())).hexdigest()


def result_hash(window: Window, comparison: Comparison) -> str:
    """SHA-256 of what both plans pay for every order and every promoter of the window."""
    digest = hashlib.sha256(window.order_ids.tobytes())
    for trial in (comparison.before, comparison.after):
        digest.update(trial.by_order.tobytes())
        earning = np.flatnonzero(trial.by_promoter)
        digest.update(window.promoter_ids[earning].tobytes())
        digest.update(trial.by_promoter[earning].tobytes())
    return digest.hexdigest()


def forget() -> None:
    """Lets go of all trials."""
    with _turn:
        _trials.clear()


def _ground(window: Window) -> Ground:
    found = _grounds.get(window)
    if found is None:
        found = Ground(
            house().zone,
            window.promoters,
            window.orders,
            window.lines,
            window.refunded,
            window.usage,
            window.promoter_ids,
        )
        _grounds[window] = found
    return found


def _trial(plan: Plan, window: Window, ground: Ground) -> Trial:
    key = (current_tenant(), window.since, window.until, window.stamp, fingerprint(plan))
    found = _trials.get(key)
    if found is None:
        found = _trials[key] = try_plan(plan, ground)
        while len(_trials) > KEPT:
            _trials.popitem(last=False)
    _trials.move_to_end(key)
    return found
