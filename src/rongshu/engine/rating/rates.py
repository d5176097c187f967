"""The rate of every line at every level: which override replaces it, which boosts add to it, and the name of the rule.

The rules of a level are numbered in the order in which they give way to one another, so that the winner among
those that match is simply the greatest number. Numbers and the boosts that match become one small code a line, and
the rate is looked up in a table by that code.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from rongshu.engine.plan import Boost, Override, Plan
from rongshu.engine.rating.conditions import LINE_KEYS, Facts, for_lines, for_orders
from rongshu.engine.rating.frames import I64, NONE

Codes = NDArray[np.int32]

MANY = 1024
"""Combinations of boosts kept without looking which of them occur."""


@dataclass(frozen=True, slots=True)
class LevelRates:
    """The rates of one level. `codes` has one entry a line, or one an order when no rule looks at lines."""

    codes: Codes
    by_line: bool
    ppm: I64
    """By code; NONE for a fixed amount."""
    fixed: I64
    """By code: minor units per unit of quantity, 0 for a rate."""
    rule: I64
    """By code: which of `Rules.words`."""

    @property
    def has_fixed(self) -> bool:
        return bool(self.fixed.any() or (self.ppm == NONE).any())


@dataclass(slots=True)
class Rules:
    """The names of rules met so far, in the order of meeting them."""

    words: dict[str, int] = field(default_factory=dict)

    def code(self, word: str) -> int:
        return self.words.setdefault(word, len(self.words))


def level_rates(plan: Plan, number: int, facts: Facts, takers: I64, rules: Rules) -> LevelRates:
    """The rates of level `number`, whose taker is given for each order (NONE for nobody)."""
    ranked = sorted(
        (override for override in plan.overrides if override.level == number),
        key=lambda override: len(override.when.given),
    )
    winners, winners_by_line = _winners(ranked, facts, takers)
    combined, combined_by_line, combinations = _boosts(plan.boosts, facts, takers)
    by_line = winners_by_line or combined_by_line
    if by_line and not winners_by_line:
        winners = winners.take(facts.lines.order)
    if by_line and not combined_by_line:
        combined = combined.take(facts.lines.order)
    codes = winners if len(combinations) == 1 else winners * np.int32(len(combinations)) + combined
    return _tables(plan, number, ranked, combinations, codes, by_line, rules)


def _winners(ranked: list[Override], facts: Facts, takers: I64) -> tuple[Codes, bool]:
    """For each order or line the override that wins, counted from 1 in `ranked`; 0 for the level's own rate.

    `sorted` is stable: with as many conditions, the one later in the document has the greater number and wins.
    """
    of_orders = np.zeros(len(facts.orders), dtype=np.int32)
    simple = [index for index, override in enumerate(ranked, 1) if not LINE_KEYS.intersection(override.when.given)]
    for index in simple:
        held = for_orders(ranked[index - 1].when, facts, takers)
        if held is None:
            of_orders[:] = index
        else:
            of_orders[held] = index
    if len(simple) == len(ranked):
        return of_orders, False
    of_lines = of_orders.take(facts.lines.order)
    for index, override in enumerate(ranked, 1):
        if index in simple:
            continue
        held = _held_by_lines(override, facts, takers)
        np.maximum(of_lines, index, out=of_lines, where=held)
    return of_lines, True


def _held_by_lines(rule: Override | Boost, facts: Facts, takers: I64) -> NDArray[np.bool_]:
    held = for_lines(rule.when, facts)
    of_orders = for_orders(rule.when, facts, takers)
    assert held is not None
    return held if of_orders is None else held & of_orders.take(facts.lines.order)


def _boosts(boosts: tuple[Boost, ...], facts: Facts, takers: I64) -> tuple[Codes, bool, list[tuple[int, ...]]]:
    """For each order or line which combination of boosts matches; combination 0 is none of them."""
    codes: Codes = np.zeros(len(facts.orders), dtype=np.int32)
    combinations: list[tuple[int, ...]] = [()]
    of_lines = [bool(LINE_KEYS.intersection(boost.when.given)) for boost in boosts]
    by_line = False
    for index in sorted(range(len(boosts)), key=of_lines.__getitem__):
        held = _held_by_lines(boosts[index], facts, takers) if of_lines[index] else None
        if held is None:
            held = for_orders(boosts[index].when, facts, takers)
        if held is not None and not held.any():
            continue
        if of_lines[index] and not by_line:
            codes, by_line = codes.take(facts.lines.order), True
        if held is None:
            combinations = [(*combination, index) for combination in combinations]
            continue
        codes = codes + held * np.int32(len(combinations))
        combinations += [(*combination, index) for combination in combinations]
        if len(combinations) > MANY:
            used, inverse = np.unique(codes, return_inverse=True)
            codes, combinations = inverse.astype(np.int32), [combinations[code] for code in used.tolist()]
    return codes, by_line, combinations


def _tables(
    plan: Plan, number: int, ranked: list[Override], combinations: list[tuple[int, ...]], codes: Codes, by_line: bool,
    rules: Rules,
) -> LevelRates:  # fmt: skip
    """What each code that occurs pays, and its name."""
    size = (len(ranked) + 1) * len(combinations)
    ppm, fixed, rule = (np.zeros(size, dtype=np.int64) for _ in range(3))
    for code in np.flatnonzero(np.bincount(codes, minlength=1)).tolist():
        winner, combination = divmod(code, len(combinations))
        override = ranked[winner - 1] if winner else None
        word = override.id if override else f"level-{number}"
        if override is not None and override.fixed is not None:
            ppm[code], fixed[code] = NONE, override.fixed
        else:
            added = sorted(combinations[combination])
            rate = plan.levels[number].rate if override is None else override.rate or 0
            ppm[code] = rate + sum(plan.boosts[index].add for index in added)
            word = "+".join([word, *(plan.boosts[index].id for index in added)])
        rule[code] = rules.code(word)
    return LevelRates(codes, by_line, ppm, fixed, rule)
