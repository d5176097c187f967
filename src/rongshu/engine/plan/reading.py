"""Reads a plan from YAML, JSON or a mapping, and reports everything that is wrong with it at once."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from rongshu.engine.plan.checks import check
from rongshu.engine.plan.model import (
    Band,
    Boost,
    Caps,
    DateRange,
    DayRange,
    Differential,
    Eligible,
    Level,
    Override,
    Peer,
    Plan,
    Pool,
    Release,
    Steps,
    When,
)
from rongshu.engine.plan.problems import TEMPLATES, PlanError, Problem, path_of, shown

MAX_CHARACTERS = 1_000_000

Shape = TypeVar("Shape", bound=BaseModel)
Shapes = Mapping[tuple[str, ...], type[BaseModel]]
"""The models of a document's mappings by their place: keys, with `*` for a position or for a key of `levels`."""

_SHAPES: Shapes = {
    (): Plan,
    ("levels", "*"): Level,
    ("overrides", "*"): Override,
    ("overrides", "*", "when"): When,
    ("overrides", "*", "when", "promoter_days"): DayRange,
    ("overrides", "*", "when", "paid"): DateRange,
    ("boosts", "*"): Boost,
    ("boosts", "*", "when"): When,
    ("boosts", "*", "when", "promoter_days"): DayRange,
    ("boosts", "*", "when", "paid"): DateRange,
    ("caps",): Caps,
    ("differential",): Differential,
    ("differential", "peer"): Peer,
    ("steps", "*"): Steps,
    ("steps", "*", "bands", "*"): Band,
    ("pools", "*"): Pool,
    ("pools", "*", "eligible"): Eligible,
    ("release",): Release,
}


def read_plan(source: str | bytes | Mapping[Any, Any]) -> Plan:
    """The plan a document describes: YAML or JSON text, or an already parsed mapping.

    Raises PlanError with every problem found, each with the path of its key.
    """
    return read_document(source, Plan, _SHAPES, check)


def read_document(
    source: str | bytes | Mapping[Any, Any],
    shape: type[Shape],
    shapes: Shapes,
    check: Callable[[Mapping[Any, Any]], Iterable[Problem]],
) -> Shape:
    """What a document with a `currency` describes; `check` sees the raw document and says what no single value shows.

    Raises PlanError with every problem found, each with the path of its key.
    """
    document = source if isinstance(source, Mapping) else _parse(source, _example((), shapes))
    if strange := list(_strange(document, (), set())):
        raise PlanError(strange)
    problems = list(check(document))
    try:
        read = shape.model_validate(dict(document), context={"currency": document.get("currency")})
    except ValidationError as error:
        empty = {problem.path for problem in problems if problem.code == "nothing_written"}
        problems += [problem for problem in _problems(error, shapes) if problem.path not in empty]
    else:
        if not problems:
            return read
    raise PlanError(sorted(problems, key=lambda problem: _place(document, problem)))


_STRANGE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


def _strange(value: Any, path: tuple[str | int, ...], seen: set[int]) -> Iterator[Problem]:
    """Texts that no database and no page can hold; escapes can write them into a document."""
    if isinstance(value, str):
        if _STRANGE.search(value):
            yield Problem(path_of(path), "strange_letter")
        return
    if id(value) in seen or len(path) > 50:
        return
    seen.add(id(value))
    if isinstance(value, Mapping):
        for key, child in value.items():
            if isinstance(key, str) and _STRANGE.search(key):
                yield Problem(path_of(path), "strange_letter")
            else:
                yield from _strange(child, (*path, key if isinstance(key, int) else str(key)), seen)
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from _strange(child, (*path, index), seen)


def _parse(source: str | bytes, example: str) -> Mapping[Any, Any]:
    if isinstance(source, bytes):
        try:
            source = source.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise PlanError([Problem("", "not_utf8")]) from None
    source = source.removeprefix("\ufeff")
    if len(source) > MAX_CHARACTERS:
        raise PlanError([Problem("", "too_long", {"most": MAX_CHARACTERS})])
    problems: list[Problem] = []
    try:
        document = _parse_json(source, problems) if source.lstrip().startswith("{") else _parse_yaml(source, problems)
    except RecursionError:
        raise PlanError([Problem("", "not_readable", {"reason": "too deeply nested"})]) from None
    if problems:
        raise PlanError(problems)
    if not isinstance(document, Mapping):
        raise PlanError([Problem("", "not_mapping", {"value": shown(document), "example": example})])
    return document


def _parse_json(source: str, problems: list[Problem]) -> Any:
    """JSON; what only looks like it (YAML in braces) is read as YAML."""

    def mapping(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in pairs:
            if key in found:
                problems.append(Problem(key, "duplicate_key_json", {"key": key}))
            found[key] = value
        return found

    try:
        return json.loads(source, object_pairs_hook=mapping)
    except ValueError:
        problems.clear()
        return _parse_yaml(source, problems)


def _parse_yaml(source: str, problems: list[Problem]) -> Any:
    try:
        loader = yaml.SafeLoader(source)
    except yaml.YAMLError as error:  # a character that no text has
        raise PlanError([Problem("", "not_readable", {"reason": str(error).splitlines()[0]})]) from None
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        problems += _twice(node, (), set())
        return loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise PlanError([Problem("", "not_readable", {"reason": f"{error.problem}{where}"})]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise PlanError([Problem("", "not_readable", {"reason": str(error).splitlines()[0]})]) from None
    finally:
        loader.dispose()


def _twice(node: yaml.Node, path: tuple[str | int, ...], seen: set[int]) -> Iterator[Problem]:
    """Keys written twice in one mapping: YAML readers keep the last one silently."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield from _twice(child, (*path, index), seen)
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key_node, child in node.value:
            key = str(key_node.value) if isinstance(key_node, yaml.ScalarNode) else ""
            here = (*path, key)
            if key and key in keys:
                yield Problem(path_of(here), "duplicate_key", {"key": key, "line": key_node.start_mark.line + 1})
            keys.add(key)
            yield from _twice(child, here, seen)


def _problems(error: ValidationError, shapes: Shapes) -> Iterator[Problem]:
    """What pydantic found, in the words of `problems`."""
    for found in error.errors(include_url=False, include_context=True):
        keys = tuple(key for key in found["loc"] if key != "[key]")
        code, value = found["type"], found.get("input")
        params: dict[str, Any] = dict(found.get("ctx", {}))
        match code:
            case "extra_forbidden" | "invalid_key":
                params = {"key": keys[-1], "known": ", ".join(_known(keys[:-1], shapes))}
                code = "unknown_key"
            case "missing":
                params = {}
            case "model_type" | "dict_type" | "model_attributes_type":
                params, code = {"value": shown(value), "example": _example(keys, shapes)}, "not_mapping"
            case "bool_type":
                params, code = {"value": shown(value)}, "not_yes_no"
            case "int_type":
                params, code = {"value": shown(value)}, "not_whole"
            case "literal_error":
                known = str(params.get("expected", "")).replace("'", "").replace(" or ", ", ")
                params, code = {"value": shown(value), "known": known}, "not_choice"
        if code not in TEMPLATES:
            params, code = {"reason": found["msg"]}, "not_readable"
        yield Problem(path_of(keys), code, params)


def _model(keys: tuple[str | int, ...], shapes: Shapes) -> type[BaseModel] | None:
    pattern = tuple(
        "*" if isinstance(key, int) or (index == 1 and keys[0] == "levels") else str(key)
        for index, key in enumerate(keys)
    )
    return shapes.get(pattern)


def _known(keys: tuple[str | int, ...], shapes: Shapes) -> Iterator[str]:
    """The keys a mapping at this place may have."""
    model = _model(keys, shapes)
    for name, field in model.model_fields.items() if model else ():
        yield field.alias or name


def _example(keys: tuple[str | int, ...], shapes: Shapes) -> str:
    if not keys and "name" in shapes[()].model_fields:
        return "name: spring"
    if keys == ("levels",):
        return "1: {rate: 10%}"
    if keys == ("differential", "ranks"):
        return "gold: 7%"
    return next(_known(keys, shapes), "key") + ": ..."


def _place(document: Mapping[Any, Any], problem: Problem) -> int:
    """Where in the document a problem stands, by its first key; what is missing comes first."""
    first = problem.path.split(".")[0].split("[")[0]
    keys = [str(key) for key in document]
    return keys.index(first) if first in keys else -1
