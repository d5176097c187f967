"""The pages of the plan: what is in force, what comes, drafts, what waits for a second person, what the public reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.faces.parts import Moment


@dataclass(frozen=True, slots=True)
class Clause:
    """One paragraph of a plan for people: a heading and its terms, each a name, its value and what it means."""

    heading: str
    terms: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """One change between two versions, in words, with its place in the document."""

    change: Literal["added", "removed", "changed"]
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a draft, at the path of its key; `line` is the line of the text, when it is known."""

    path: str
    text: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding of the check in words: what it minds, on what it rests, what to change."""

    rule: str
    severity: Literal["block", "warn", "info"]
    path: str
    text: str
    remedy: str = ""
    basis: str = ""
    line: int | None = None
    declared: bool = True
    """False where the rule could not be decided, because the tenant has not declared what it asks."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What the check found, and by which profile and rules. `accepts` are the rules of the warnings, each once."""

    findings: tuple[FindingRow, ...]
    profile: str
    profile_version: str
    rules_version: str

    @property
    def minded(self) -> tuple[FindingRow, ...]:
        """What the rules mind in the plan or in what is declared, gravest first."""
        return tuple(one for one in self.findings if one.declared and one.severity != "info")

    @property
    def undeclared(self) -> tuple[FindingRow, ...]:
        """What could not be decided and has to be accepted, or declared."""
        return tuple(one for one in self.findings if not one.declared and one.severity != "info")

    @property
    def hints(self) -> tuple[FindingRow, ...]:
        """What is only to be known."""
        return tuple(one for one in self.findings if one.severity == "info")

    @property
    def blocked(self) -> bool:
        """Whether something has to be mended before anybody is asked."""
        return any(one.severity == "block" for one in self.findings)

    @property
    def accepts(self) -> tuple[str, ...]:
        """The rules of the warnings, each once."""
        return tuple(dict.fromkeys(one.rule for one in self.findings if one.severity == "warn"))


@dataclass(frozen=True, slots=True)
class VersionRow:
    number: int
    name: str
    state: str
    effective_from: datetime
    published_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft as it was last left."""

    id: str
    updated_at: datetime
    by: str
    in_review: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The plan with the version shown. `against` is the version that `differences` compares it with."""

    template: ClassVar[str] = "console/plan.html"
    versions: tuple[VersionRow, ...]
    shown: VersionRow
    clauses: tuple[Clause, ...]
    document: str
    against: int | None
    differences: tuple[Difference, ...]
    drafts: tuple[DraftRow, ...]
    may_edit: bool
    waiting: int = 0
    """How many drafts wait for a second person."""
    history: tuple[Moment, ...] = ()
    """Who did what with the version shown."""
    seen: int | None = None
    """How many promoters opened its notice; None when there is none."""
    may_withdraw: bool = False
    reason: str = ""
    problem: str = ""
    rules_url: str = ""


@dataclass(frozen=True, slots=True)
class NoPlan:
    """The tenant has no plan yet."""

    template: ClassVar[str] = "console/no_plan.html"
    drafts: tuple[DraftRow, ...]
    may_edit: bool
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """Writing the next version. `checked` once it was read without problems: then it may go on."""

    template: ClassVar[str] = "console/draft.html"
    draft_id: str
    """Empty until it was kept for the first time."""
    first: bool
    """Whether there is no published version yet."""
    document: str
    effective_from: str
    """As the form holds it, `YYYY-MM-DDTHH:MM` in the tenant's zone; empty means at once."""
    checked: bool = False
    alone: bool = False
    """Whether whoever reads may publish without a second person: there is nobody else who could decide."""
    may_ask: bool = False
    problems: tuple[Problem, ...] = ()
    differences: tuple[Difference, ...] = ()
    against: int | None = None
    clauses: tuple[Clause, ...] = ()
    looked: Looked | None = None
    note: str = ""
    reason: str = ""
    accepted: tuple[str, ...] = ()
    review: str = ""
    """The id of the request that waits; the text stays as it is until it is decided."""
    asked: Moment | None = None
    rejected: Moment | None = None
    """Who gave it back, and why."""


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """One draft before a second person."""

    id: str
    name: str
    asked_at: datetime
    asked_by: str
    effective_from: datetime | None
    note: str
    warnings: int
    own: bool
    """Whether the reader is one of its authors."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queue of drafts that wait for a second person."""

    template: ClassVar[str] = "console/plan_waiting.html"
    rows: tuple[WaitingRow, ...]
    two: bool
    """Whether a second person is needed here at all."""


@dataclass(frozen=True, slots=True)
class Review:
    """One draft to decide about: what it means, what changes, what was found, and the decision."""

    template: ClassVar[str] = "console/plan_review.html"
    row: WaitingRow
    document: str
    clauses: tuple[Clause, ...]
    differences: tuple[Difference, ...]
    against: int | None
    looked: Looked | None
    authors: tuple[str, ...]
    may_decide: bool
    may_take_back: bool
    alone: bool
    effective_from: str
    reason: str = ""
    accepted: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the tenant adds to its public rules page."""

    template: ClassVar[str] = "console/plan_rules.html"
    contact: str
    tax: str
    leaving: str
    more: str
    url: str
    may_edit: bool
    problem: str = ""
    updated: Moment | None = None
