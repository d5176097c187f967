"""The pages of ranks: the ladder, its editor with what it would do, and a promoter's rank."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.console.pages.lab import Option
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

    @property
    def place(self) -> str:
        """The place of the rank it is about, from 0; empty when it is about none."""
        found = re.match(r"ranks\[([0-9]+)\]", self.path)
        return found[1] if found else ""


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
class LadderField:
    """One value of the ladder. `step` makes it a number field, `options` a list to choose from."""

    name: str
    label: str
    value: str
    hint: str = ""
    step: str = ""
    options: tuple[Option, ...] = ()
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class RankFields:
    """One rank of the form; `at` is its place from the lowest, from 0."""

    at: int
    lowest: bool
    highest: bool
    name: str
    names: tuple[LadderField, ...]
    needs: tuple[LadderField, ...]


@dataclass(frozen=True, slots=True)
class LadderForm:
    """The whole ladder as fields, ranks from the lowest up."""

    currency: str
    spans: tuple[tuple[LadderField, LadderField], ...]
    """A number and the unit it is counted in."""
    ways: tuple[LadderField, ...]
    ranks: tuple[RankFields, ...]
    more: bool
    """Whether a rank can be added."""


@dataclass(frozen=True, slots=True)
class LadderDraft:
    """Writing a ladder by form or as YAML: the text, what is wrong with it, or what it would do."""

    template: ClassVar[str] = "console/ladder.html"
    instead_of: int
    """The number of the version that is edited, 0 for the first."""
    document: str
    problems: tuple[LadderProblem, ...] = ()
    preview: LadderPreview | None = None
    form: LadderForm | None = None
    """None where it is written as YAML."""

    @property
    def tab(self) -> Literal["form", "yaml"]:
        return "yaml" if self.form is None else "form"


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
