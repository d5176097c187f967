"""Members that may be one person in the console: pairs, two side by side, and what was merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rongshu.interfaces.console.pages.members import MemberRow, Merged
from rongshu.interfaces.faces.parts import Cursor


@dataclass(frozen=True, slots=True)
class Suspected:
    """Two that are alike, the elder first."""

    one: MemberRow
    other: MemberRow
    alike: tuple[str, ...]
    """`phone`, `email`, `external_id`, `name_birthday`."""


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Pairs in the order of their ids, or (`view` is `merged`) what was merged, latest first."""

    template: ClassVar[str] = "console/duplicates.html"
    view: str
    pairs: tuple[Suspected, ...] = ()
    merged: tuple[Merged, ...] = ()
    cursor: Cursor = field(default_factory=Cursor)
    may_edit: bool = True


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two with what tells them apart."""

    row: MemberRow
    external_id: str
    email: str
    birthday: str
    region: str
    growth: int
    promotes: bool


@dataclass(frozen=True, slots=True)
class Together:
    """Two members side by side, who would stay, and what would move to them."""

    template: ClassVar[str] = "console/duplicate.html"
    stays: Side
    goes: Side
    alike: tuple[str, ...]
    orders: int
    points: int
    growth: int
    coupons: int
    filled: tuple[str, ...]
    """In words."""
    problem: str = ""
    """Why they cannot be merged this way round."""
    wrong: str = ""
    reason: str = ""
    apart: bool = False
    """Whether somebody said that they are two people."""
