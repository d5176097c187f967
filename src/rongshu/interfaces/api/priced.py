"""A priced cart on the wire: the same shape for a quote and a reserved checkout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ninja import Schema

from rongshu.engine.money import format_units
from rongshu.engine.prices.frames import NotApplied, PricedLine, RefusedCoupon, Step
from rongshu.flows.quoting import Quoted
from rongshu.interfaces.faces.price_words import rule_name, tier_title, what_to_do, why_not
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.queries import House


class PriceStepOut(Schema):
    """One reduction, in the order in which they were taken."""

    kind: str
    """member_price, sale, bundle, reduction, coupon, points or shipping."""
    rule: str
    """Id of the rule, `tier` for the tier's own discount, the coupon (`cpn_…`), or `points`."""
    name: str
    minus: str


class MissOut(Schema):
    """Why a rule took nothing off; `code` is stable, `detail` and `advice` are in the language asked for."""

    kind: str
    rule: str
    name: str
    code: str
    detail: str
    advice: str


class LineOut(Schema):
    """`price` list and `unit` after member prices and sales, of one unit; `paid` is what the order's line has to say."""

    line_no: int
    sku: str
    category: str
    qty: int
    price: str
    unit: str
    paid: str
    steps: list[PriceStepOut]
    not_applied: list[MissOut]


class UsedCouponOut(Schema):
    id: str
    name: str
    kind: str
    minus: str
    gift_sku: str


class RefusedOut(Schema):
    id: str
    name: str
    code: str
    detail: str
    advice: str


class PricedOut(Schema):
    """`subtotal` at list prices less `totals` (all but shipping) is `goods`; with `shipping` it is `payable`."""

    currency: str
    member: str | None
    tier: str
    version: int
    """Of the price rules; 0 where none are published."""
    lines: list[LineOut]
    subtotal: str
    totals: dict[str, str]
    goods: str
    shipping_fee: str
    shipping: str
    shipping_steps: list[PriceStepOut]
    payable: str
    coupons: list[UsedCouponOut]
    refused: list[RefusedOut]
    points: int
    points_worth: str
    points_available: int
    not_applied: list[MissOut]


def priced_out(quoted: Quoted, house: House) -> dict[str, Any]:
    """A quoted cart, JSON-able. Money as decimal strings."""
    priced, wire = quoted.priced, _Wire(house, tier_title(quoted.cart.tier, utc_now()))
    return {
        "currency": house.currency,
        "member": None if quoted.member_id is None else outside("mem", quoted.member_id),
        "tier": quoted.cart.tier,
        "version": quoted.version,
        "lines": [wire.line(one) for one in priced.lines],
        "subtotal": wire.money(priced.subtotal),
        "totals": wire.totals(priced.totals),
        "goods": wire.money(priced.goods),
        "shipping_fee": wire.money(priced.shipping_fee),
        "shipping": wire.money(priced.shipping),
        "shipping_steps": wire.steps(priced.shipping_steps),
        "payable": wire.money(priced.payable),
        "coupons": [
            {
                "id": outside("cpn", one.id), "name": one.name, "kind": one.kind, "minus": wire.money(one.minus),
                "gift_sku": one.gift_sku,
            }
            for one in priced.coupons
        ],
        "refused": [wire.refused(one) for one in priced.refused],
        "points": priced.points,
        "points_worth": wire.money(priced.points_worth),
        "points_available": quoted.known.points,
        "not_applied": wire.misses(priced.not_applied),
    }  # fmt: skip


class _Wire:
    """Writes in one house's currency and zone; `tier` is what people call the buyer's."""

    def __init__(self, house: House, tier: str) -> None:
        self.house, self.tier = house, tier

    def money(self, units: int) -> str:
        return format_units(units, self.house.currency)

    def totals(self, totals: Mapping[str, int]) -> dict[str, str]:
        return {kind: self.money(units) for kind, units in totals.items()}

    def line(self, one: PricedLine) -> dict[str, Any]:
        return {
            "line_no": one.line_no, "sku": one.sku, "category": one.category, "qty": one.qty,
            "price": self.money(one.price), "unit": self.money(one.unit), "paid": self.money(one.paid),
            "steps": self.steps(one.steps), "not_applied": self.misses(one.not_applied),
        }  # fmt: skip

    def steps(self, steps: Sequence[Step]) -> list[dict[str, Any]]:
        return [
            {
                "kind": one.kind,
                "rule": outside("cpn", int(one.rule)) if one.kind == "coupon" else one.rule,
                "name": rule_name(one.kind, one.name, one.rule, self.tier),
                "minus": self.money(one.minus),
            }
            for one in steps
        ]

    def misses(self, misses: Sequence[NotApplied]) -> list[dict[str, Any]]:
        return [
            {
                "kind": one.kind,
                "rule": one.rule,
                "name": rule_name(one.kind, one.name, one.rule, self.tier),
                **self.why(one.code, one.params),
            }
            for one in misses
        ]

    def refused(self, one: RefusedCoupon) -> dict[str, Any]:
        return {"id": outside("cpn", one.id), "name": one.name, **self.why(one.code, one.params)}

    def why(self, code: str, params: Mapping[str, Any]) -> dict[str, str]:
        detail = why_not(code, params, currency=self.house.currency, zone=self.house.zone)
        return {"code": code, "detail": detail, "advice": what_to_do(code)}
