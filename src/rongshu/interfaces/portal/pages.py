"""The pages of the portal: what each one shows, as frozen dataclasses that its template renders.

Other people's names and phones are masked by the templates; the reader's own are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rongshu.interfaces.faces.parts import Cursor, Moment, Money, Person, Words
from rongshu.interfaces.faces.rank_words import Step
from rongshu.interfaces.portal.pages_notices import NoticeRow
from rongshu.interfaces.portal.pages_rewards import StepsCard


@dataclass(frozen=True, slots=True)
class Room:
    """One entry of the bottom dock."""

    key: str
    label: str | Promise
    icon: str
    url: str


ROOMS = (
    Room("home", _("Home"), icon="house", url="portal:home"),
    Room("earnings", _("Earnings"), icon="coins", url="portal:earnings"),
    Room("team", _("Team"), icon="users", url="portal:team"),
    Room("me", _("Me"), icon="user", url="portal:me"),
)


@dataclass(frozen=True, slots=True)
class PortalFrame:
    tenant: str
    zone: str
    current: str
    rooms: tuple[Room, ...] = ROOMS


@dataclass(frozen=True, slots=True)
class SignIn:
    template: ClassVar[str] = "portal/sign_in.html"
    phone: str = ""
    next: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Earning:
    """What the reader has from one order. `buyer` is masked by the template; `left` is what is not reversed."""

    order_id: str
    order_ref: str
    kind: str
    level: int
    lines: int
    """How many lines of the order earned it."""
    state: str
    buyer: str
    amount: Money
    reversed: Money
    earned_at: datetime
    title: str = ""
    """What it is instead of a commission of an order: a period's reward. `order_id` is then the period's."""

    @property
    def left(self) -> Money:
        """What remains of it after refunds."""
        return Money(self.amount.units - self.reversed.units, self.amount.currency)


@dataclass(frozen=True, slots=True)
class MyRank:
    """The reader's rank, and what is missing for the next one."""

    title: str
    in_grace: bool
    next_title: str
    """Empty at the top."""
    steps: tuple[Step, ...]
    brings: tuple[str, ...]
    """What the plan in force pays for the next rank that it does not pay for this one."""
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Home:
    """The balance, what comes next, and the latest earnings. `debt` is positive: what is taken from the next releases."""

    template: ClassVar[str] = "portal/home.html"
    name: str
    available: Money
    pending: Money
    reserved: Money
    debt: Money
    month: Money
    """Earned this month, reversals taken off."""
    next_release: date | None
    next_amount: Money | None
    recent: tuple[Earning, ...]
    rank: MyRank | None = None
    """None while the brand has no ladder."""
    notices: tuple[NoticeRow, ...] = ()
    """Changes of the plan that concern the reader."""
    steps: tuple[StepsCard, ...] = ()
    """The running steps: own sales so far, and what the next band would bring."""


@dataclass(frozen=True, slots=True)
class Earnings:
    """The reader's commissions, latest first. `part` is what htmx appends while the reader scrolls."""

    template: ClassVar[str] = "portal/earnings.html"
    part: ClassVar[str] = "portal/parts/earnings.html"
    states: ClassVar[tuple[str, ...]] = ("", "pending", "released")
    state: str
    total: Money
    """The sum of what the filter shows, reversals taken off."""
    rows: tuple[Earning, ...]
    cursor: Cursor


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one line of the order earned what it did."""

    title: str
    state: str
    left: Money
    words: Words


@dataclass(frozen=True, slots=True)
class Why:
    """Why an amount is what it is, line by line. A sheet when htmx asks, else a page of its own."""

    template: ClassVar[str] = "portal/why.html"
    part: ClassVar[str] = "portal/parts/why.html"
    order: str
    order_ref: str
    amount: Money
    reversed: Money
    reasons: tuple[Reason, ...]
    timeline: tuple[Moment, ...]
    corrections: tuple[Words, ...] = ()
    """What re-ratings changed of it."""

    @property
    def left(self) -> Money:
        """What remains of it after refunds."""
        return Money(self.amount.units - self.reversed.units, self.amount.currency)


@dataclass(frozen=True, slots=True)
class TeamMember:
    """Somebody of the team; the name is masked by the template."""

    name: str
    joined_at: datetime
    sales: Money
    team_size: int
    state: Literal["active", "inactive"] = "active"


@dataclass(frozen=True, slots=True)
class Generation:
    depth: int
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


@dataclass(frozen=True, slots=True)
class Me:
    template: ClassVar[str] = "portal/me.html"
    person: Person
    rank: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error as people read it: what happened, what was not harmed, what to do."""

    template: ClassVar[str] = "portal/trouble.html"
    title: str
    harmless: str
    todo: str = ""
    trace: str = ""
