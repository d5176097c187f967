"""What no single value of the price rules shows: ids that clash, two ways of saying how much, steps that do not rise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rongshu.engine.money import format_units
from rongshu.engine.plan.checks import nothing_written
from rongshu.engine.plan.problems import Problem, shown
from rongshu.engine.prices.model import GROUPS, Each, ReductionStep, Rules

_HOW = {
    "member_prices": (("discount", "minus", "fixed"), "discount: 10%"),
    "sales": (("discount", "minus", "fixed"), "discount: 10%"),
    "bundles": (("price", "minus", "discount", "cheapest"), "discount: 10%"),
    "reductions": (("steps", "each"), 'each: {spend: "100", minus: "10"}'),
}
"""Of each group of rules: the keys of which exactly one is written."""


def check(document: Mapping[Any, Any], groups: Sequence[str], most: int) -> Iterator[Problem]:
    """Every problem between the parts of a document that may still have unreadable values."""
    yield from nothing_written(document, (), set())
    ids: dict[str, str] = {}
    for group in groups:
        listed = document.get(group)
        if not isinstance(listed, list | tuple):
            continue
        if len(listed) > most:
            yield Problem(group, "too_many_rules", {"most": most})
        for index, rule in enumerate(listed):
            if isinstance(rule, Mapping):
                yield from _check_rule(group, f"{group}[{index}]", rule, ids)


def _check_rule(group: str, path: str, rule: Mapping[Any, Any], ids: dict[str, str]) -> Iterator[Problem]:
    name = rule.get("id")
    if isinstance(name, str):
        if name in ids:
            yield Problem(f"{path}.id", "id_duplicate", {"value": shown(name), "first": ids[name]})
        ids.setdefault(name, path)
    if group in _HOW:
        known, example = _HOW[group]
        yield from _one_of(path, rule, known, example)
    for key in ("parts", "steps"):
        if rule.get(key) == []:
            yield Problem(f"{path}.{key}", "empty_list")
    steps = rule.get("steps")
    if group == "reductions" and isinstance(steps, list | tuple):
        for index, step in enumerate(steps):
            if isinstance(step, Mapping):
                yield from _one_of(f"{path}.steps[{index}]", step, ("spend", "pieces"), 'spend: "300"')
                yield from _one_of(f"{path}.steps[{index}]", step, ("minus", "discount"), 'minus: "40"')


def _one_of(path: str, part: Mapping[Any, Any], known: tuple[str, ...], example: str) -> Iterator[Problem]:
    if sum(key in part for key in known) != 1:
        yield Problem(path, "one_of_spans", {"known": ", ".join(known), "example": example})


def contradictions(rules: Rules) -> Iterator[Problem]:
    """What does not go together in rules whose values can all be read."""
    for group in GROUPS:
        for index, rule in enumerate(getattr(rules, group)):
            path = f"{group}[{index}]"
            when = rule.when
            if when is not None and when.start is not None and when.end is not None and when.start >= when.end:
                yield Problem(f"{path}.when", "empty_range", {"start": str(when.start), "end": str(when.end)})
            for key in ("discount", "minus", "cheapest"):
                if getattr(rule, key, None) == 0:
                    yield Problem(f"{path}.{key}", "nothing_off")
    for index, rule in enumerate(rules.reductions):
        path = f"reductions[{index}]"
        yield from _steps(path, rule.steps, rules.currency)
        if rule.each is not None:
            yield from _each(f"{path}.each", rule.each, rules.currency)


def _steps(path: str, steps: Sequence[ReductionStep], currency: str) -> Iterator[Problem]:
    before: ReductionStep | None = None
    for index, step in enumerate(steps):
        here = f"{path}.steps[{index}]"
        yield from _off(here, step.minus, step.spend, currency)
        if step.discount == 0:
            yield Problem(f"{here}.discount", "nothing_off")
        if before is not None:
            if (step.spend is None) != (before.spend is None):
                yield Problem(here, "steps_mixed")
            elif (step.spend or step.pieces or 0) <= (before.spend or before.pieces or 0):
                yield Problem(here, "steps_ascend")
        before = step


def _each(path: str, each: Each, currency: str) -> Iterator[Problem]:
    if each.spend == 0:
        yield Problem(f"{path}.spend", "too_small", {"value": 0, "least": format_units(1, currency)})
    else:
        yield from _off(path, each.minus, each.spend, currency)


def _off(path: str, minus: int | None, spend: int | None, currency: str) -> Iterator[Problem]:
    if minus == 0:
        yield Problem(f"{path}.minus", "nothing_off")
    if minus is not None and spend is not None and minus > spend:
        params = {"minus": format_units(minus, currency), "spend": format_units(spend, currency)}
        yield Problem(f"{path}.minus", "minus_above_spend", params)
