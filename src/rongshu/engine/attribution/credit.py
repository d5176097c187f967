"""Crediting orders: every method's candidate for every order, the first that may be credited, and the bonds that follow.

Everything is asked of whole arrays. Only orders of one buyer depend on one another (through the bond), so they go in rounds:
the first order of every buyer, then the second of every buyer, and so on.
"""

from __future__ import annotations

import numpy as np

from rongshu.engine.attribution.frames import (
    BEGINNING,
    DAY,
    FOREVER,
    I64,
    KINDS,
    METHODS,
    NOBODY,
    Active,
    Bonds,
    Bools,
    Credited,
    Fate,
    Method,
    Orders,
    Touches,
)
from rongshu.engine.attribution.policy import Policy


class _Timeline:
    """Touches by subject and time, to be asked which is the last up to an instant, or the first from one."""

    def __init__(self, touches: Touches, entries: I64) -> None:
        order = np.lexsort((entries, touches.at[entries], touches.subject[entries]))
        self.entries: I64 = entries[order]
        self.at: I64 = touches.at[self.entries]
        self.subject: I64 = touches.subject[self.entries]
        self._times = np.unique(self.at)
        self._keys = self.subject * (len(self._times) + 1) + np.searchsorted(self._times, self.at, side="right")

    def last(self, subject: I64, until: I64) -> I64:
        """The place of each subject's last touch up to an instant (included), NOBODY for none."""
        wanted = subject * (len(self._times) + 1) + np.searchsorted(self._times, until, side="right")
        return self._own(np.searchsorted(self._keys, wanted, side="right") - 1, subject)

    def first(self, subject: I64, since: I64) -> I64:
        """The place of each subject's first touch from an instant on (included), NOBODY for none."""
        wanted = subject * (len(self._times) + 1) + np.searchsorted(self._times, since, side="left")
        return self._own(np.searchsorted(self._keys, wanted, side="right"), subject)

    def _own(self, places: I64, subject: I64) -> I64:
        if not len(self.entries):
            return np.full(len(subject), NOBODY, dtype=np.int64)
        inside = (places >= 0) & (places < len(self.entries)) & (subject >= 0)
        mine = inside & (self.subject.take(np.where(inside, places, 0)) == subject)
        return np.where(mine, places, NOBODY)


def _plus(instants: I64, days: int) -> I64:
    """Each instant and so many days; 0 days is for ever."""
    return np.full(len(instants), FOREVER, dtype=np.int64) if days == 0 else instants + days * DAY


class _Touched:
    """Touches that count by the policy: of known promoters who were active when it happened."""

    def __init__(self, touches: Touches, policy: Policy, active: Active) -> None:
        counts = active.at(touches.promoter, touches.at)
        self._touches = touches
        self._policy = policy
        self._lines = {
            days: _Timeline(touches, np.flatnonzero(counts & np.isin(touches.kind, kinds)))
            for days, kinds in _kinds_by_window(policy).items()
        }

    def candidate(self, subject: I64, at: I64) -> tuple[I64, Bools]:
        """The entry of the touch each order is looked at with, NOBODY for none, and whether it is inside its window."""
        best = np.full(len(subject), NOBODY, dtype=np.int64)
        stale = best.copy()
        for days, line in self._lines.items():
            begin = at - days * DAY
            last = line.last(subject, at)
            entry = _entry(line, last)
            inside = (last >= 0) & (self._at(entry, BEGINNING) >= begin)
            if self._policy.touch == "first":
                found = np.where(inside, _entry(line, line.first(subject, begin)), NOBODY)
                best = self._sooner(best, found)
            else:
                best = self._later(best, np.where(inside, entry, NOBODY))
            stale = self._later(stale, np.where(inside, NOBODY, entry))
        return np.where(best >= 0, best, stale), best >= 0

    def first_since(self, subject: I64, since: I64) -> I64:
        """The entry of each subject's first touch from an instant on, of whatever kind counts; NOBODY for none."""
        best = np.full(len(subject), NOBODY, dtype=np.int64)
        for line in self._lines.values():
            best = self._sooner(best, _entry(line, line.first(subject, since)))
        return best

    def _at(self, entry: I64, otherwise: int) -> I64:
        if not len(self._touches):
            return np.full(len(entry), otherwise, dtype=np.int64)
        return np.where(entry >= 0, self._touches.at.take(np.maximum(entry, 0)), otherwise)

    def _later(self, one: I64, other: I64) -> I64:
        mine, theirs = self._at(one, BEGINNING), self._at(other, BEGINNING)
        return np.where((theirs > mine) | ((theirs == mine) & (other > one)), other, one)

    def _sooner(self, one: I64, other: I64) -> I64:
        mine, theirs = self._at(one, FOREVER), self._at(other, FOREVER)
        earlier = (theirs < mine) | ((theirs == mine) & (other < one))
        return np.where((other >= 0) & ((one < 0) | earlier), other, one)


def _entry(line: _Timeline, places: I64) -> I64:
    return np.where(places >= 0, line.entries.take(np.maximum(places, 0)), NOBODY) if len(line.entries) else places


def _kinds_by_window(policy: Policy) -> dict[int, list[int]]:
    """The kinds that count for as many days each."""
    found: dict[int, list[int]] = {}
    for name, days in policy.windows.items():
        found.setdefault(days, []).append(KINDS.index(name))
    return found


class _State:
    """Each subject's bond, as it changes from order to order."""

    def __init__(self, bonds: Bonds, policy: Policy, active: Active, touched: _Touched, touches: Touches) -> None:
        self.holder, self.since, self.until = bonds.holder.copy(), bonds.since.copy(), bonds.until.copy()
        self._policy, self._active, self._touched, self._touches = policy, active, touched, touches

    def ends(self, subject: I64) -> I64:
        """When each subject's bond ends: when it runs out, or its holder stops being a promoter."""
        holder = self.holder[subject]
        gone = self._active.until.take(np.maximum(holder, 0)) if len(self._active.until) else holder
        return np.where(holder >= 0, np.minimum(self.until[subject], gone), BEGINNING)

    def touch_until(self, subject: I64, at: I64) -> None:
        """Lets touches bond whoever has no bond then, as often as bonds run out before `at`."""
        left = np.arange(len(subject))
        while len(left):
            people = subject[left]
            free_from = self.ends(people)
            entry = np.where(free_from <= at[left], self._touched.first_since(people, free_from), NOBODY)
            found = (entry >= 0) & (self._touches.at.take(np.maximum(entry, 0)) <= at[left])
            left, people, entry = left[found], people[found], entry[found]
            when = self._touches.at[entry]
            self.holder[people] = self._touches.promoter[entry]
            self.since[people] = when
            self.until[people] = _plus(when, self._policy.bond_days)

    def credit(self, subject: I64, at: I64, promoter: I64, method: I64) -> None:
        """What orders just credited do to their buyers' bonds."""
        policy = self._policy
        if not len(self.since):
            return
        known = (subject >= 0) & (promoter >= 0) & (self.since.take(np.maximum(subject, 0)) <= at)
        subject, at, promoter, method = subject[known], at[known], promoter[known], method[known]
        held = self.ends(subject) > at
        same = held & (self.holder[subject] == promoter)
        bonding = np.isin(method, [METHODS.index(name) for name in policy.bond_by])
        new = ~held & bonding
        if policy.code_moves_bond:
            new |= held & ~same & (method == Method.CODE)
        people = subject[new]
        self.holder[people], self.since[people] = promoter[new], at[new]
        self.until[people] = _plus(at[new], policy.bond_days)
        if policy.bond_extends:
            held_by_same = subject[same]
            self.until[held_by_same] = np.maximum(self.until[held_by_same], _plus(at[same], policy.bond_days))


def credit(orders: Orders, touches: Touches, bonds: Bonds, active: Active, policy: Policy) -> Credited:
    """Credits orders in the sequence (paid_at, entry). Touches after an order's payment do not count for it.

    `bonds` has one entry a subject: those in force before the first of these orders.
    """
    count = len(orders)
    candidate = np.full((count, len(METHODS)), NOBODY, dtype=np.int64)
    candidate[:, Method.CODE], candidate[:, Method.STORE] = orders.code, orders.store
    touched = _Touched(touches, policy, active)
    touch, fresh = touched.candidate(orders.subject, orders.paid_at)
    if len(touches):
        candidate[:, Method.TOUCH] = np.where(touch >= 0, touches.promoter.take(np.maximum(touch, 0)), NOBODY)
    fate = np.zeros((count, len(METHODS)), dtype=np.int64)
    promoter, method = (np.full(count, NOBODY, dtype=np.int64) for _ in range(2))
    since, until = (np.full(count, BEGINNING, dtype=np.int64) for _ in range(2))
    state = _State(bonds, policy, active, touched, touches)
    for rows in _rounds(orders):
        subject, at = orders.subject[rows], orders.paid_at[rows]
        known = subject >= 0
        if policy.bond_at_touch and len(touches):
            state.touch_until(subject[known], at[known])
        people = subject[known]
        bonded = np.full(len(rows), NOBODY, dtype=np.int64)
        ends = np.full(len(rows), BEGINNING, dtype=np.int64)
        begun = state.since[people] <= at[known]  # a bond made later says nothing about an earlier order
        bonded[known], ends[known] = np.where(begun, state.holder[people], NOBODY), state.until[people]
        candidate[rows, Method.BOND] = bonded
        since[rows[known]], until[rows[known]] = state.since[people], ends[known]
        expired = np.zeros((len(rows), len(METHODS)), dtype=np.bool_)
        expired[:, Method.BOND], expired[:, Method.TOUCH] = ends <= at, ~fresh[rows]
        fate[rows], method[rows] = _judge(candidate[rows], expired, orders.own[rows], at, active, policy)
        won = method[rows]
        promoter[rows] = np.where(
            won >= 0, np.take_along_axis(candidate[rows], np.maximum(won, 0)[:, None], axis=1)[:, 0], NOBODY
        )
        state.credit(subject, at, promoter[rows], won)
    return Credited(
        promoter, method, candidate, fate, touch, since, until, Bonds(state.holder, state.since, state.until)
    )


def _judge(candidate: I64, expired: Bools, own: I64, at: I64, active: Active, policy: Policy) -> tuple[I64, I64]:
    """The fate of each method's candidate, and the method that won (NONE for none)."""
    fate = np.full(candidate.shape, int(Fate.NOT_ASKED), dtype=np.int64)
    method = np.full(len(candidate), int(Method.NONE), dtype=np.int64)
    for name in policy.methods:
        column = METHODS.index(name)
        who = candidate[:, column]
        left = (own == who) & (who >= 0) & (not policy.self_credit)
        judged = np.select(
            [who < 0, expired[:, column], ~active.at(who, at), left, method >= 0],
            [int(one) for one in (Fate.ABSENT, Fate.TOO_OLD, Fate.INACTIVE, Fate.SELF, Fate.LATER)],
            int(Fate.WON),
        )
        fate[:, column] = judged
        method = np.where(judged == Fate.WON, column, method)
    return fate, method


def _rounds(orders: Orders) -> list[I64]:
    """The orders in rounds: no buyer twice in one, each buyer's in sequence. Guests depend on nobody: the first round."""
    order = np.lexsort((np.arange(len(orders)), orders.paid_at, orders.subject))
    subject = orders.subject[order]
    begins = np.concatenate([[True], subject[1:] != subject[:-1]]) if len(order) else np.zeros(0, dtype=np.bool_)
    place = np.arange(len(order)) - np.maximum.accumulate(np.where(begins, np.arange(len(order)), 0))
    place[subject < 0] = 0
    by_round = np.argsort(place, kind="stable")
    cuts = np.cumsum(np.bincount(place)) if len(place) else np.zeros(0, dtype=np.int64)
    return [part for part in np.split(order[by_round], cuts[:-1]) if len(part)]
