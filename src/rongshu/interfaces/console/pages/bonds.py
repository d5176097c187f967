"""Console pages of whose customers are whose, and of stores."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person


@dataclass(frozen=True, slots=True)
class BondRow:
    """`state`: in_force, soon (ends within 30 days), past."""

    customer: Person
    holder: Person
    since: datetime
    until: datetime | None
    state: str


@dataclass(frozen=True, slots=True)
class Bonds:
    """Customers with whom they belong to."""

    template: ClassVar[str] = "console/bonds.html"
    states: ClassVar[tuple[str, ...]] = ("", "soon", "past")
    state: str
    holder: Person | None
    rows: tuple[BondRow, ...]
    cursor: Cursor
    problem: str = ""


@dataclass(frozen=True, slots=True)
class BondChange:
    at: datetime
    what: str
    before: Person | None
    after: Person | None
    who: str
    reason: str
    order_id: str = ""


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer: whom they belong to and how it came about, the latest first."""

    template: ClassVar[str] = "console/bond.html"
    customer: Person
    bond: BondRow | None
    last_day: date | None
    changes: tuple[BondChange, ...]
    values: dict[str, str]
    may_give: bool = False
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class StoreRow:
    store: str
    holder: Person
    at: datetime
    who: str


@dataclass(frozen=True, slots=True)
class Stores:
    """Stores and who holds them."""

    template: ClassVar[str] = "console/stores.html"
    rows: tuple[StoreRow, ...]
    next: str
    """The store after which the next page begins."""
    values: dict[str, str]
    asked: bool = True
    """Whether the policy asks stores at all."""
    may_give: bool = False
    problem: str = ""
    at: str = ""
