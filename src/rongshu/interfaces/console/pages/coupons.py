"""Console pages of coupons: the kinds, one being written, one with its sending, codes and trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.coupon_parts import CouponFace
from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class KindRow:
    id: str
    name: str
    worth: str
    what: str
    state: str
    """open or closed."""
    given: int
    number: int | None
    used: int
    spent: Money
    promised: Money
    """Worth of what can still be used."""
    budget: Money | None
    used_ppm: int | None
    """Used of those given."""
    ways: tuple[str, ...] = ()
    """How it comes to members, apart from being sent."""


@dataclass(frozen=True, slots=True)
class Kinds:
    template: ClassVar[str] = "console/coupons.html"
    q: str
    rows: tuple[KindRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """What is being written, as whoever gets it would see it; or what is wrong with it."""

    template: ClassVar[str] = "console/parts/coupon_look.html"
    face: CouponFace | None
    problem: str = ""
    words: tuple[str, ...] = ()
    """What else it means: how many, what it can cost, when it comes back."""


@dataclass(frozen=True, slots=True)
class Choice:
    key: str
    name: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class KindForm:
    template: ClassVar[str] = "console/coupon_form.html"
    id: str
    values: dict[str, str]
    kinds: tuple[Choice, ...]
    stacks: tuple[Choice, ...]
    returns: tuple[Choice, ...]
    occasions: tuple[Choice, ...]
    look: Look
    currency: str
    locked: bool = False
    """Members hold some: what it is worth stays."""
    problem: str = ""
    at: str = ""
    tiers: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchRow:
    id: str
    name: str
    count: int
    redeemed: int
    until_at: datetime | None
    made_at: datetime
    closed: bool


@dataclass(frozen=True, slots=True)
class UseRow:
    member_id: str
    member: str
    state: str
    order: str
    order_name: str
    saved: Money | None
    at: datetime


@dataclass(frozen=True, slots=True)
class GivenRow:
    member_id: str
    member: str
    way: str
    state: str
    at: datetime
    until_at: datetime | None


@dataclass(frozen=True, slots=True)
class SegmentChoice:
    id: str
    name: str
    size: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class SendingRow:
    """One sending to a segment; `looked_at` of `size` members are behind it."""

    id: str
    segment_id: str
    segment: str
    state: str
    """running, done or stopped."""
    why: str
    looked_at: int
    size: int
    given: int
    at: datetime


@dataclass(frozen=True, slots=True)
class KindPage:
    template: ClassVar[str] = "console/coupon.html"
    tab: str
    """send, codes, given or uses."""
    row: KindRow
    face: CouponFace
    words: tuple[str, ...]
    values: dict[str, str] = field(default_factory=dict)
    batches: tuple[BatchRow, ...] = ()
    uses: tuple[UseRow, ...] = ()
    given: tuple[GivenRow, ...] = ()
    segments: tuple[SegmentChoice, ...] = ()
    sendings: tuple[SendingRow, ...] = ()
    under_way: bool = False
    """Whether one of the sendings goes on: the page looks again by itself."""
    cursor: Cursor = field(default_factory=Cursor)
    may_set: bool = False
    may_issue: bool = False
    problem: str = ""
    at: str = ""
