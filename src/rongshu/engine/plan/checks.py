"""What no single value shows: ids that clash, levels that do not exist, a rate next to a fixed amount.

The checks look at the raw document, so that they are reported together with the values that cannot be read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from rongshu.engine.plan.fields import read_date
from rongshu.engine.plan.model import MAX_LEVEL, level_number
from rongshu.engine.plan.problems import Problem, path_of, shown


def check(document: Mapping[Any, Any]) -> Iterator[Problem]:
    """Every problem between the parts of a document that may still have unreadable values."""
    yield from nothing_written(document, (), set())
    levels = document.get("levels")
    numbers: set[int] = set()
    if isinstance(levels, Mapping):
        yield from _check_levels(levels, numbers, document)
    elif "levels" not in document and "differential" not in document:
        yield Problem("levels", "no_levels")
    ids: dict[str, str] = {}
    for path, override in _parts(document, "overrides"):
        yield from _check_id(path, override, ids)
        yield from _check_override(path, override, numbers if isinstance(levels, Mapping) else None)
        yield from _check_when(path, override)
    for path, boost in _parts(document, "boosts"):
        yield from _check_id(path, boost, ids)
        yield from _check_when(path, boost)
    for key in ("steps", "pools"):
        for path, part in _parts(document, key):
            yield from _check_id(path, part, ids)
            yield from _check_bands(path, part)


def nothing_written(value: Any, path: tuple[str | int, ...], seen: set[int]) -> Iterator[Problem]:
    """Keys without a value: an empty condition would hold for everything, an empty cap for nobody."""
    if value is None:
        yield Problem(path_of(path), "nothing_written")
    if not isinstance(value, Mapping | list | tuple) or id(value) in seen:
        return
    seen.add(id(value))
    for key, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
        yield from nothing_written(inner, (*path, key if isinstance(key, int) else str(key)), seen)


def _parts(document: Mapping[Any, Any], key: str) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    listed = document.get(key)
    if isinstance(listed, list | tuple):
        for index, part in enumerate(listed):
            if isinstance(part, Mapping):
                yield path_of((key, index)), part


def _check_levels(levels: Mapping[Any, Any], numbers: set[int], document: Mapping[Any, Any]) -> Iterator[Problem]:
    if not levels and "differential" not in document:
        yield Problem("levels", "no_levels")
    for key in levels:
        number = level_number(key)
        if number is None:
            yield Problem(f"levels.{key}", "level_number", {"value": shown(key), "most": MAX_LEVEL})
        elif number in numbers:
            yield Problem(f"levels.{key}", "level_twice", {"value": number})
        else:
            numbers.add(number)


def _check_id(path: str, part: Mapping[Any, Any], ids: dict[str, str]) -> Iterator[Problem]:
    name = part.get("id")
    if not isinstance(name, str):
        return
    if name in ids:
        yield Problem(f"{path}.id", "id_duplicate", {"value": shown(name), "first": ids[name]})
    else:
        ids[name] = path


def _check_override(path: str, override: Mapping[Any, Any], levels: set[int] | None) -> Iterator[Problem]:
    if "rate" in override and "fixed" in override:
        yield Problem(path, "rate_and_fixed")
    if "rate" not in override and "fixed" not in override:
        yield Problem(path, "no_rate")
    level = override.get("level")
    if isinstance(level, int) and not isinstance(level, bool) and levels and level not in levels:
        known = ", ".join(str(number) for number in sorted(levels))
        yield Problem(f"{path}.level", "level_unknown", {"value": shown(level), "known": known})


def _check_bands(path: str, steps: Mapping[Any, Any]) -> Iterator[Problem]:
    """Bands go from low to high: each begins above the one before it."""
    before: tuple[Decimal, Any] | None = None
    bands = steps.get("bands")
    if isinstance(bands, list | tuple) and not bands:
        yield Problem(f"{path}.bands", "empty_list")
    for index, band in enumerate(bands if isinstance(bands, list | tuple) else ()):
        start = _amount(band.get("from")) if isinstance(band, Mapping) else None
        if start is None:
            continue
        if before is not None and start <= before[0]:
            params = {"value": shown(band["from"]), "before": shown(before[1])}
            yield Problem(f"{path}.bands[{index}].from", "bands_overlap", params)
        before = (start, band["from"])


def _amount(value: Any) -> Decimal | None:
    """An amount that can be compared, None when it cannot be read (which is reported elsewhere)."""
    try:
        return None if isinstance(value, bool | float) else Decimal(str(value))
    except InvalidOperation:
        return None


def _check_when(path: str, part: Mapping[Any, Any]) -> Iterator[Problem]:
    when = part.get("when")
    if not isinstance(when, Mapping):
        return
    for key, first, last in (("promoter_days", "from", "below"), ("paid", "from", "to")):
        window = when.get(key)
        if not isinstance(window, Mapping):
            continue
        if not window:
            yield Problem(f"{path}.when.{key}", "open_range")
        start, end = _bound(window.get(first)), _bound(window.get(last))
        if start is not None and end is not None and type(start) is type(end) and start >= end:
            params = {"start": shown(window[first]), "end": shown(window[last])}
            yield Problem(f"{path}.when.{key}", "empty_range", params)


def _bound(value: Any) -> Any:
    """A bound that can be compared, None when it is missing or unreadable (which is reported elsewhere)."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        return read_date(value)
    except ValueError:
        return None
