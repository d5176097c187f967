"""One order of the reader: parses, asks, shows."""

from __future__ import annotations

from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.commerce.purchases.queries import lines_bought, one_bought
from rongshu.domain.members.growth.queries import brought_growth
from rongshu.domain.members.points.queries import brought_points
from rongshu.interfaces.faces.bought_at import bought_at
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.purchase import OnePurchase, PurchaseLine
from rongshu.kernel.ids import inside


@page("me", member="me")
def purchase(visit: Visit, id: str) -> OnePurchase:
    """One order of the reader. Raises `missing` for one of somebody else."""
    me, currency = myself(visit), visit.house.currency
    found = one_bought(member_id=me, order_id=inside("ord", id) or 0)
    lines = lines_bought(found.id)
    known = products_by_sku([one.sku for one in lines])
    points, points_back = brought_points(found.id)
    growth, growth_back = brought_growth(found.id)
    return OnePurchase(
        number=found.external_id,
        at=found.paid_at,
        paid=Money(found.paid, currency),
        refunded=Money(found.refunded, currency),
        lines=tuple(
            PurchaseLine(
                known[one.sku].title if one.sku in known else one.sku,
                one.qty,
                Money(one.paid, currency),
                Money(one.refunded, currency),
            )
            for one in lines
        ),
        price=bought_at(found.id, currency),
        points=points,
        points_back=points_back,
        growth=growth,
        growth_back=growth_back,
    )
