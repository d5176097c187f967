"""The team: by generations and states, and as a tree that opens where it is touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.portal.pages.goals import Reached


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody of the team; the name is masked by the template. `state` is one of the team's: active, new, sleeping, ended."""

    name: str
    joined_at: datetime
    sales: Money
    team_size: int
    state: str = "active"
    id: str = ""
    may_write: bool = False
    """Whether the reader invited them, they promote, and were not written to this week."""
    written: bool = False
    """Whether the reader has written to them this week."""


@dataclass(frozen=True, slots=True)
class Generation:
    depth: int
    members: int


@dataclass(frozen=True, slots=True)
class InState:
    """A state and how many of the chosen generation are in it."""

    code: str
    members: int


@dataclass(frozen=True, slots=True)
class Team:
    template: ClassVar[str] = "portal/team.html"
    part: ClassVar[str] = "portal/parts/team.html"
    size: int
    sales: Money
    inviter: str
    """The inviter's name, masked by the template; empty for a root."""
    generations: tuple[Generation, ...]
    depth: int
    rows: tuple[TeamMember, ...]
    cursor: Cursor
    states: tuple[InState, ...] = ()
    state: str = ""
    """The state asked for; empty for all."""
    days: int = 30
    """Days within which somebody counts as active or as new."""
    as_of: datetime | None = None
    q: str = ""
    found: bool = True
    """False where somebody was searched for and is not in the team."""
    goals: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody on the way from the reader down to a branch."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Tree:
    """Whom one promoter invited: the reader where `way` is empty, else the last of it."""

    template: ClassVar[str] = "portal/tree.html"
    part: ClassVar[str] = "portal/parts/tree.html"
    way: tuple[Step, ...]
    rows: tuple[TeamMember, ...]
    cursor: Cursor = field(default_factory=Cursor)
