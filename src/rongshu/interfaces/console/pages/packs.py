"""Console pages of packs, and of what all materials brought."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.console.pages.materials import MaterialRow
from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack; `state` is `coming`, `running` or `over`, `materials` are (id, title)."""

    id: str
    name: str
    state: str
    starts_at: datetime
    ends_at: datetime
    materials: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Packs:
    """The packs, the latest to end first, and the form of a new one. `choices` are (id, title, ticked)."""

    template: ClassVar[str] = "console/packs.html"
    rows: tuple[PackRow, ...]
    choices: tuple[tuple[str, str, bool], ...]
    values: dict[str, str]
    problem: str = ""
    at: str = ""
    may_edit: bool = False


@dataclass(frozen=True, slots=True)
class BroughtRow:
    """What one material brought, ever; `percent` is its orders beside the best one's, rounded down."""

    row: MaterialRow
    promoters: int
    commission: Money
    percent: int


@dataclass(frozen=True, slots=True)
class Brought:
    """The materials taken most often in the last days, by the orders they brought."""

    template: ClassVar[str] = "console/materials_brought.html"
    days: int
    choices: tuple[int, ...]
    taken: int
    clicks: int
    orders: int
    commission: Money
    rows: tuple[BroughtRow, ...]
