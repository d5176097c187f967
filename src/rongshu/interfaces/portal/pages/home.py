"""Home: what came in, what is on its way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.rank_words import Step
from rongshu.interfaces.portal.pages.channels import NextStep
from rongshu.interfaces.portal.pages.earnings import Earning
from rongshu.interfaces.portal.pages.notices import NoticeRow
from rongshu.interfaces.portal.pages.rewards import StepsCard


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
class Span:
    """What a span of days brought: clicks of people, orders, and the commission of them, what was taken back taken off."""

    clicks: int
    orders: int
    earned: Money


@dataclass(frozen=True, slots=True)
class Today:
    """Today and this month; asked for again while the page is looked at."""

    template: ClassVar[str] = "portal/parts/today.html"
    today: Span
    month: Span


@dataclass(frozen=True, slots=True)
class Seen:
    """The reader's own figures at an instant, for when there is no connection."""

    template: ClassVar[str] = "portal/seen.html"
    available: Money
    at: datetime
    sharing: Today


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
    sharing: Today | None = None
    """What sharing brought; None only where a page is shown without it."""
    first_step: bool = False
    """Whether nobody has clicked yet: then the next step is to share."""
    next_steps: tuple[NextStep, ...] = ()
    """What the reader's figures suggest, the most urgent first."""
    rank: MyRank | None = None
    """None while the brand has no ladder."""
    notices: tuple[NoticeRow, ...] = ()
    """Changes of the plan that concern the reader."""
    steps: tuple[StepsCard, ...] = ()
    """The running steps: own sales so far, and what the next band would bring."""
