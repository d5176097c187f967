"""The values that a plan in words is made of; `plan_terms` makes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Term:
    """One statement of a plan. `ranks` are those it is for; None: for everybody."""

    key: str
    name: str
    value: str
    meaning: str = ""
    ranks: frozenset[str] | None = None

    @property
    def said(self) -> str:
        """The value with its meaning, in one line."""
        return " · ".join(part for part in (self.value, self.meaning) if part)


@dataclass(frozen=True, slots=True)
class Section:
    """The terms of one part of a plan, under a heading."""

    heading: str
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class TermChange:
    """One term before and after; `before` is empty for a new one, `after` for one that is gone."""

    heading: str
    name: str
    before: str
    after: str

    @property
    def change(self) -> Literal["added", "removed", "changed"]:
        """Which sort of change it is."""
        return "added" if not self.before else "removed" if not self.after else "changed"


@dataclass(frozen=True, slots=True)
class RewardExample:
    """One rule of steps or one pool in figures: its name, who gets something by it, and what it comes to in an example."""

    kind: str
    name: str
    who: str
    told: str
