"""What pricing reads and returns. Money in minor units, rates in ppm, instants in microseconds since 1970-01-01 UTC.

Kinds of reductions, in the order in which they are taken (the stages of `price`):

1. `member_price`, `sale`: the price of one unit;
2. `bundle`: pieces bought together;
3. `reduction`: full reductions 满减;
4. `coupon`: 优惠券, named or chosen;
5. `points`: paid with points;
6. `shipping`: what is taken off the shipping fee (never part of a line).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rongshu.engine.money import MILLION

Kind = Literal["member_price", "sale", "bundle", "reduction", "coupon", "points", "shipping"]
KINDS: tuple[Kind, ...] = ("member_price", "sale", "bundle", "reduction", "coupon", "points", "shipping")
STACKS = ("member_price", "sale", "bundle", "reduction", "coupon")
"""What a coupon may say it goes with. A line that got a price of a kind not named is left out of the coupon's base;
without `coupon` it is used alone."""
CouponKind = Literal["fixed", "percent", "gift", "shipping"]
COUPON_KINDS: tuple[CouponKind, ...] = ("fixed", "percent", "gift", "shipping")
FOREVER = 2**62
"""An `until_at` that never comes."""
MOST_POINTS = 2**62
"""As many points as may be used."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Which products: those named or in a category named (and everything below it: `tea` holds for `tea/green`), less those
    left out. With neither skus nor categories: all of them."""

    skus: frozenset[str] = frozenset()
    categories: tuple[str, ...] = ()
    except_skus: frozenset[str] = frozenset()

    def holds(self, sku: str, category: str) -> bool:
        """Whether a product is meant."""
        if sku in self.except_skus:
            return False
        if sku in self.skus:
            return True
        if not self.categories:
            return not self.skus
        for one in self.categories:
            if category.startswith(one) and (len(category) == len(one) or category[len(one)] == "/"):
                return True
        return False


@dataclass(frozen=True, slots=True)
class CartLine:
    """`price` is the list price of one unit; `qty` >= 1. Line numbers are unique in a cart."""

    line_no: int
    sku: str
    category: str
    qty: int
    price: int


@dataclass(frozen=True, slots=True)
class Cart:
    """What somebody wants to buy, and what is known of them. `shipping` is the fee before anything is taken off."""

    lines: tuple[CartLine, ...]
    shipping: int
    at: int
    tier: str = ""
    """Code of the member's tier; "" for a guest or a member without one."""
    first_order: bool = False
    channel: str = ""
    store: str = ""
    segments: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HeldCoupon:
    """A coupon the member holds and has not used. `amount`: off the goods (fixed), off the shipping fee (shipping; 0 takes all).

    `ppm`: how much is off (percent): 20% off, 8 折, is 200 000. `max_minus` 0: no limit. `min_spend` is compared with the goods in
    its scope before any coupon. `from_at` inclusive, `until_at` exclusive.
    """

    id: int
    name: str
    kind: CouponKind
    amount: int = 0
    ppm: int = 0
    max_minus: int = 0
    min_spend: int = 0
    scope: Scope = field(default_factory=Scope)
    tiers: frozenset[str] = frozenset()
    """Tiers that may use it; empty: everybody."""
    from_at: int = 0
    until_at: int = FOREVER
    stacks: frozenset[str] = frozenset(STACKS)
    """A part of STACKS."""
    gift_sku: str = ""


@dataclass(frozen=True, slots=True)
class Perks:
    """What a tier's benefits mean for a price: `discount` ppm off every unit, shipping free of charge, sales `early_hours` sooner."""

    discount: int = 0
    free_shipping: bool = False
    early_hours: int = 0


@dataclass(frozen=True, slots=True)
class Offset:
    """What points are worth at checkout: `units_per_100` minor units for 100 points, at least `min_points`, in whole steps of
    `step`, for at most `max_ppm` of the goods. `units_per_100` 0: points pay for nothing."""

    units_per_100: int = 0
    min_points: int = 0
    max_ppm: int = MILLION
    step: int = 1


@dataclass(frozen=True, slots=True)
class Points:
    """How many points the member wants to use (MOST_POINTS: as many as may be) and has."""

    wanted: int = 0
    available: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One reduction of a line, or of shipping: what it took off. `rule` is the rule's id, `tier`, a coupon's id or `points`."""

    rule: str
    kind: Kind
    name: str
    minus: int


@dataclass(frozen=True, slots=True)
class NotApplied:
    """Why a rule that could have meant this line or cart took nothing off; `code` is a key of `words.REASONS`."""

    rule: str
    kind: Kind
    name: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PricedLine:
    """A line with its price: `price` list and `unit` after stage 1, of one unit; `paid` for the whole line, in money."""

    line_no: int
    sku: str
    category: str
    qty: int
    price: int
    unit: int
    steps: tuple[Step, ...]
    """In the order in which they were taken; price × qty less all of them is `paid`."""
    not_applied: tuple[NotApplied, ...]
    paid: int


@dataclass(frozen=True, slots=True)
class UsedCoupon:
    """A coupon that is used: `minus` what it saves, on goods or shipping; `gift_sku` what comes with it."""

    id: int
    name: str
    kind: CouponKind
    minus: int
    gift_sku: str = ""


@dataclass(frozen=True, slots=True)
class RefusedCoupon:
    """A coupon that was named, or could have been chosen, and is not used; `code` a key of `words.REASONS`."""

    id: int
    name: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Priced:
    """A cart with its prices. subtotal − everything of `totals` but `shipping` = goods; goods + shipping = payable."""

    lines: tuple[PricedLine, ...]
    """In the order of the cart."""
    subtotal: int
    """At list prices."""
    totals: Mapping[str, int]
    """What each of KINDS took off in all."""
    goods: int
    shipping_fee: int
    """Before anything was taken off."""
    shipping: int
    """To pay."""
    shipping_steps: tuple[Step, ...]
    payable: int
    coupons: tuple[UsedCoupon, ...]
    refused: tuple[RefusedCoupon, ...]
    points: int
    """Used."""
    points_worth: int
    not_applied: tuple[NotApplied, ...]
    """Of the cart as a whole: shipping and points."""

    def as_document(self) -> dict[str, Any]:
        """JSON-able; amounts stay minor units, ids of coupons stay numbers."""
        return asdict(self)
