"""A window rated anew: in the true sequence of its orders, over the forest as it stood when each was paid."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.calendar import local_days, months_of_days
from rongshu.engine.jurisdictions import permits_instant_release
from rongshu.engine.plan import Plan
from rongshu.engine.rating import instant_rows, rate
from rongshu.engine.rating.frames import FIRST, REPEAT, UNKNOWN, Lines, Orders, Rows, Usage

I64 = NDArray[np.int64]

KEY = ("order", "line_no", "kind", "level", "beneficiary")
"""What names a commission row: never twice in an order."""
TRACE = ("rule", "base", "ppm", "before_caps", "cut_order", "cut_day", "cut_month", "amount")


@dataclass(frozen=True, slots=True)
class Anew:
    """What rating a window anew gives."""

    rows: pl.DataFrame
    """KEY, TRACE and `at_once` (0 or 1), sorted by order, line, kind and level. `order` is the row in the window."""
    chains: tuple[I64, I64, I64]
    """(order, promoter id, state) from the direct promoter upwards, by order."""


Move = tuple[int, int, int]
"""(promoter id, instant, inviter until then or 0)."""


def rate_anew(
    window: Window, *, direct: I64, first: I64, plans: Mapping[int, Plan], version: I64, moves: list[Move],
    used: Usage, zone: tzinfo,
) -> Anew:  # fmt: skip
    """Rates each order of the window by its `version` (an id into `plans`; 0: by none).

    `direct` are rows of the window's promoters, `moves` the changes of inviters since the window began, in time. `used` is what
    was accrued before it. Where a plan caps what promoters accrue, orders count strictly in sequence, across versions.
    """
    orders = replace(window.orders, direct=direct, first=first)
    capped = any(plan.caps.promoter_day is not None or plan.caps.promoter_month is not None for plan in plans.values())
    day, month = dict(used.day), dict(used.month)
    parts: list[pl.DataFrame] = []
    chains: list[tuple[I64, I64, I64]] = []
    forests = _forests(window, moves)
    for members, identifier, forest in _runs(version, forests.of(orders.paid_at), in_sequence=capped):
        plan = plans[identifier]
        chosen, lines = _picked(orders, window.lines, members)
        promoters = replace(window.promoters, inviter=forests.inviters(forest))
        rated = rate(plan, zone, promoters, chosen, lines, Usage(day=day, month=month))
        at_once = instant_rows(plan, rated.rows, permits_instant_release(plan.jurisdiction))
        parts.append(_frame(rated.rows, members, lines, window.promoter_ids, at_once))
        chains.append((members[rated.chains.order], window.promoter_ids[rated.chains.promoter], rated.chains.state))
        if capped:
            _count(rated.rows, chosen.paid_at, zone, day, month)
    return Anew(pl.concat(parts).sort(*KEY) if parts else _EMPTY, _in_order(chains))


_EMPTY = pl.DataFrame(
    schema={**dict.fromkeys((*KEY, *TRACE), pl.Int64), "rule": pl.String, "at_once": pl.Int64}
)  # fmt: skip


def true_first(window: Window, known: I64) -> I64:
    """Which orders are their buyer's first by the time of payment; `known` are the buyers who paid before the window."""
    buyers = window.buyer_ids
    unique, at = np.unique(buyers, return_index=True)
    first = np.full(len(buyers), REPEAT, dtype=np.int64)
    first[at[~np.isin(unique, known)]] = FIRST
    first[buyers == 0] = UNKNOWN
    return first


class _Forests:
    """The inviters of all promoters between one move and the next, counted back from today's and forth again."""

    def __init__(self, inviter: I64, times: I64, moved: list[tuple[I64, I64]]) -> None:
        self._times = times
        self._moved = moved
        self._after: list[I64] = [before for _, before in moved]
        self._at = len(times)
        self._inviter = inviter.copy() if moved else inviter

    def of(self, instants: I64) -> I64:
        """Which forest stood at each instant; a move counts from its instant on."""
        return np.searchsorted(self._times, instants, side="right").astype(np.int64)

    def inviters(self, forest: int) -> I64:
        """The inviters in one forest, rows of promoters; good until another one is asked for."""
        while self._at > forest:
            self._at -= 1
            rows, before = self._moved[self._at]
            self._after[self._at] = self._inviter[rows]
            self._inviter[rows] = before
        while self._at < forest:
            self._inviter[self._moved[self._at][0]] = self._after[self._at]
            self._at += 1
        return self._inviter


def _forests(window: Window, moves: list[Move]) -> _Forests:
    table = np.array(moves, dtype=np.int64).reshape(-1, 3)
    times = np.unique(table[:, 1])
    rows, before = _rows_of(window, table[:, 0]), _rows_of(window, table[:, 2])
    moved = []
    for time in times.tolist():
        which = np.flatnonzero((table[:, 1] == time) & (rows >= 0))[::-1]  # of two at one instant the first tells
        moved.append((rows[which], before[which]))
    return _Forests(window.promoters.inviter, times, moved)


def _rows_of(window: Window, identifiers: I64) -> I64:
    ids = window.promoter_ids
    if not len(ids):
        return np.full(len(identifiers), -1, dtype=np.int64)
    rows = np.minimum(np.searchsorted(ids, identifiers), len(ids) - 1)
    return np.where(ids[rows] == identifiers, rows, -1)


def _runs(version: I64, forest: I64, *, in_sequence: bool) -> Iterator[tuple[I64, int, int]]:
    """Orders of one version and one forest: whole groups, or stretches of the sequence. (orders, version, forest)."""
    rated = np.flatnonzero(version)
    if not len(rated):
        return
    if not in_sequence:
        rated = rated[np.lexsort((rated, version[rated], forest[rated]))]
    changes = (np.diff(version[rated]) != 0) | (np.diff(forest[rated]) != 0)
    for members in np.split(rated, np.flatnonzero(changes) + 1):
        yield members, int(version[members[0]]), int(forest[members[0]])


def _picked(orders: Orders, lines: Lines, members: I64) -> tuple[Orders, Lines]:
    if len(members) == len(orders):
        return orders, lines
    names = ("paid_at", "buyer", "direct", "first", "tier", "channel", "store", "region")
    place = np.full(len(orders), -1, dtype=np.int64)
    place[members] = np.arange(len(members), dtype=np.int64)
    mine = np.flatnonzero(place[lines.order] >= 0)
    columns = {name: getattr(lines, name)[mine] for name in ("line_no", "sku", "category", "qty", "paid", "cost")}
    return (
        replace(orders, **{name: getattr(orders, name)[members] for name in names}),
        replace(lines, order=place[lines.order[mine]], **columns),
    )


def _frame(rows: Rows, members: I64, lines: Lines, ids: I64, at_once: NDArray[np.bool_]) -> pl.DataFrame:
    return pl.DataFrame({
        "order": members[rows.order],
        "line_no": lines.line_no[rows.line],
        "kind": rows.kind,
        "level": rows.level,
        "beneficiary": ids[rows.beneficiary],
        "rule": pl.Series(rows.rules, dtype=pl.String).gather(rows.rule),
        **{name: getattr(rows, name) for name in TRACE[1:]},
        "at_once": (at_once & (rows.amount > 0)).astype(np.int64),
    })  # fmt: skip


def _count(
    rows: Rows, paid_at: I64, zone: tzinfo, day: dict[tuple[int, int], int], month: dict[tuple[int, int], int]
) -> None:
    """Adds what was just rated to what is used, for the orders that come after."""
    days = local_days(paid_at, zone)
    for used, period in ((day, days), (month, months_of_days(days))):
        pairs, at = np.unique(np.stack([rows.beneficiary, period[rows.order]], axis=1), axis=0, return_inverse=True)
        sums = np.zeros(len(pairs), dtype=np.int64)
        np.add.at(sums, at.reshape(-1), rows.amount)
        for (who, when), amount in zip(pairs.tolist(), sums.tolist(), strict=True):
            used[who, when] = used.get((who, when), 0) + amount


def _in_order(chains: list[tuple[I64, I64, I64]]) -> tuple[I64, I64, I64]:
    if not chains:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing, nothing
    order, who, state = (np.concatenate(parts) for parts in zip(*chains, strict=True))
    sequence = np.argsort(order, kind="stable")
    return order[sequence], who[sequence], state[sequence]
