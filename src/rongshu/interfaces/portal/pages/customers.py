"""Customers: whose orders are the reader's, and until when."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer; name and phone are masked by the template, and empty for who took back the consent to show them. `days` remain until
    the bond ends; None for one without an end.
    """

    name: str
    phone: str
    since: datetime
    until: datetime | None
    days: int | None
    orders: int
    last_at: datetime | None
    commission: Money

    @property
    def soon(self) -> bool:
        """Whether it ends within a week."""
        return self.days is not None and self.days <= 7


@dataclass(frozen=True, slots=True)
class Customers:
    template: ClassVar[str] = "portal/customers.html"
    part: ClassVar[str] = "portal/parts/customers.html"
    held: str
    """How many, as text: counted up to a bound."""
    ending: str
    only_ending: bool
    within: int
    """Days within which a bond counts as ending soon."""
    rows: tuple[Customer, ...]
    cursor: Cursor = field(default_factory=Cursor)
