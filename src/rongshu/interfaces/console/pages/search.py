"""The search over everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Hit:
    title: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind; `more` leads to the list that shows them all."""

    title: str
    hits: tuple[Hit, ...]
    more: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """What was found for `q`. A single exact hit never comes here: the view goes to it at once."""

    template: ClassVar[str] = "console/search.html"
    q: str
    groups: tuple[Group, ...]
