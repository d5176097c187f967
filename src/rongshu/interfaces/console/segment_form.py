"""A segment's conditions as rows of a form, and the rows as a document, whether it can be read yet or not.

The form knows groups of conditions: all or any of the groups, in each all or any of its conditions, each also denied.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from rongshu.engine.plan.problems import Problem
from rongshu.engine.segments.facts import Fact, Kind
from rongshu.interfaces.console.price_form import listed

Document = dict[str, Any]
MOST_GROUPS, MOST_ROWS = 10, 20
HOW = ("all", "any")
BOUNDS = ("least", "most")


@dataclass(frozen=True, slots=True)
class Row:
    """One condition as typed."""

    fact: str
    negated: bool = False
    least: str = ""
    most: str = ""
    values: tuple[str, ...] = ()
    yes: bool = True
    days: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    how: str = "all"
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as typed; a new one begins with a group that asks nothing yet."""

    how: str = "all"
    groups: tuple[Group, ...] = field(default_factory=lambda: (Group(),))


def typed(post: QueryDict, facts: Mapping[str, Fact]) -> Typed:
    """The rows in their sequence; rows about nothing that can be asked are passed over."""
    groups = []
    for at in range(MOST_GROUPS):
        if f"g{at}-how" in post:
            rows = [
                _typed_row(post, f"g{at}-r{row}", facts)
                for row in range(MOST_ROWS)
                if post.get(f"g{at}-r{row}-fact", "") in facts
            ]
            groups.append(Group(_how(post.get(f"g{at}-how", "")), tuple(rows)))
    return Typed(_how(post.get("how", "")), tuple(groups) or (Group(),))


def _how(text: str) -> str:
    return text if text in HOW else "all"


def _typed_row(post: QueryDict, key: str, facts: Mapping[str, Fact]) -> Row:
    def given(name: str) -> str:
        return str(post.get(f"{key}-{name}", "")).strip()[:20_000]

    picked = [one[:200] for one in post.getlist(f"{key}-pick")[:200]]
    return Row(
        fact=given("fact"),
        negated=given("not") == "yes",
        least=given("least")[:40],
        most=given("most")[:40],
        values=tuple(dict.fromkeys(picked + listed(given("in")))),
        yes=given("is") != "no",
        days=given("days")[:10],
    )


def with_row(form: Typed, at: int, fact: str) -> Typed:
    """The form with one more condition in a group."""
    groups = list(form.groups)
    if 0 <= at < len(groups) and len(groups[at].rows) < MOST_ROWS:
        groups[at] = Group(groups[at].how, (*groups[at].rows, Row(fact)))
    return Typed(form.how, tuple(groups))


def without_row(form: Typed, at: int, row: int) -> Typed:
    """The form without a condition; of several groups one that is left empty goes too."""
    groups = list(form.groups)
    if 0 <= at < len(groups):
        kept = tuple(one for place, one in enumerate(groups[at].rows) if place != row)
        groups[at] = Group(groups[at].how, kept)
        if not kept and len(groups) > 1:
            del groups[at]
    return Typed(form.how, tuple(groups))


def with_group(form: Typed) -> Typed:
    """The form with one more group."""
    return form if len(form.groups) >= MOST_GROUPS else Typed(form.how, (*form.groups, Group()))


def document_of(form: Typed, facts: Mapping[str, Fact]) -> tuple[Document | None, dict[str, tuple[int, int]]]:
    """The document the rows say, None of no rows; and where each path of it that names a condition stands: (group, row)."""
    filled = [(at, group) for at, group in enumerate(form.groups) if group.rows]
    spots: dict[str, tuple[int, int]] = {}

    def row(at: int, place: int, path: str) -> Document:
        one = form.groups[at].rows[place]
        spots[f"{path}.not".lstrip(".") if one.negated else path] = (at, place)
        written = _condition(one, facts[one.fact])
        return {"not": written} if one.negated else written

    def group(at: int, path: str) -> Document:
        one = form.groups[at]
        if len(one.rows) == 1:
            return row(at, 0, path)
        prefix = f"{path}.{one.how}".lstrip(".")
        return {one.how: [row(at, place, f"{prefix}[{place}]") for place in range(len(one.rows))]}

    if not filled:
        return None, spots
    if len(filled) == 1:
        return group(filled[0][0], ""), spots
    return {form.how: [group(at, f"{form.how}[{place}]") for place, (at, _one) in enumerate(filled)]}, spots


def _condition(one: Row, fact: Fact) -> Document:
    written: Document = {"fact": one.fact}
    if fact.kind is Kind.YES_NO:
        written["is"] = one.yes
    elif fact.kind is Kind.CHOICE:
        written["in"] = list(one.values)
    else:
        for key, text in (("at_least", one.least), ("at_most", one.most)):
            if text:
                written[key] = _whole(text) if fact.kind is Kind.NUMBER else text.replace(",", "").replace("，", "")
    if fact.window and one.days:
        written["within_days"] = _whole(one.days)
    return written


def _whole(text: str) -> int | str:
    plain = text.replace(",", "")
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else text


def form_of(document: Mapping[str, Any], facts: Mapping[str, Fact]) -> Typed | None:
    """The rows of a canonical document; None where it is nested deeper than rows and groups can say."""
    how, parts = _joined(document)
    if how is None:
        return _whole_form([_row(document, facts)])
    if all(_row(part, facts) for part in parts):
        return _whole_form([_row(part, facts) for part in parts], how)
    groups = []
    for part in parts:
        inner, own = _joined(part)
        rows = [_row(one, facts) for one in (own if inner else [part])]
        if not rows or not all(rows) or len(rows) > MOST_ROWS:
            return None
        groups.append(Group(inner or "all", tuple(row for row in rows if row)))
    return Typed(how, tuple(groups)) if len(groups) <= MOST_GROUPS else None


def _whole_form(rows: Sequence[Row | None], how: str = "all") -> Typed | None:
    if not all(rows) or len(rows) > MOST_ROWS:
        return None
    return Typed("all", (Group(how, tuple(row for row in rows if row)),))


def _joined(document: Mapping[str, Any]) -> tuple[str | None, list[Any]]:
    return next(((how, list(document[how])) for how in HOW if how in document), (None, []))


def _row(document: Mapping[str, Any], facts: Mapping[str, Fact]) -> Row | None:
    negated = "not" in document
    one = document["not"] if negated else document
    if one.get("fact") not in facts:
        return None
    values = tuple(one.get("in", ()))
    if tuple(listed(", ".join(values))) != values:
        return None
    return Row(
        fact=one["fact"],
        negated=negated,
        least=str(one.get("at_least", "")),
        most=str(one.get("at_most", "")),
        values=values,
        yes=bool(one.get("is", True)),
        days=str(one.get("within_days", "")),
    )


FIELDS = {
    "at_least": "least",
    "at_most": "most",
    "in": "in",
    "is": "is",
    "within_days": "days",
    "fact": "fact",
    "": "least",
}
"""The field that a path inside a condition stands in."""


def placed(problems: Sequence[Problem], spots: Mapping[str, tuple[int, int]]) -> list[tuple[tuple[int, int] | None, str, Problem]]:  # fmt: skip
    """Each problem with the (group, row) it is about, None for the whole, and the field."""
    found: list[tuple[tuple[int, int] | None, str, Problem]] = []
    for one in problems:
        fits = [path for path in spots if one.path == path or not path or one.path.startswith((f"{path}.", f"{path}["))]
        path = max(fits, key=len, default=None)
        rest = "" if path is None else one.path.removeprefix(path).lstrip(".")
        found.append((None if path is None else spots[path], FIELDS.get(re.split(r"[.\[]", rest)[0], "fact"), one))
    return found
