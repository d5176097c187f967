"""What an order can be like, as far as a plan can tell: for each key of `when` a few cells, in each of which the same rules hold.

A rule holds for an order when it holds in the cell of every key, so the rules that hold are the intersection of the cells'
rules: sets of rules are integers, one bit a rule. Cells in which the same rules hold are one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from rongshu.engine.money import format_units
from rongshu.engine.plan import When

SHARED = ("order", "category", "sku", "tier", "channel", "store", "region", "paid", "min_order")
"""Keys that say the same of everybody who earns from a line."""
PRIVATE = ("rank", "promoter_days")
"""Keys that say something of one beneficiary."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One thing an order (or a beneficiary) can be, for one key."""

    value: str
    """As the plan would write it; empty where it is nothing the plan names."""
    rules: int
    """The rules that do not mind: a bit each."""
    bonus: int = 0
    """What the rank earns besides, by the differential."""


def cells(key: str, whens: Sequence[When], currency: str, bonuses: Sequence[tuple[str, int]] = ()) -> tuple[Cell, ...]:
    """The cells of a key for rules with these conditions; `bonuses` by rank only matter for `rank`.

    Of cells that differ in nothing but their value the first is kept.
    """
    asked = [getattr(when, key) for when in whens]
    always = sum(1 << index for index, value in enumerate(asked) if value is None)
    holds = _HOLDS.get(key, _is_word)
    by_rank = dict(bonuses) if key == "rank" else {}
    made: list[Cell] = []
    for item in _candidates(key, [value for value in asked if value is not None], by_rank):
        rules = always + sum(1 << i for i, value in enumerate(asked) if value is not None and holds(item, value))
        made.append(Cell(_shown(key, item, currency), rules, by_rank.get(item, 0)))
    return tuple({(one.rules, one.bonus): one for one in reversed(made)}.values())[::-1]


def _candidates(key: str, asked: list[Any], by_rank: dict[str, int]) -> list[Any]:
    """One representative of each cell. What the plan does not name comes first: it is the plainest thing to say."""
    match key:
        case "order":
            return [None, "first", "repeat"]
        case "paid":
            bounds = sorted({day for window in asked for day in (window.start, window.end) if day is not None})
            earlier = [bounds[0] - timedelta(days=1)] if bounds and bounds[0] > date.min else []
            return [*earlier, *bounds] or [None]
        case "promoter_days":
            ends = {day for window in asked for day in (window.start, window.below) if day is not None}
            # Nobody earns before joining: days are never below 0. None: the joining is unknown.
            return [None, *sorted({0} | ends)]
        case "min_order":
            # An order without anything paid has no base: the least is one minor unit.
            return [1, *sorted({least for least in asked if least > 1})]
        case _:
            words = dict.fromkeys(word for words in asked for word in words)
            return [None, *words, *(rank for rank in by_rank if rank not in words)]


def _is_word(item: str | None, words: Iterable[str]) -> bool:
    return item in tuple(words)


def _in_category(item: str | None, words: Iterable[str]) -> bool:
    return item is not None and any(item == word or item.startswith(word + "/") for word in words)


def _in_range(item: Any, start: Any, end: Any) -> bool:
    return item is not None and (start is None or item >= start) and (end is None or item < end)


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "category": _in_category,
    "paid": lambda item, window: _in_range(item, window.start, window.end),
    "promoter_days": lambda item, window: _in_range(item, window.start, window.below),
    "min_order": lambda item, least: bool(item >= least),
}


def _shown(key: str, item: Any, currency: str) -> str:
    if item is None:
        return ""
    return format_units(item, currency) if key == "min_order" else str(item)
