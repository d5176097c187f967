"""The reader's points: what they have, what ends when, and what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.points_parts import PointsLine, PointsLotRow


@dataclass(frozen=True, slots=True)
class Points:
    template: ClassVar[str] = "portal/points.html"
    usable: int
    pending: int
    reserved: int
    owed: int
    worth: Money | None
    """What the usable points take off an order; None where they pay for nothing."""
    lots: tuple[PointsLotRow, ...]
    ways: tuple[str, ...]
    """How points are earned, in sentences."""
    rows: tuple[PointsLine, ...]
    cursor: Cursor = field(default_factory=Cursor)
    streak: int | None = None
    """Days in a row, where signing in brings points; None where it does not."""
    may_sign: bool = False
    sign_points: int = 0
    more: bool = True
    """Whether this is the first page of the history."""
