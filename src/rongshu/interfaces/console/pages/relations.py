"""The drawn tree of who invited whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money, Person


@dataclass(frozen=True, slots=True)
class Node:
    """One promoter in the tree. `team` counts everybody below, as of the last computing; `opens` is fresh."""

    person: Person
    state: str
    rank: str
    team: int
    own_sales: Money
    opens: bool


@dataclass(frozen=True, slots=True)
class Branch:
    """Some promoters below one (`of`, "" at the top), and the address of the next of them."""

    nodes: tuple[Node, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """The tree from the top, or from one promoter with the way up."""

    template: ClassVar[str] = "console/relations.html"
    q: str
    path: tuple[Person, ...]
    """From the top down to the inviter."""
    cut: bool
    """Whether the way up is longer than what is shown."""
    top: Node | None
    branch: Branch
    as_of: datetime | None = None
    problem: str = ""
