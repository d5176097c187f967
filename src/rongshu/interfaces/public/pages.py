"""The public pages: what each one shows, as frozen dataclasses that its template renders."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.plan_example import Example
from rongshu.interfaces.faces.terms import RewardExample, Section, TermChange


@dataclass(frozen=True, slots=True)
class Words:
    """What the tenant says in its own words; empty where it says nothing."""

    contact: str = ""
    tax: str = ""
    leaving: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Edition:
    """One version in the history: from when, and what changed with it; `until` is when the next began."""

    number: int
    effective_from: datetime
    until: datetime | None
    state: str
    changes: tuple[TermChange, ...]


@dataclass(frozen=True, slots=True)
class RankNeeds:
    """One rank of the ladder: what people call it, what plans do, and what it needs: (name, at least)."""

    title: str
    name: str
    needs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """How promoters of a tenant earn, by the version in force. Without one `sections` is empty."""

    template: ClassVar[str] = "public/rules.html"
    tenant: str
    zone: str
    number: int
    since: datetime | None
    sections: tuple[Section, ...]
    example: Example | None
    rewards: tuple[RewardExample, ...]
    """The steps and pools in figures."""
    ranks: tuple[RankNeeds, ...]
    """The ladder, the lowest rank first; empty where there is none."""
    ladder_terms: tuple[tuple[str, str, str], ...]
    """How the ladder is applied: (term, value, meaning)."""
    days: int
    """Whole days for which a commission is pending."""
    margin: bool
    words: Words
    coming: tuple[Edition, ...]
    history: tuple[Edition, ...]


@dataclass(frozen=True, slots=True)
class Trouble:
    """A page that cannot be shown: what happened, and what to do."""

    template: ClassVar[str] = "public/trouble.html"
    title: str
    todo: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Ending a kind of mail: asked, or done."""

    template: ClassVar[str] = "public/unsubscribe.html"
    tenant: str
    kind: str
    done: bool
