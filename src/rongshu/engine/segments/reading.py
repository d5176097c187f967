"""Reads the document of a segment, or refuses it with the path of each problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from rongshu.engine.money import MoneyError, parse_units
from rongshu.engine.plan.problems import PlanError, Problem, path_of, shown
from rongshu.engine.segments.facts import DECIMALS, FACTS, Fact, Kind
from rongshu.engine.segments.model import AllOf, AnyOf, Condition, Node, Not

MOST_DEEP = 6
MOST_CONDITIONS = 60
MOST_VALUES = 200
MOST_TEXT = 200
MOST_NAMED = 20
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_NUMBER = re.compile(r"(-)?([0-9]{1,12})(?:\.([0-9]{1,6}))?")
_JOINED = ("all", "any", "not")
_KEYS = {
    Kind.NUMBER: ("at_least", "at_most"),
    Kind.MONEY: ("at_least", "at_most"),
    Kind.CHOICE: ("in",),
    Kind.YES_NO: ("is",),
    Kind.DECIMAL: ("at_least", "at_most"),
    Kind.DAY: ("at_least", "at_most"),
}
_EXAMPLE = '{"fact": "orders", "at_least": 2}'
Path = tuple[str | int, ...]


def read_conditions(document: Any, currency: str, facts: Mapping[str, Fact] = FACTS) -> Node:
    """What a parsed document asks of these facts; money in it is decimal text of the currency. Raises PlanError with every problem."""
    reader = _Reader(currency, facts)
    node = reader.node(document, ())
    if reader.problems or node is None:
        raise PlanError(reader.problems)
    return node


class _Reader:
    def __init__(self, currency: str, facts: Mapping[str, Fact]) -> None:
        self.currency = currency
        self.facts = facts
        self.problems: list[Problem] = []
        self.count = 0

    def wrong(self, path: Path, code: str, **params: Any) -> None:
        self.problems.append(Problem(path_of(path), code, params))

    def node(self, value: Any, path: Path) -> Node | None:
        if not isinstance(value, Mapping):
            self.wrong(path, "not_mapping", value=shown(_short(value)), example=_EXAMPLE)
            return None
        joined = [key for key in _JOINED if key in value]
        if "fact" in value and not joined:
            return self.condition(value, path)
        if len(joined) != 1 or len(value) != 1:
            self.wrong(path, "one_of_spans", known="all, any, not, fact", example=_EXAMPLE)
            return None
        (how,) = joined
        if len([key for key in path if isinstance(key, str)]) >= MOST_DEEP:
            self.wrong(path, "nested_deep", most=MOST_DEEP)
            return None
        if how == "not":
            part = self.node(value[how], (*path, how))
            return None if part is None else Not(part)
        parts = value[how]
        if not isinstance(parts, list):
            self.wrong((*path, how), "not_list", value=shown(_short(parts)))
            return None
        if not parts:
            self.wrong((*path, how), "empty_list")
            return None
        if len(parts) > MOST_CONDITIONS:
            self.wrong((*path, how), "too_many_rules", most=MOST_CONDITIONS)
            return None
        read = [self.node(part, (*path, how, place)) for place, part in enumerate(parts)]
        found = tuple(part for part in read if part is not None)
        return AllOf(found) if how == "all" else AnyOf(found)

    def condition(self, value: Mapping[Any, Any], path: Path) -> Condition | None:
        self.count += 1
        if self.count > MOST_CONDITIONS:
            if self.count == MOST_CONDITIONS + 1:
                self.wrong(path, "too_many_rules", most=MOST_CONDITIONS)
            return None
        name = value["fact"]
        fact = self.facts.get(name) if isinstance(name, str) else None
        if fact is None:
            self.wrong((*path, "fact"), "not_choice", value=shown(_short(name)), known=", ".join(self.facts))
            return None
        keys = (*_KEYS[fact.kind], *(("within_days",) if fact.window else ()))
        before = len(self.problems)
        for key in value:
            if key != "fact" and key not in keys:
                self.wrong((*path, str(key)[:40]), "unknown_key", key=shown(str(key)), known=", ".join(("fact", *keys)))
        least, most = self.bound(fact, value, path, "at_least"), self.bound(fact, value, path, "at_most")
        if "at_least" in _KEYS[fact.kind] and not {"at_least", "at_most"} & set(value):
            self.wrong(path, "one_of_spans", known="at_least, at_most", example=_EXAMPLE)
        if least is not None and most is not None and least > most:
            self.wrong((*path, "at_most"), "too_small", value=shown(value["at_most"]), least=shown(value["at_least"]))
        values = self.values(fact, value, path) if fact.kind is Kind.CHOICE else ()
        wanted = value.get("is")
        if fact.kind is Kind.YES_NO and not isinstance(wanted, bool):
            self.wrong((*path, "is"), "not_yes_no" if "is" in value else "missing", value=shown(_short(wanted)))
        days = self.whole(value, path, "within_days", 1, fact.window) if fact.window else None
        if len(self.problems) > before:
            return None
        return Condition(fact, least, most, values, wanted if fact.kind is Kind.YES_NO else None, days)

    def bound(self, fact: Fact, value: Mapping[Any, Any], path: Path, key: str) -> int | None:
        if key not in value or key not in _KEYS[fact.kind]:
            return None
        if fact.kind is Kind.NUMBER:
            return self.whole(value, path, key, 0, fact.most)
        given = value[key]
        if fact.kind in (Kind.DAY, Kind.DECIMAL):
            read: int | None = _day(given) if fact.kind is Kind.DAY else _millionths(given)
            if read is None:
                self.wrong(
                    (*path, key), "not_date" if fact.kind is Kind.DAY else "not_number", value=shown(_short(given))
                )
            return read
        try:
            if not isinstance(given, str):
                raise MoneyError("not_money")
            units = parse_units(given, self.currency)
        except MoneyError:
            self.wrong((*path, key), "not_money", value=shown(_short(given)))
            return None
        if not 0 <= units <= fact.most:
            self.wrong((*path, key), "not_money", value=shown(_short(given)))
            return None
        return units

    def whole(self, value: Mapping[Any, Any], path: Path, key: str, least: int, most: int) -> int | None:
        if key not in value:
            self.wrong((*path, key), "missing")
            return None
        given = value[key]
        if isinstance(given, bool) or not isinstance(given, int):
            self.wrong((*path, key), "not_whole", value=shown(_short(given)))
            return None
        if given < least:
            self.wrong((*path, key), "too_small", value=shown(given), least=least)
            return None
        if given > most:
            self.wrong((*path, key), "too_big", value=shown(_short(given)), most=most)
            return None
        return given

    def values(self, fact: Fact, value: Mapping[Any, Any], path: Path) -> tuple[str, ...]:
        path = (*path, "in")
        given = value.get("in")
        if "in" not in value:
            self.wrong(path, "missing")
        elif not isinstance(given, list):
            self.wrong(path, "not_list", value=shown(_short(given)))
        elif not given:
            self.wrong(path, "empty_list")
        elif len(given) > MOST_VALUES:
            self.wrong(path, "too_many_rules", most=MOST_VALUES)
        else:
            for place, one in enumerate(given):
                self.text(fact, one, (*path, place))
            return tuple(sorted({one for one in given if isinstance(one, str)}))
        return ()

    def text(self, fact: Fact, one: Any, path: Path) -> None:
        if not isinstance(one, str):
            self.wrong(path, "not_text", value=shown(_short(one)))
        elif not one:
            self.wrong(path, "empty_text")
        elif len(one) > MOST_TEXT:
            self.wrong(path, "text_too_long", value=shown(one), most=MOST_TEXT)
        elif any(ord(sign) < 32 or 0xD800 <= ord(sign) <= 0xDFFF for sign in one):
            self.wrong(path, "strange_letter")
        elif fact.choices and one not in fact.choices:
            self.wrong(path, "not_choice", value=shown(one), known=_some(fact.choices))


def _some(choices: tuple[str, ...]) -> str:
    return ", ".join(choices[:MOST_NAMED]) + ", …" * (len(choices) > MOST_NAMED)


def _day(given: Any) -> int | None:
    if not isinstance(given, str) or not _DAY.fullmatch(given):
        return None
    try:
        return date.fromisoformat(given).toordinal()
    except ValueError:
        return None


def _millionths(given: Any) -> int | None:
    if isinstance(given, bool) or not isinstance(given, int | str):
        return None
    found = _NUMBER.fullmatch(str(given)) if isinstance(given, str) or abs(given) < 10**13 else None
    if found is None:
        return None
    sign, whole, decimals = found.groups()
    return (-1 if sign else 1) * int(whole + (decimals or "").ljust(DECIMALS, "0"))


def _short(value: Any) -> Any:
    """A value as it can be quoted."""
    if value is None or isinstance(value, bool | str):
        return value
    return str(value)[:60] if not isinstance(value, int) or abs(value) < 10**60 else "…"
