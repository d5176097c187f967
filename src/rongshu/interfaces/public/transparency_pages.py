"""What is owed in all, for everybody to see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money


@dataclass(frozen=True, slots=True)
class Published:
    """One publication. `height` is its bar's of 100, by what was owed."""

    number: int
    as_of: datetime
    promoters: int
    accrued: Money
    paid: Money
    tax: Money
    fees: Money
    debts: Money
    owed: Money
    available: Money
    reserved: Money
    pending: Money
    digest: str
    height: int


@dataclass(frozen=True, slots=True)
class OpenBooks:
    """The latest publications of a tenant, latest first; none yet, or some with how they are checked."""

    template: ClassVar[str] = "public/transparency.html"
    tenant: str
    slug: str
    zone: str
    rows: tuple[Published, ...]
    key: str = ""
    key_name: str = ""

    @property
    def bars(self) -> tuple[tuple[int, int, Published], ...]:
        """(left edge, top edge, publication) of each bar of the drawing, the earliest first."""
        return tuple((place * 28, 100 - one.height, one) for place, one in enumerate(reversed(self.rows)))

    @property
    def width(self) -> int:
        """Of the drawing."""
        return max(28, len(self.rows) * 28)
