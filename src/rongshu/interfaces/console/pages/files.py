"""Console pages of members as files: those that came, one with its mapping and what becomes of its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

Options = tuple[tuple[str, str], ...]
"""Codes with what they are called."""


@dataclass(frozen=True, slots=True)
class FileRow:
    id: str
    name: str
    made_at: datetime
    done_at: datetime | None
    counts: dict[str, int]
    open: bool
    """Whether it still waits."""
    kept: bool
    """Whether what stands in it is still there: for a day."""


@dataclass(frozen=True, slots=True)
class ExportForm:
    tiers: Options = ()
    regions: Options = ()
    tags: Options = ()
    segments: Options = ()
    may_full: bool = False
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberFiles:
    """Bringing members in from a file, and taking them out."""

    template: ClassVar[str] = "console/member_files.html"
    rows: tuple[FileRow, ...]
    export: ExportForm
    most_mb: int
    most_rows: int
    problem: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of a file: its heading, what its first rows say, what it means here."""

    place: int
    heading: str
    samples: tuple[str, ...]
    chosen: str

    @property
    def at(self) -> str:
        """Where a refusal of it stands."""
        return f"column.{self.place}"


@dataclass(frozen=True, slots=True)
class ExampleRow:
    line: int
    way: str
    who: str
    says: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WrongRow:
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class MemberFilePage:
    """A file before it is brought in, or after; `counts` is empty while its mapping cannot be used."""

    template: ClassVar[str] = "console/member_file.html"
    id: str
    name: str
    made_at: datetime
    columns: tuple[ColumnRow, ...]
    options: Options
    counts: dict[str, int] = field(default_factory=dict)
    examples: tuple[ExampleRow, ...] = ()
    wrong: tuple[WrongRow, ...] = ()
    consents: bool = False
    """Whether a column says a consent, so that its source and day have to be stated."""
    source: str = ""
    day: str = ""
    welcome: bool = False
    done_at: datetime | None = None
    kept: bool = True
    problem: str = ""
    at: str = ""
