"""How the price of an order came about: read from the checkout that the order named."""

from __future__ import annotations

from rongshu.domain.commerce.checkouts.queries import checkouts_of
from rongshu.engine.prices.units import TIER
from rongshu.interfaces.faces.bought_at_parts import BoughtAt, LineBought, Taken
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.price_words import kind_name, rule_name, tier_title
from rongshu.kernel.ids import outside


def bought_at(order_id: int, currency: str) -> BoughtAt | None:
    """None for an order that named no checkout: its shop did not ask for our price."""
    found = checkouts_of([order_id]).get(order_id)
    if found is None:
        return None

    def money(units: int) -> Money:
        return Money(units, currency)

    named = (step["name"] for line in found.priced["lines"] for step in line["steps"] if step["rule"] == TIER)
    tier = tier_title(next(named, ""), found.reserved_at)
    lines = tuple(
        LineBought(
            sku=line["sku"],
            qty=line["qty"],
            price=money(line["price"]),
            steps=tuple(
                Taken(
                    rule_name(step["kind"], step["name"], step["rule"], tier),
                    kind_name(step["kind"]),
                    money(step["minus"]),
                )
                for step in line["steps"]
            ),
            paid=money(line["paid"]),
        )
        for line in found.priced["lines"]
    )
    return BoughtAt(
        id=outside("chk", found.id),
        lines=lines,
        coupons=tuple(one["name"] for one in found.priced["coupons"]),
        points=found.points,
        points_back=found.points_back,
        shipping=money(found.priced["shipping"]),
        payable=money(found.payable),
    )
