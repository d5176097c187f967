"""The points mall: what can be had, one item with where it is to go, and what the reader had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class MallTile:
    id: str
    name: str
    kind: str
    """goods, coupon or privilege."""
    points: int
    picture: str
    note: str
    left: int | None
    """Said from 100 on downwards; None otherwise."""
    until: datetime | None
    reason: str = ""
    """Why the reader cannot have it; empty where they can."""


@dataclass(frozen=True, slots=True)
class Mall:
    template: ClassVar[str] = "portal/mall.html"
    usable: int
    rows: tuple[MallTile, ...]
    waiting: int
    """Exchanges of the reader that are under way."""
    cursor: Cursor = field(default_factory=Cursor)


@dataclass(frozen=True, slots=True)
class MallOne:
    """One item. `values` is what was typed, or where the last one went."""

    template: ClassVar[str] = "portal/mall_item.html"
    tile: MallTile
    usable: int
    short: int
    """Points that are missing; 0 where there are enough."""
    key: str
    values: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    id: str
    name: str
    kind: str
    state: str
    points: int
    at: datetime
    code: str
    """What the team asks for before it gives a privilege; empty otherwise."""
    parcel: str
    place: str
    reason: str
    back: int
    may_cancel: bool
    may_finish: bool


@dataclass(frozen=True, slots=True)
class Exchanges:
    template: ClassVar[str] = "portal/exchanges.html"
    rows: tuple[ExchangeRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    problem: str = ""
    at: str = ""
