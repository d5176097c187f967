"""级差 and 平级: who on a chain earns by rank, and what each line pays them.

Who earns depends on an order only through the chain it starts, the instant it was paid and its buyer; its lines differ in
nothing but their base. So the chains are walked for *cases*, not for orders: one walk serves every order of a direct
promoter that was paid while nobody met on the way changed rank or activity, and whose buyer would not have earned.

A walk does not visit everybody. From somebody whose rate is met, only who is of at least that rate can matter
(a peer, or one who stands in a peer's way), and after the last peer only who is of a higher one; tables of the
nearest such promoter lead from one to the next, over the others, however deep the chain. Between one differential
row and the next there is nobody of a higher rate: so one walk finds the differential rows and their peers, too.

Fixed here: a rank named with a rate of 0 is as good as not named; a differential row that rounds to nothing still counts
as met, and a peer whose part rounds to nothing counts as one of the generations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.money import round_half_up_rate
from rongshu.engine.plan import Differential, Plan
from rongshu.engine.rating.frames import BEGINNING, DIFFERENTIAL, FOREVER, I64, NONE, PEER, Lines, Orders, Promoters
from rongshu.engine.rating.rates import Rules
from rongshu.engine.sequence import stable_order

Flags = NDArray[np.bool_]

WORTH_SHARING = 3
"""Orders a direct promoter must have on average before their chains are walked together."""
ROUNDS = 3
"""How often orders that an earlier walk did not fit are walked together again, at another instant."""


@dataclass(frozen=True, slots=True)
class Earners:
    """Who earns by rank, by case; sorted by (case, kind, position)."""

    case: I64
    """One entry an order: its case, NONE when the order has no chain."""
    first: I64
    """By case: where its earners begin; one entry more, the end of the last."""
    kind: I64
    position: I64
    """In the chain with nobody passed over; the direct promoter is 1."""
    promoter: I64
    rank: I64
    """Code into `Promoters.ranks`."""
    ppm: I64
    """Of the line's base for a differential earner, of the source's amount for a peer."""
    source: I64
    """For a peer the earner whose amount it shares; for a differential earner itself."""


def earners(plan: Plan, promoters: Promoters, orders: Orders, starts: I64, depth: I64) -> Earners:
    """Who earns by rank from each order, whose chain begins at `starts` (NONE for no chain).

    `depth` of each promoter, 0 for a root: that it could be found shows that no inviters go in a circle.
    """
    assert plan.differential is not None
    case = np.full(len(orders), NONE, dtype=np.int64)
    left = np.flatnonzero(starts >= 0)
    unpaid = plan.self_purchase == "none"
    if unpaid:
        left = left[starts[left] != orders.buyer[left]]
    if not left.size:
        nothing = np.zeros(0, dtype=np.int64)
        return Earners(case, np.zeros(1, dtype=np.int64), *([nothing] * 6))
    way = _Way(plan.differential, promoters, depth, orders.paid_at[left])
    walks: list[_Walk] = []
    count = 0
    for _ in range(ROUNDS):
        sample = np.full(len(promoters), NONE, dtype=np.int64)
        sample[starts[left]] = left
        who = np.flatnonzero(sample >= 0)
        if not left.size or len(left) < WORTH_SHARING * len(who):
            break
        walk = way.walk(who, orders.paid_at[sample[who]])
        sample[who] = np.arange(len(who))
        of_case = sample[starts[left]]
        at = orders.paid_at[left]
        fits = (walk.since[of_case] <= at) & (at < walk.until[of_case])
        if unpaid:
            fits &= ~walk.earns(of_case, orders.buyer[left])
        case[left[fits]] = of_case[fits] + count
        left = left[~fits]
        walks.append(walk)
        count += len(who)
    if left.size:
        walks.append(way.walk(starts[left], orders.paid_at[left], orders.buyer[left] if unpaid else None))
        case[left] = np.arange(len(left)) + count
    return _together(case, walks)


class _Way:
    """From every promoter the nearest at or above who can matter, for each rate that may have been met."""

    def __init__(self, terms: Differential, promoters: Promoters, depth: I64, paid_at: I64) -> None:
        self.promoters, self.terms, self.depth = promoters, terms, depth
        rates = np.array([*(terms.ranks.get(name, 0) for name in promoters.ranks), 0], dtype=np.int64)
        self.rates = np.unique(np.append(rates, 0))
        """The different rates, ascending, from 0; a rank's *place* is the index of its rate."""
        self.place = np.searchsorted(self.rates, rates)
        """By rank code; one entry more, for the code of no rank."""
        nobody = len(promoters)
        self.above = np.where(promoters.inviter >= 0, promoters.inviter, nobody)
        highest = self._highest(int(paid_at.min()), int(paid_at.max()))
        self.nearest = [_nearest(highest >= place, self.above) for place in range(1, len(self.rates))]
        self.table = np.concatenate(self.nearest) if self.nearest else np.zeros(0, dtype=np.int64)

    def _highest(self, first: int, last: int) -> I64:
        """The highest place each promoter may have for an order paid between two instants, both included."""
        promoters, history = self.promoters, self.promoters.history
        highest = self.place.take(promoters.rank)
        if history is not None and len(history):
            for codes in (history.rank, history.before):
                np.maximum.at(highest, history.promoter, self.place.take(codes))
        highest[(promoters.active_from > last) | (promoters.active_to <= first)] = 0
        return highest

    def walk(self, start: I64, at: I64, buyer: I64 | None = None) -> _Walk:
        """Up from each of `start` for an order paid `at`; `buyer`, if given, does not earn."""
        count, nobody = len(start), len(self.promoters)
        since, until = np.full(count, BEGINNING, dtype=np.int64), np.full(count, FOREVER, dtype=np.int64)
        row = np.arange(count)
        met, mine, source = np.zeros(count, np.int64), np.full(count, NONE - 1), np.full(count, NONE)
        peers = np.zeros(count, dtype=np.int64)
        peer = self.terms.peer
        current = self.nearest[0].take(start) if self.nearest else np.full(count, nobody)
        found: list[tuple[I64, ...]] = []
        events = 0
        top = len(self.rates) - 1
        while True:
            on = np.flatnonzero((current < nobody) & (met + (peers == 0) <= top))
            if not on.size:
                break
            if len(on) < len(row):
                row, current, met, mine, source, peers = (v[on] for v in (row, current, met, mine, source, peers))
            instant = at[row]
            fit = self._active(current, instant, row, since, until)
            if buyer is not None:
                fit &= buyer[row] != current
            rank = self._ranks(current, instant, row, since, until)
            place = self.place.take(rank)
            earns = fit & (place > met)
            shares = fit & (rank == mine) & (peers > 0)
            event = np.flatnonzero(earns | shares)
            if event.size:
                differs = earns[event]
                who, number = current[event], np.arange(events, events + len(event))
                source[event] = np.where(differs, number, source[event])
                share = 0 if peer is None else peer.rate
                ppm = np.where(differs, self.rates[place[event]] - self.rates[met[event]], share)
                kind = np.where(differs, DIFFERENTIAL, PEER)
                position = self.depth[start[row[event]]] - self.depth[who] + 1
                found.append((row[event], kind, position, who, rank[event], ppm, source[event]))
                events += len(event)
                met = np.where(earns, place, met)
                mine = np.where(earns, rank, mine)
                peers = np.where(earns, 0 if peer is None else peer.generations, peers - shares)
            look = np.minimum(met + (peers == 0), top)
            upper = self.above.take(current)
            on = np.flatnonzero(upper < nobody)
            current = np.full(len(row), nobody)
            current[on] = self.table.take((look[on] - 1) * nobody + upper[on])
        columns = (np.concatenate(column) for column in zip(*found, strict=True)) if found else (_NOTHING,) * 7
        return _Walk(count, since, until, *columns)

    def _active(self, who: I64, at: I64, row: I64, since: I64, until: I64) -> Flags:
        """Who is active, `active_from <= at < active_to`; narrows the rows' instants to where that does not change."""
        begin, end = self.promoters.active_from.take(who), self.promoters.active_to.take(who)
        early, late = at < begin, at >= end
        active: Flags = ~(early | late)
        since[row] = np.maximum(since[row], np.where(late, end, np.where(early, BEGINNING, begin)))
        until[row] = np.minimum(until[row], np.where(early, begin, np.where(late, FOREVER, end)))
        return active

    def _ranks(self, who: I64, at: I64, row: I64, since: I64, until: I64) -> I64:
        """The ranks held; narrows the rows' instants to where they do not change."""
        history = self.promoters.history
        if history is None or not len(history):
            return self.promoters.rank.take(who)
        begin, end = history.unchanged(who, at)
        since[row], until[row] = np.maximum(since[row], begin), np.minimum(until[row], end)
        return self.promoters.rank_at(who, at)


_NOTHING = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class _Walk:
    """What walking found. One entry a row of the walk, then one an earner, in the sequence of meeting them."""

    rows: int
    since: I64
    """From when, until when (excluded) an order may be paid for the same walk."""
    until: I64
    row: I64
    kind: I64
    position: I64
    promoter: I64
    rank: I64
    ppm: I64
    source: I64

    def earns(self, row: I64, who: I64) -> Flags:
        """For pairs of a row and a promoter (NONE for nobody): whether the promoter earns there."""
        found = np.zeros(len(row), dtype=np.bool_)
        asked = np.flatnonzero(who >= 0)
        if asked.size and self.row.size:
            width = int(max(self.promoter.max(), who.max())) + 1
            keys = np.sort(self.row * width + self.promoter)
            wanted = row[asked] * width + who[asked]
            at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
            found[asked] = keys[at] == wanted
        return found


def _nearest(mark: Flags, above: I64) -> I64:
    """For each promoter the nearest marked, itself included, going up by `above`; `len(mark)` where there is none.

    By doubling: every round looks twice as far, so a chain costs the logarithm of its length. Knows no circle.
    """
    count = len(mark)
    at = np.append(np.where(mark, np.arange(count), above), count)
    settled = np.append(mark, True)
    rows = np.flatnonzero(~settled[at])
    while rows.size:
        at[rows] = at[at[rows]]
        rows = rows[~settled[at[rows]]]
    return at[:count]


def _together(case: I64, walks: list[_Walk]) -> Earners:
    """All walks as one frame: rows become cases, in the sequence of the walks."""
    rows = np.cumsum([0, *(walk.rows for walk in walks)])
    events = np.cumsum([0, *(len(walk.row) for walk in walks)])
    of_case = np.concatenate([walk.row + before for walk, before in zip(walks, rows.tolist(), strict=False)])
    source = np.concatenate([walk.source + before for walk, before in zip(walks, events.tolist(), strict=False)])
    kind, position, promoter, rank, ppm = (
        np.concatenate([getattr(walk, name) for walk in walks])
        for name in ("kind", "position", "promoter", "rank", "ppm")
    )
    sequence = stable_order(of_case * 2 + (kind == PEER))  # each walk met them in the sequence of positions
    where = np.empty(len(sequence), dtype=np.int64)
    where[sequence] = np.arange(len(sequence))
    first = np.searchsorted(of_case[sequence], np.arange(int(rows[-1]) + 1))
    columns = (column[sequence] for column in (kind, position, promoter, rank, ppm, where[source]))
    return Earners(case, first, *columns)


@dataclass(frozen=True, slots=True)
class RankRows:
    """Rows of kinds `differential` and `peer` before caps, sorted by (line, kind, position), none of amount 0."""

    line: I64
    kind: I64
    position: I64
    beneficiary: I64
    rule: I64
    base: I64
    """The line's base; for a peer the amount it has a part of."""
    ppm: I64
    amount: I64


def rank_rows(found: Earners, promoters: Promoters, lines: Lines, base: I64, rules: Rules) -> RankRows:
    """What each line pays to those who earn from its order by rank; `base` by line, minor units."""
    counts = np.append(np.diff(found.first), 0)
    case = found.case.take(lines.order)
    many = counts.take(case)
    many *= base > 0
    ends = np.cumsum(many)
    shift = np.append(found.first[:-1], 0).take(case)
    shift -= ends - many
    line = np.repeat(np.arange(len(lines)), many)
    event = np.repeat(shift, many)
    event += np.arange(len(event))
    of, ppm = base.take(line), found.ppm.take(event)
    amount = round_half_up_rate(of, ppm)
    peers = np.flatnonzero(found.kind == PEER)
    if peers.size:
        # The earners of a case stand side by side for each line, as they do in `found`.
        back = np.arange(len(found.source)) - found.source
        rows = np.flatnonzero(back.take(event))
        of[rows] = amount[rows - back.take(event[rows])]
        amount[rows] = round_half_up_rate(of[rows], ppm[rows])
    rows = np.flatnonzero(amount)
    if len(rows) < len(amount):
        line, event, of, ppm, amount = (column.take(rows) for column in (line, event, of, ppm, amount))
    return RankRows(
        line, found.kind.take(event), found.position.take(event), found.promoter.take(event),
        _rules(found, promoters, rules).take(event), of, ppm, amount,
    )  # fmt: skip


def _rules(found: Earners, promoters: Promoters, rules: Rules) -> I64:
    """The code of each earner's rule, which is named after the rank."""
    codes = np.full(len(promoters.ranks), NONE, dtype=np.int64)
    for rank in np.unique(found.rank).tolist():
        codes[rank] = rules.code(f"rank:{promoters.ranks[rank]}")
    return codes.take(found.rank) if found.rank.size else _NOTHING
