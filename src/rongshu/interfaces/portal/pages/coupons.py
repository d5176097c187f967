"""The reader's coupons: those to claim, to use, used and over; one to give to somebody; one somebody gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from rongshu.interfaces.faces.coupon_parts import CouponFace
from rongshu.interfaces.faces.parts import Cursor, Money


@dataclass(frozen=True, slots=True)
class Claimable:
    id: str
    face: CouponFace
    left: int | None = None
    """Where there are few: how many."""


@dataclass(frozen=True, slots=True)
class Mine:
    id: str
    face: CouponFace
    way: str
    shareable: bool = False
    saved: Money | None = None
    """What it saved, when it was used."""
    used_at: datetime | None = None
    order: str = ""


@dataclass(frozen=True, slots=True)
class Coupons:
    template: ClassVar[str] = "portal/coupons.html"
    tab: str
    """mine, used or over."""
    claimable: tuple[Claimable, ...]
    rows: tuple[Mine, ...]
    cursor: Cursor = field(default_factory=Cursor)
    code: str = ""
    at: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ShareCoupon:
    """A coupon of the reader with the link that gives it to somebody."""

    template: ClassVar[str] = "portal/coupon_share.html"
    face: CouponFace
    address: str
    written: str
    qr: str


@dataclass(frozen=True, slots=True)
class TakeCoupon:
    """A coupon that somebody gives the reader; `problem` where it cannot be taken."""

    template: ClassVar[str] = "portal/coupon_take.html"
    token: str
    face: CouponFace | None
    problem: str = ""
