"""Console pages of price rules: everything in force or drafted, one rule, and the tester."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class RuleCard:
    """`state` of a draft's rule against what is in force: same, new, changed, removed."""

    id: str
    name: str
    what: str
    on: str
    when: tuple[str, ...]
    state: str = "same"


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules of one stage."""

    key: str
    title: str
    about: str
    rules: tuple[RuleCard, ...]


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    state: str
    begins: datetime
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Prices:
    """The rules: the draft where there is one, else what is in force. `revision` 0: no draft."""

    template: ClassVar[str] = "console/prices.html"
    groups: tuple[RuleGroup, ...]
    together: int
    revision: int
    changes: int
    """How many rules the draft makes, changes or removes."""
    in_force: int
    """Number of the version; 0 for none."""
    versions: tuple[VersionRow, ...]
    text: str
    """The shown rules as YAML."""
    values: Mapping[str, str] = field(default_factory=dict)
    may_set: bool = True
    problems: tuple[tuple[str, str], ...] = ()
    """(path, words) of a text that was refused."""
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    name: str
    on: bool


@dataclass(frozen=True, slots=True)
class StepFields:
    """A step of a full reduction as typed."""

    at: int
    least: str
    off: str


@dataclass(frozen=True, slots=True)
class PartFields:
    """A part of a bundle as typed."""

    at: int
    pieces: str
    skus: str
    categories: str
    except_skus: str


@dataclass(frozen=True, slots=True)
class PriceRule:
    """One rule as a form; `id` empty for a new one."""

    template: ClassVar[str] = "console/price_rule.html"
    group: str
    group_title: str
    id: str
    revision: int
    values: Mapping[str, str]
    how: tuple[Choice, ...]
    counted: tuple[Choice, ...]
    steps: tuple[StepFields, ...]
    parts: tuple[PartFields, ...]
    goes_with: tuple[Choice, ...]
    days: tuple[Choice, ...]
    tiers: tuple[Choice, ...]
    categories: tuple[str, ...]
    problems: tuple[tuple[str, str], ...] = ()
    wrong: frozenset[str] = frozenset()
    """Names of fields with a problem."""
    problem: str = ""
    segments: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class CartRow:
    at: int
    sku: str
    qty: str
    price: str


@dataclass(frozen=True, slots=True)
class StepRow:
    """What a rule took off."""

    kind: str
    name: str
    minus: Money


@dataclass(frozen=True, slots=True)
class MissRow:
    """Why something took nothing off, and what to do."""

    name: str
    why: str
    todo: str


@dataclass(frozen=True, slots=True)
class ResultLine:
    sku: str
    title: str
    qty: int
    price: Money
    unit: Money
    paid: Money
    steps: tuple[StepRow, ...]
    misses: tuple[MissRow, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """A priced cart."""

    lines: tuple[ResultLine, ...]
    subtotal: Money
    totals: tuple[tuple[str, Money], ...]
    """What each kind took off the goods, where it took anything."""
    goods: Money
    shipping_fee: Money
    shipping: Money
    payable: Money
    gifts: tuple[str, ...]
    points: int
    refused: tuple[MissRow, ...]
    misses: tuple[MissRow, ...]
    version: int
    """0: the draft, or no rules."""


@dataclass(frozen=True, slots=True)
class PriceTester:
    """A cart in, its price out."""

    template: ClassVar[str] = "console/price_tester.html"
    rows: tuple[CartRow, ...]
    values: Mapping[str, str]
    tiers: tuple[Choice, ...]
    has_draft: bool
    skus: tuple[tuple[str, str], ...]
    """Some products: (sku, title)."""
    result: Result | None = None
    problem: str = ""
    at: str = ""
