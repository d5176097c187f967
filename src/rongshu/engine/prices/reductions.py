"""Stage 3: full reductions 满减. A line takes part in at most one; the one that saves most is taken first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rongshu.engine.prices.frames import Cart
from rongshu.engine.prices.model import Reduction, Rules
from rongshu.engine.prices.work import Why, Work, less, not_among, spread, why_not


def take_reductions(works: Sequence[Work], cart: Cart, rules: Rules, local: datetime) -> None:
    """Takes the reduction that saves most (of equal ones the earlier), then the next among the lines not yet in one."""
    open_: list[tuple[Reduction, list[int]]] = []
    for rule in rules.reductions:
        means = [index for index, work in enumerate(works) if rule.scope.holds(work.line.sku, work.line.category)]
        why = why_not(rule.when, cart, local)
        usable = []
        for index in means:
            other = not_among(works[index], rule.goes_with)
            if why is None and other is None:
                usable.append(index)
            else:
                works[index].miss(rule, "reduction", why or ("not_with", {"kind": other}))
        if usable:
            open_.append((rule, usable))
    taken: dict[int, str] = {}
    while open_:
        savings = [saving_of(rule, *_sums(works, usable, taken)) for rule, usable in open_]
        best = max(range(len(open_)), key=lambda at: (savings[at], -at))
        if savings[best] == 0:
            break
        rule, usable = open_.pop(best)
        lines = [index for index in usable if index not in taken]
        spread([works[index] for index in lines], savings[best], rule.id, "reduction", rule.name)
        for index in usable:
            if index in taken:
                works[index].miss(rule, "reduction", ("in_another_reduction", {"other": taken[index]}))
        taken.update(dict.fromkeys(lines, rule.name))
    for rule, usable in open_:
        short = _short(rule, *_sums(works, usable, taken))
        for index in usable:
            why = ("in_another_reduction", {"other": taken[index]}) if index in taken else short
            works[index].miss(rule, "reduction", why)


def _sums(works: Sequence[Work], usable: Sequence[int], taken: dict[int, str]) -> tuple[int, int]:
    """What the lines still open cost, and how many pieces they are."""
    lines = [works[index] for index in usable if index not in taken]
    return sum(work.amount for work in lines), sum(work.line.qty for work in lines)


def saving_of(rule: Reduction, spent: int, pieces: int) -> int:
    """What a rule takes off, at most what is spent."""
    if rule.each is not None:
        times = spent // rule.each.spend
        times = times if rule.each.times is None else min(times, rule.each.times)
        return min(times * rule.each.minus, spent)
    for step in reversed(rule.steps):
        if spent >= (step.spend or 0) and pieces >= (step.pieces or 0):
            return min(step.minus, spent) if step.minus is not None else spent - less(spent, step.discount or 0)
    return 0


def _short(rule: Reduction, spent: int, pieces: int) -> Why:
    """What is missing for the first step."""
    if spent == 0:
        return "nothing_left", {}
    if rule.each is not None:
        return "spend_short", {"missing": rule.each.spend - spent}
    first = rule.steps[0]
    if first.spend is not None:
        return ("spend_short", {"missing": first.spend - spent}) if first.spend > spent else ("nothing_left", {})
    return (
        ("pieces_short", {"missing": (first.pieces or 0) - pieces})
        if (first.pieces or 0) > pieces
        else ("nothing_left", {})
    )
