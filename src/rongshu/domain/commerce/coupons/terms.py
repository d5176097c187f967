"""What kinds of coupons say, and the arithmetic of their limits. No writing and no reading."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rongshu.domain.commerce.coupons.models import WHOLE, CouponKind
from rongshu.engine.prices.frames import STACKS
from rongshu.kernel.errors import Refusal, conflict


@dataclass(frozen=True, slots=True)
class Terms:
    """What a kind of coupon says; see `models.CouponKind` for the meaning of each. Money in minor units."""

    name: str
    kind: str
    valid_from: datetime
    amount: int = 0
    ppm: int = 0
    max_minus: int = 0
    min_spend: int = 0
    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    except_skus: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    stacks: tuple[str, ...] = STACKS
    gift_sku: str = ""
    valid_until: datetime | None = None
    days: int | None = None
    budget: int | None = None
    number: int | None = None
    per_person: int = 1
    returns: str = WHOLE
    claimable: bool = False
    shareable: bool = False
    occasion: str = ""
    remind_days: int = 3
    note: str = ""


PROMISED = (
    "kind", "amount", "ppm", "max_minus", "min_spend", "skus", "categories", "except_skus", "tiers", "stacks", "gift_sku",
    "returns",
)  # fmt: skip
"""What cannot change once somebody holds one: whoever holds a coupon keeps what it said."""


def worth_of(kind: CouponKind | Terms) -> int:
    """The most that one coupon costs, in minor units; 0 where there is no limit (percent without one, a whole shipping fee)."""
    return kind.max_minus if kind.kind == "percent" else kind.amount


def left_of(kind: CouponKind) -> int | None:
    """How many more can be given by number and budget; None where neither limits it."""
    worth = worth_of(kind)
    limits = [] if kind.number is None else [kind.number - kind.given]
    if kind.budget is not None and worth:
        limits.append((kind.budget - kind.promised - kind.spent) // worth)
    return max(0, min(limits)) if limits else None


def validity(kind: CouponKind, now: datetime) -> tuple[datetime, datetime | None]:
    """From when until when a coupon is good that somebody gets now."""
    from_at = max(now, kind.valid_from)
    ends = [kind.valid_until] if kind.valid_until is not None else []
    if kind.days is not None:
        ends.append(from_at + timedelta(days=kind.days))
    return from_at, min(ends) if ends else None


def closed_by(kind: CouponKind, now: datetime) -> Refusal | None:
    """Why nobody gets one now, whatever is left; None where it is given out."""
    if not kind.open:
        return conflict("kind_closed", "This coupon is not given out any more.")
    until_at = validity(kind, now)[1]
    if until_at is not None and until_at <= now:
        return conflict("kind_over", "The time of this coupon is over.")
    return None
