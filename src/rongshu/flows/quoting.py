"""What a cart costs a member now: rules, tier, coupons and points looked up, priced by one call of the engine.

The same function answers a cart, the API's quote, the price tester and the checkout. It writes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import numpy as np

from rongshu.domain.commerce.coupons.queries import held_coupons
from rongshu.domain.commerce.orders.queries import buyers_with_orders
from rongshu.domain.commerce.prices.queries import rules_at
from rongshu.domain.commerce.products.queries import listed_by_sku
from rongshu.domain.marketing.segments.queries import called_of
from rongshu.domain.members.points.queries import offset_rule, standing
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.tiers.queries import benefits_of
from rongshu.engine.money import MAX_UNITS
from rongshu.engine.prices.frames import Cart, CartLine, HeldCoupon, Offset, Perks, Points, Priced, RefusedCoupon
from rongshu.engine.prices.model import Rules
from rongshu.engine.prices.price import BEST, price
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.queries import House, house

MAX_LINES = 500
MAX_PIECES = 1_000_000


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as it is asked for. What is None is taken from the product of this sku; `price` of one unit, minor units."""

    line_no: int
    sku: str
    qty: int
    price: int | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A cart as it is asked for. `coupons`: ids of held coupons in their sequence, or "best"; `points`: as many as wanted."""

    lines: Sequence[WantedLine]
    shipping: int = 0
    channel: str = ""
    store: str = ""
    coupons: Literal["best"] | Sequence[int] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the member, for pricing. A guest has none of it."""

    tier: str = ""
    first_order: bool = True
    segments: frozenset[str] = frozenset()
    """Ids (`seg_…`) and names of the segments they are in, as of the last look; looked up when a rule asks for any."""
    perks: Perks = field(default_factory=Perks)
    coupons: Sequence[HeldCoupon] = ()
    offset: Offset = field(default_factory=Offset)
    points: int = 0
    """Available; looked up when the cart wants to use any."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """A priced cart, and by what it was priced."""

    member_id: int | None
    version: int
    """Number of the version of the price rules; 0 for none."""
    rules: Rules
    cart: Cart
    known: Known
    priced: Priced
    titles: Mapping[str, str]
    """Of the products that are known, by sku."""


def quote(
    *,
    wanted: Wanted,
    member: Member | None,
    now: datetime,
    rules: tuple[int, Rules] | None = None,
    tier: str | None = None,
    at: House | None = None,
) -> Quoted:
    """Prices a cart for a member, or a guest. `rules` are other rules to try instead of those in force, `tier` another tier.

    `at` is the active tenant, where the caller knows it already.

    Raises `invalid` for a line that cannot be priced. Coupons and points that cannot be used are said in the answer.
    """
    version, present = rules or rules_at(now)
    known = known_of(member, wanted=wanted, asks=present.asks, now=now, tier=tier)
    lines, titles = _lines(wanted.lines)
    if not 0 <= wanted.shipping <= MAX_UNITS:
        raise invalid("bad_shipping", "This is not a shipping fee.", at="shipping")
    cart = Cart(
        lines=lines,
        shipping=wanted.shipping,
        at=to_micros(now),
        tier=known.tier,
        first_order=known.first_order,
        channel=wanted.channel,
        store=wanted.store,
        segments=known.segments,
    )
    priced = price(
        cart,
        present,
        zone=(at or house()).zone,
        perks=known.perks,
        coupons=known.coupons,
        choose=wanted.coupons,
        offset=known.offset,
        points=Points(wanted.points, known.points),
    )
    if wanted.coupons != BEST:
        held = {one.id for one in known.coupons}
        strangers = [one for one in dict.fromkeys(wanted.coupons) if one not in held and isinstance(one, int)]
        more = tuple(RefusedCoupon(one, "", "not_held") for one in strangers)
        priced = replace(priced, refused=(*priced.refused, *more))
    return Quoted(None if member is None else member.id, version, present, cart, known, priced, titles)


def known_of(
    member: Member | None, *, wanted: Wanted, asks: Collection[str], now: datetime, tier: str | None = None
) -> Known:
    """What pricing has to know of a member for this cart; `asks` are the conditions of rules, `tier` one instead of their own.

    What neither rules nor the cart ask for is not looked up.
    """
    code = tier or "" if member is None or tier is not None else member.tier
    benefits = benefits_of(code, now=now)
    perks = Perks(benefits.discount, benefits.free_shipping, benefits.early_access_hours)
    if member is None:
        return Known(tier=code, perks=perks)
    rule = offset_rule(now) if wanted.points else None
    return Known(
        tier=code,
        perks=perks,
        first_order="first_order" not in asks or not len(buyers_with_orders(np.array([member.id], dtype=np.int64))),
        segments=called_of(member.id) if "segments" in asks else frozenset(),
        coupons=held_coupons(member.id, now=now) if wanted.coupons else (),
        offset=Offset() if rule is None else Offset(rule.worth, rule.least, rule.share, rule.step),
        points=standing(member.id, now=now).usable if rule is not None else 0,
    )


def _lines(wanted: Sequence[WantedLine]) -> tuple[tuple[CartLine, ...], dict[str, str]]:
    """The lines with what the products say where they say nothing themselves."""
    if not 1 <= len(wanted) <= MAX_LINES:
        raise invalid("bad_lines", "A cart has 1 to %(most)s lines.", at="lines", most=MAX_LINES)
    products = listed_by_sku(sorted({one.sku for one in wanted}))
    numbers: set[int] = set()
    lines = []
    for place, one in enumerate(wanted):
        at = f"lines.{place}"
        if one.line_no in numbers:
            raise invalid("line_twice", "There are two lines %(line)s.", at=f"{at}.line_no", line=one.line_no)
        numbers.add(one.line_no)
        if not 1 <= one.qty <= MAX_PIECES:
            raise invalid("bad_qty", "Between 1 and %(most)s pieces.", at=f"{at}.qty", most=MAX_PIECES)
        product = products.get(one.sku)
        units = one.price if one.price is not None or product is None else product.price
        if units is None:
            raise invalid(
                "no_price",
                "%(sku)s has no price here; send the line's price, or give the product one.",
                at=f"{at}.price", sku=one.sku,
            )  # fmt: skip
        if not 0 <= units * one.qty <= MAX_UNITS:
            raise invalid("bad_price", "%(sku)s: this is not a price.", at=f"{at}.price", sku=one.sku)
        category = one.category if one.category is not None or product is None else product.category
        lines.append(CartLine(one.line_no, one.sku, category or "", one.qty, units))
    return tuple(lines), {sku: product.title for sku, product in products.items()}
