"""What a segment's document says, as it was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from rongshu.engine.money import format_units
from rongshu.engine.segments.facts import DECIMALS, Fact, Kind

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One fact within bounds (both included, in the units of its kind), among values, or yes or no."""

    about: Fact
    at_least: int | None = None
    at_most: int | None = None
    values: tuple[str, ...] = ()
    wanted: bool | None = None
    within_days: int | None = None

    @property
    def fact(self) -> str:
        return self.about.name


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Node


Node = Condition | AllOf | AnyOf | Not


def conditions(node: Node) -> Iterator[Condition]:
    """Every condition in it, in the order of writing."""
    if isinstance(node, Condition):
        yield node
    else:
        for part in (node.part,) if isinstance(node, Not) else node.parts:
            yield from conditions(part)


def bound_text(kind: Kind, bound: int, currency: str) -> str:
    """A bound as documents and people read it: `500.00`, `41.5`, `2026-05-01`, `3`."""
    match kind:
        case Kind.MONEY:
            return format_units(bound, currency)
        case Kind.DAY:
            return date.fromordinal(bound).isoformat()
        case Kind.DECIMAL:
            whole, part = divmod(abs(bound), 10**DECIMALS)
            decimals = f".{part:0{DECIMALS}}".rstrip("0").rstrip(".")
            return f"{'-' * (bound < 0)}{whole}{decimals}"
    return str(bound)


def canonical(node: Node, currency: str) -> Document:
    """The document of it: values sorted, money as decimal text; reading it gives the same again."""
    if isinstance(node, Not):
        return {"not": canonical(node.part, currency)}
    if isinstance(node, AllOf | AnyOf):
        return {"all" if isinstance(node, AllOf) else "any": [canonical(part, currency) for part in node.parts]}
    written: Document = {"fact": node.fact}
    for key, bound in (("at_least", node.at_least), ("at_most", node.at_most)):
        if bound is not None:
            written[key] = bound if node.about.kind is Kind.NUMBER else bound_text(node.about.kind, bound, currency)
    if node.values:
        written["in"] = list(node.values)
    if node.wanted is not None:
        written["is"] = node.wanted
    if node.within_days is not None:
        written["within_days"] = node.within_days
    return written
