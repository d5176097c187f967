"""Console pages of tiers: the ladder in force, its designer with a preview, the rules of growth value."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.tier_parts import TierShown


@dataclass(frozen=True, slots=True)
class TierRow:
    """A tier in force. `share`: percent of all members with a tier, rounded down."""

    tier: TierShown
    keep: int
    members: int
    share: int


@dataclass(frozen=True, slots=True)
class TierVersionRow:
    number: int
    state: str
    """in_force, scheduled or past."""
    begins: datetime
    who: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Tiers:
    template: ClassVar[str] = "console/tiers.html"
    rows: tuple[TierRow, ...]
    counts: str
    """Which growth value counts, in words; "" without a ladder."""
    grace: int
    versions: tuple[TierVersionRow, ...]
    growth: tuple[str, ...]
    """How growth value is earned, in sentences."""
    growth_versions: tuple[TierVersionRow, ...]
    may_set: bool = True


@dataclass(frozen=True, slots=True)
class TierFields:
    """A tier as typed."""

    at: int
    number: int
    code: str = ""
    zh: str = ""
    en: str = ""
    colour: str = "silver"
    picture: str = "star"
    growth: str = ""
    keep: str = ""
    discount: str = ""
    points: str = ""
    free_shipping: bool = False
    birthday_points: str = ""
    birthday_coupon: str = ""
    anniversary_points: str = ""
    anniversary_coupon: str = ""
    early: str = ""
    support: str = ""
    wrong: frozenset[str] = frozenset()
    """Names of fields that were refused."""


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A row of the matrix: from this tier to each of the new ones; a cell is (members, 0 same, 1 up, -1 down)."""

    title: str
    members: int
    cells: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class TierCostRow:
    title: str
    members: int
    before: int
    at_risk: int
    paid: Money
    discount: Money
    points: int
    points_worth: Money


@dataclass(frozen=True, slots=True)
class LadderLook:
    """What the ladder would do to the present members."""

    members: int
    rising: int
    falling: int
    columns: tuple[str, ...]
    moves: tuple[MoveRow, ...]
    tiers: tuple[TierCostRow, ...]
    cost: Money
    cost_now: Money
    minded: tuple[str, ...]
    """What is too dense, too sparse, empty, in words."""


@dataclass(frozen=True, slots=True)
class LadderForm:
    template: ClassVar[str] = "console/ladder_of_tiers.html"
    tiers: tuple[TierFields, ...]
    window: str
    months: str
    grace: str
    begins: str
    number: int
    """The newest version there is: publishing says it changes that one."""
    colours: tuple[tuple[str, str], ...]
    pictures: tuple[tuple[str, str], ...]
    coupons: tuple[tuple[str, str], ...]
    """(code, name) of coupons that can be given."""
    look: LadderLook | None = None
    problems: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    wrong: frozenset[str] = frozenset()
    most: int = 12


@dataclass(frozen=True, slots=True)
class ActivityFields:
    at: int
    id: str = ""
    name: str = ""
    growth: str = ""
    per_day: str = ""
    per_month: str = ""
    ever: str = ""


@dataclass(frozen=True, slots=True)
class GrowthForm:
    template: ClassVar[str] = "console/growth_rules.html"
    per: str
    growth: str
    first_order: str
    activities: tuple[ActivityFields, ...]
    begins: str
    number: int
    tried: tuple[int, int, int] | None = None
    """What the last 30 days' orders would have brought: (orders, growth value by the rules in force, by these)."""
    problems: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    wrong: frozenset[str] = field(default_factory=frozenset)
