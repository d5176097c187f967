"""The points mall in the console: its items, one as a form, and what members had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class ItemRow:
    id: str
    name: str
    kind: str
    state: str
    """open or closed."""
    points: int
    taken: int
    stock: int | None
    picture: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class MallItems:
    template: ClassVar[str] = "console/mall.html"
    q: str
    rows: tuple[ItemRow, ...]
    asked: int
    """Exchanges that wait to be sent or given."""
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = True


@dataclass(frozen=True, slots=True)
class ItemForm:
    """One item as a form; `id` is empty for a new one. Times are the tenant's."""

    template: ClassVar[str] = "console/mall_item.html"
    id: str
    values: dict[str, str]
    kinds: tuple[tuple[str, str], ...]
    coupons: tuple[tuple[str, str], ...]
    tiers: tuple[tuple[str, str], ...]
    picture: str = ""
    locked: bool = False
    """Whether its kind stays."""
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeLine:
    id: str
    code: str
    member_id: str
    member: str
    name: str
    kind: str
    state: str
    points: int
    at: datetime
    place: str
    """Where it goes, for whoever sends it; masked for others."""
    parcel: str
    reason: str


@dataclass(frozen=True, slots=True)
class MallExchanges:
    template: ClassVar[str] = "console/mall_exchanges.html"
    states: ClassVar[tuple[str, ...]] = ("asked", "sent", "done", "cancelled")
    state: str
    q: str
    rows: tuple[ExchangeLine, ...]
    cursor: Cursor = field(default_factory=Cursor)
    may_send: bool = True
    problem: str = ""
    values: dict[str, str] = field(default_factory=dict)
