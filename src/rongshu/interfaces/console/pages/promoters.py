"""The list of promoters, and one promoter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from rongshu.interfaces.console.pages.care import Care
from rongshu.interfaces.console.pages.ranks import PromoterRank
from rongshu.interfaces.faces.parts import (
    Cursor,
    Money,
    Person,
)


@dataclass(frozen=True, slots=True)
class PromoterRow:
    person: Person
    state: str
    rank: str
    inviter: Person | None
    joined_at: datetime
    team_size: int
    team_sales: Money
    pending: Money
    available: Money
    reserved: Money
    debt: Money


@dataclass(frozen=True, slots=True)
class Promoters:
    """`sort` is one of `sorts`, a minus before it for the largest first."""

    template: ClassVar[str] = "console/promoters.html"
    sorts: ClassVar[tuple[str, ...]] = ("-team_sales", "-team_size", "-joined")
    q: str
    sort: str
    rows: tuple[PromoterRow, ...]
    cursor: Cursor
    problem: str = ""
    states: ClassVar[tuple[str, ...]] = ("frozen", "left", "merged")
    tag: str = ""
    state: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TeamRow:
    person: Person
    state: str
    rank: str
    joined_at: datetime
    sales: Money
    team_size: int


@dataclass(frozen=True, slots=True)
class EarnedRow:
    """What the promoter has from one order; why is fetched from `console:why` when somebody asks."""

    order_id: str
    order_ref: str
    buyer: Person | None
    kind: str
    level: int
    lines: int
    state: str
    amount: Money
    reversed: Money
    earned_at: datetime
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class RewardRow:
    """One posting of a period's reward; why is fetched from `console:period_why` when somebody asks."""

    period_id: str
    name: str
    """`2026-05`, `2026-Q2`, `2026`."""
    kind: str
    rule: str
    adjusts: bool
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True)
class Depth:
    """One generation of a team: 1 is who was invited directly."""

    depth: int
    members: int


@dataclass(frozen=True, slots=True)
class InviterChange:
    at: datetime
    before: Person | None
    after: Person | None
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Promoter:
    """One promoter. `view` decides which of the lists is filled; `cursor` belongs to that list."""

    template: ClassVar[str] = "console/promoter.html"
    views: ClassVar[tuple[str, ...]] = ("commissions", "rewards", "team", "rank", "history", "care")
    view: Literal["commissions", "rewards", "team", "rank", "history", "care"]
    person: Person
    state: str
    rank: str
    joined_at: datetime
    pending: Money
    available: Money
    reserved: Money
    debt: Money
    own_sales: Money
    team_sales: Money
    team_size: int
    inviter: Person | None
    depths: tuple[Depth, ...]
    cursor: Cursor
    commissions: tuple[EarnedRow, ...] = ()
    see_rewards: bool = False
    """Whether the reader may see periods: without that there is no such tab."""
    rewards: tuple[RewardRow, ...] = ()
    rewarded: Money | None = None
    """All rewards together, adjustments included."""
    depth: int = 1
    team: tuple[TeamRow, ...] = ()
    ranked: PromoterRank | None = None
    history: tuple[InviterChange, ...] = ()
    care: Care | None = None
