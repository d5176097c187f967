"""Console page of the attribution policy: in words, as a form, tried on past orders, its versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money, Person


@dataclass(frozen=True, slots=True)
class Version:
    """One published policy. `state` as versions of plans: in_force, scheduled, past."""

    id: str
    begins: datetime
    state: str
    who: str
    reason: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MethodField:
    """One way of finding a promoter; `place` is when it is asked, 0 for never."""

    key: str
    name: str
    place: int
    bonds: bool
    may_bond: bool


@dataclass(frozen=True, slots=True)
class KindField:
    key: str
    name: str
    days: str


@dataclass(frozen=True, slots=True)
class HandedRow:
    before: Person | None
    then: Person | None
    orders: int
    paid: Money
    commission: Money


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """One order that would have gone elsewhere, with the reason before and then."""

    order_id: str
    order_ref: str
    paid_at: datetime
    paid: Money
    commission: Money
    before: Person | None
    why_before: str
    then: Person | None
    why_then: str


@dataclass(frozen=True, slots=True)
class Trial:
    """What the draft would have done with the orders of a window."""

    orders: int
    changed: int
    paid: Money
    commission: Money
    handed: tuple[HandedRow, ...]
    rows: tuple[ChangedRow, ...]
    more: int
    """Orders that changed and do not stand in `rows`; the file has them."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The policy. `draft` says in words what stands in the form, when that is not what is in force."""

    template: ClassVar[str] = "console/attribution.html"
    places: ClassVar[tuple[int, ...]] = (1, 2, 3, 4)
    words: tuple[str, ...]
    since: datetime | None
    methods: tuple[MethodField, ...]
    kinds: tuple[KindField, ...]
    values: dict[str, str]
    """Checked boxes are "yes"."""
    versions: tuple[Version, ...]
    draft: tuple[str, ...] = ()
    trial: Trial | None = None
    may_set: bool = False
    problem: str = ""
    at: str = ""
