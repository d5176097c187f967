"""What faces show of the evidence of an order."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from rongshu.interfaces.faces.parts import Person


@dataclass(frozen=True, slots=True)
class Considered:
    """One method: whom it named, what for, and what became of them."""

    method: str
    title: str
    fate: str
    """A name of `engine.attribution.Fate` in lower case."""
    fact: str
    """What was found, empty where the person says it all."""
    became: str
    """What became of it; empty where nobody was named."""
    person: Person | None = None
    promoter_id: int | None = None
    code: str = ""
    kind: str = ""
    """The kind of touch."""
    slug: str = ""
    """The link's, where a touch came by one."""
    since: datetime | None = None
    """When the touch was, or the bond began."""
    until: datetime | None = None
    """When the bond ends; None for never."""


@dataclass(frozen=True, slots=True)
class CreditedSo:
    """The evidence of an order; `policy_id` None for the policy a tenant begins with."""

    policy_id: int | None
    rows: tuple[Considered, ...]


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why an order did not go to one promoter: what holds for everything of theirs, and each way with fact and fate, in words."""

    person: Person
    verdict: str
    rows: tuple[tuple[str, str, str], ...]
