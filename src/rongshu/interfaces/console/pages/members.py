"""Console pages of members: all of them, and one with what they bought and have."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.console.pages.profiles import TagPart
from rongshu.interfaces.faces.parts import Cursor, Erasing, Money, Person
from rongshu.interfaces.faces.profile_parts import ConsentPart, ProfilePart


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member; `life` is new, active, cooling, sleeping or lost, "" for whoever has not bought yet."""

    person: Person
    tier: str
    joined_at: datetime
    life: str
    orders: int
    net: Money
    """Paid less what was refunded."""
    points: int


@dataclass(frozen=True, slots=True)
class Members:
    """The latest to join first; `q` names one by id, phone or e-mail."""

    template: ClassVar[str] = "console/members.html"
    q: str
    tier: str
    tiers: tuple[tuple[str, str], ...]
    rows: tuple[MemberRow, ...]
    cursor: Cursor = field(default_factory=Cursor)
    region: str = ""
    regions: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    offered: tuple[tuple[str, str], ...] = ()
    """Tags that can be put on those that are ticked; none for whoever may not."""
    asked: str = ""
    """The filters, as the address has them."""

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.tier or self.region or self.tag)


@dataclass(frozen=True, slots=True)
class OrderOfMember:
    id: str
    name: str
    at: datetime
    paid: Money
    refunded: Money
    skus: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LotRow:
    """Points that came together: how many are left, and until when (None: for ever)."""

    left: int
    amount: int
    expires_at: datetime | None
    usable: bool


@dataclass(frozen=True, slots=True)
class CouponRow:
    id: str
    name: str
    state: str
    until: datetime | None


@dataclass(frozen=True, slots=True)
class TierNow:
    """Where the member stands: growth value that counts now, and what the next tier asks for."""

    name: str
    window: int
    total: int
    next: str
    missing: int
    percent: int
    since: datetime | None
    kept_until: datetime | None


@dataclass(frozen=True, slots=True)
class Merged:
    """One merge; undone where `undone_at` says when."""

    id: str
    source: Person
    heir: Person
    reason: str
    at: datetime
    who: str
    orders: int
    points: int
    undone_at: datetime | None = None
    undone_who: str = ""


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One member."""

    template: ClassVar[str] = "console/member.html"
    row: MemberRow
    external_id: str
    email: str
    promotes: bool
    tier: TierNow | None
    usable: int
    pending: int
    reserved: int
    owed: int
    lots: tuple[LotRow, ...]
    coupons: tuple[CouponRow, ...]
    segments: tuple[str, ...]
    orders: tuple[OrderOfMember, ...]
    first_at: datetime | None
    last_at: datetime | None
    cursor: Cursor = field(default_factory=Cursor)
    about: ProfilePart | None = None
    tags: tuple[TagPart, ...] = ()
    consents: tuple[ConsentPart, ...] = ()
    erasing: Erasing | None = None
    """For whoever may erase."""
    heir: Person | None = None
    """Whom this member was merged into."""
    merged: tuple[Merged, ...] = ()
    """Merges of them, or into them, that stand."""
    may_edit: bool = True
