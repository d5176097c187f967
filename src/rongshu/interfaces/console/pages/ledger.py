"""The check of the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.console.pages.orders import TransferRow
from rongshu.interfaces.faces.parts import (
    Cursor,
    Money,
    Progress,
)


@dataclass(frozen=True, slots=True)
class Invariant:
    """One rule of the books, what it means, and how it stood at the last run."""

    code: str
    title: str
    meaning: str
    state: Literal["holds", "differs", "unknown"]
    checked: int = 0
    differences: int = 0


@dataclass(frozen=True, slots=True)
class LedgerDifference:
    """One place where the books do not agree: the key of the row with what was expected and what was found."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class Account:
    """All accounts of one book together: how many there are and what they hold."""

    book: int
    accounts: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Run:
    at: datetime
    milliseconds: int
    by: str


@dataclass(frozen=True, slots=True)
class Ledger:
    template: ClassVar[str] = "console/ledger.html"
    last: Run | None
    running: Progress | None
    may_run: bool
    invariants: tuple[Invariant, ...]
    differences: tuple[LedgerDifference, ...]
    accounts: tuple[Account, ...]
    transfers: tuple[TransferRow, ...]
    cursor: Cursor

    @property
    def state(self) -> Literal["holds", "differs", "unknown"]:
        """How the books stand as a whole."""
        if self.last is None:
            return "unknown"
        return "differs" if any(one.state == "differs" for one in self.invariants) else "holds"
