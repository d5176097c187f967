"""The pages of ranks: the ladder, its editor with what it would do, and a promoter's rank."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Person
from rongshu.interfaces.faces.rank_words import Step


@dataclass(frozen=True, slots=True)
class RankRow:
    """One rank: what it needs as (name, at least, what the check minds), and how many hold it of how many."""

    name: str
    title: str
    needs: tuple[tuple[str, str, str], ...]
    holders: int
    percent: int
    """Of the active promoters, rounded."""
    after: int | None = None
    """How many would hold it by the ladder that is looked at."""


@dataclass(frozen=True, slots=True)
class LadderVersionRow:
    number: int
    effective_from: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Ranks:
    """The ladder in force, from the highest rank down, and who stands where. Without a ladder only who holds what."""

    template: ClassVar[str] = "console/ranks.html"
    version: LadderVersionRow | None
    rows: tuple[RankRow, ...]
    promoters: int
    terms: tuple[tuple[str, str, str], ...]
    """How the ladder is applied: (term, value, meaning)."""
    versions: tuple[LadderVersionRow, ...]
    document: str
    minded: tuple[tuple[str, str], ...]
    """(need, what the check of plans minds about it)."""
    assessed_at: datetime | None
    may_edit: bool


@dataclass(frozen=True, slots=True)
class LadderProblem:
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A promoter whose rank would change."""

    person: Person
    old: str
    new: str
    rises: bool


@dataclass(frozen=True, slots=True)
class LadderPreview:
    """What publishing would do with its first look."""

    rise: int
    fall: int
    rows: tuple[RankRow, ...]
    """From the highest rank down; `holders` before, `after` after."""
    moves: tuple[MoveRow, ...]
    more: str
    """Where the list of moves goes on, empty at its end."""
    continued: bool
    findings: tuple[str, ...]
    proposed: str
    """The ladder with thresholds of the tenant's own distribution, empty when there is nothing to propose."""
    thresholds: tuple[tuple[str, str, str, str], ...]
    """What would be proposed: (rank, need, now, proposed), only what differs."""
    minded: tuple[tuple[str, str], ...]
    """(need, what the check of plans minds about it)."""


@dataclass(frozen=True, slots=True)
class LadderDraft:
    """Writing a ladder: the text, what is wrong with it, or what it would do."""

    template: ClassVar[str] = "console/ladder.html"
    instead_of: int
    """The number of the version that is edited, 0 for the first."""
    document: str
    problems: tuple[LadderProblem, ...] = ()
    preview: LadderPreview | None = None


@dataclass(frozen=True, slots=True)
class RankChangeRow:
    at: datetime
    old: str
    new: str
    cause: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class PromoterRank:
    """A promoter's rank: held since when, what is missing for the next one, and every change."""

    title: str
    since: datetime
    held_until: datetime | None
    in_grace: bool
    next_title: str
    steps: tuple[Step, ...]
    as_of: datetime | None
    changes: tuple[RankChangeRow, ...]
    choices: tuple[tuple[str, str], ...]
    """(name, title) of the ranks that can be set by hand; empty for who may not."""
    rank: str
