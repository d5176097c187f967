"""Console pages of segments: all of them, one with its members, and one being built with its count."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Person


@dataclass(frozen=True, slots=True)
class Trend:
    """Sizes at the last looks as a line of a small drawing, 120 wide and 32 high; `points` is "" while there are less than two."""

    points: str = ""
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A segment; `size` as of `refreshed_at`."""

    id: str
    name: str
    words: str
    size: int
    refreshed_at: datetime | None
    trend: Trend = field(default_factory=Trend)
    tag: str = ""
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Segments:
    """The latest made first; archived ones apart."""

    template: ClassVar[str] = "console/segments.html"
    rows: tuple[SegmentRow, ...]
    archived: bool = False
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = False


@dataclass(frozen=True, slots=True)
class LookRow:
    """What one look found."""

    at: datetime
    size: int
    joined: int
    left: int
    version: int


@dataclass(frozen=True, slots=True)
class SegmentPage:
    """One segment: what it asks, who is in it since when, how it grew."""

    template: ClassVar[str] = "console/segment.html"
    row: SegmentRow
    version: int
    members: tuple[tuple[Person, datetime], ...]
    looks: tuple[LookRow, ...]
    due_at: datetime | None = None
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    code: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class FactOption:
    """The facts of one group, to be asked."""

    group: str
    facts: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ConditionFields:
    """One condition as fields named `{key}-…`. `form` says which: number, money, days (a date), choice, text, yes_no."""

    key: str
    fact: str
    title: str
    form: str
    negated: bool = False
    least: str = ""
    most: str = ""
    values: str = ""
    options: tuple[Option, ...] = ()
    yes: bool = True
    days: str = ""
    window: bool = False
    ahead: bool = False
    """The days are counted from now on, not back."""
    problems: tuple[str, ...] = ()
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GroupFields:
    """Conditions of which all or any must hold."""

    at: int
    number: int
    how: str
    rows: tuple[ConditionFields, ...]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentLook:
    """Whom the conditions mean now; `count` is None while there is nothing to count."""

    template: ClassVar[str] = "console/parts/segment_look.html"
    count: int | None = None
    of: int = 0
    words: str = ""
    examples: tuple[Person, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def ppm(self) -> int | None:
        return self.count * 1_000_000 // self.of if self.count is not None and self.of else None


@dataclass(frozen=True, slots=True)
class SegmentForm:
    """A segment being built. `text` is its document where it is nested deeper than the form can show."""

    template: ClassVar[str] = "console/segment_form.html"
    id: str
    name: str
    version: int
    how: str
    groups: tuple[GroupFields, ...]
    facts: tuple[FactOption, ...]
    look: SegmentLook
    currency: str
    text: str = ""
    tags: tuple[Option, ...] = ()
    problem: str = ""
    at: str = ""
    problems: tuple[str, ...] = ()
    """Those of the whole, and of a document written as text."""
