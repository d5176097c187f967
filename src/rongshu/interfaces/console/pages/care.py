"""One promoter as the team looks after them: frozen or not, notes, tags, transfers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rongshu.interfaces.faces.parts import Erasing, Person


@dataclass(frozen=True, slots=True)
class CareEntry:
    """One thing that was done or written; `note` where it is a note."""

    at: datetime
    who: str
    what: str
    text: str
    note: bool = False
    other: Person | None = None
    """The other promoter of a merge."""


@dataclass(frozen=True, slots=True)
class FrozenSpan:
    """A time they were frozen; `until` None while it lasts."""

    since: datetime
    who: str
    why: str
    until: datetime | None
    thawed_by: str
    thawed_why: str


@dataclass(frozen=True, slots=True)
class PlannedTransfer:
    """A transfer planned for later. `state`: waiting, done, refused, withdrawn; `to` None: to the top."""

    at: datetime
    to: Person | None
    state: str
    who: str
    reason: str


@dataclass(frozen=True, slots=True)
class Care:
    """`ended` says how they stopped: frozen, left, merged, or "" while they promote."""

    active: bool
    ended: str
    since: datetime | None
    tags: tuple[str, ...]
    known: tuple[str, ...]
    """Tags in use, to choose from."""
    entries: tuple[CareEntry, ...]
    transfers: tuple[PlannedTransfer, ...]
    may_note: bool = False
    may_manage: bool = False
    may_merge: bool = False
    heir: Person | None = None
    """Into whom they were merged."""
    erasing: Erasing | None = None
    """For whoever may erase, once they stopped."""
    freezes: tuple[FrozenSpan, ...] = ()
    """Latest first."""

    @property
    def waits(self) -> bool:
        return any(one.state == "waiting" for one in self.transfers)
