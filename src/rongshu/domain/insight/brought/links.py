"""What a promoter's links brought: clicks, visitors, orders and commission by link and day, for one's own alone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection

from rongshu.domain.commission.rating.models import REPLACED
from rongshu.engine.attribution import METHODS, Fate
from rongshu.kernel.short import as_typed
from rongshu.kernel.tenancy.scope import current_tenant

LINK, BOND, OTHER = "link", "bond", "other"
"""How an order came: through a link or the code; as a customer who belongs to the promoter; named with the order, or by a store."""
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Brought:
    """What one link (0: none) brought on one day. Orders count by their payment; `commission` is what is left of it, in minor units."""

    how: str
    link_id: int
    day: date
    clicks: int = 0
    visitors: int = 0
    orders: int = 0
    commission: int = 0


def brought_by_links(
    promoter_id: int, *, since: date, until: date, starts: datetime, ends: datetime, zone: str
) -> list[Brought]:
    """What a promoter's links brought from one day to another (both included); `starts` and `ends` are their instants."""
    won = {
        name: f"(e.fates >> {3 * (len(METHODS) - 1 - place)} & 7) = {int(Fate.WON)}"
        for place, name in enumerate(METHODS)
    }
    tenant = current_tenant()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT link_id, day, clicks, first FROM referral_click_figures "
            "WHERE tenant_id = %s AND promoter_id = %s AND day BETWEEN %s AND %s AND (clicks > 0 OR first > 0)",
            [tenant, promoter_id, (since - _EPOCH).days, (until - _EPOCH).days],
        )
        found = [
            Brought(LINK, link, _EPOCH + timedelta(days=day), clicks=clicks, visitors=first)
            for link, day, clicks, first in cursor.fetchall()
        ]
        cursor.execute(
            f"SELECT CASE WHEN {won['touch']} THEN 'touch' WHEN {won['code']} THEN 'code' WHEN {won['bond']} THEN 'bond' ELSE '' END, "
            f"CASE WHEN {won['touch']} THEN coalesce(e.touch_link_id, 0) ELSE 0 END, CASE WHEN {won['code']} THEN e.code ELSE '' END, "
            "(o.paid_at AT TIME ZONE %s)::date, count(*), coalesce(sum(c.net), 0)::bigint FROM commerce_order o "
            "LEFT JOIN referral_evidence e ON e.tenant_id = o.tenant_id AND e.order_id = o.id "
            "LEFT JOIN LATERAL (SELECT sum(amount - reversed) AS net FROM commission_commission c WHERE c.tenant_id = %s "
            "  AND c.order_id = o.id AND c.beneficiary_id = %s AND c.state < %s) c ON true "
            "WHERE o.tenant_id = %s AND o.promoter_id = %s AND o.paid_at >= %s AND o.paid_at < %s AND o.cancelled_at IS NULL "
            "GROUP BY 1, 2, 3, 4",
            [zone, tenant, promoter_id, REPLACED, tenant, promoter_id, starts, ends],
        )
        rows = cursor.fetchall()
        codes = {as_typed(code) for _how, _link, code, *_rest in rows if code}
        cursor.execute(
            "SELECT slug, id FROM referral_link WHERE tenant_id = %s AND promoter_id = %s AND slug = ANY (%s)",
            [tenant, promoter_id, sorted(codes)],
        )
        by_slug = dict(cursor.fetchall())
    for how, link, code, day, orders, commission in rows:
        through = link or by_slug.get(as_typed(code), 0) if code or link else 0
        kind = LINK if through else BOND if how == "bond" else OTHER
        found.append(Brought(kind, through, day, orders=orders, commission=commission))
    return found


def materials_of_links(links: Collection[int]) -> dict[int, str]:
    """The title of the material that was taken last with each of these links; links without one are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (t.link_id) t.link_id, m.title FROM marketing_material_taking t "
            "JOIN marketing_material m ON m.tenant_id = t.tenant_id AND m.id = t.material_id "
            "WHERE t.tenant_id = %s AND t.link_id = ANY (%s) ORDER BY t.link_id, t.id DESC",
            [current_tenant(), list(links)],
        )
        return dict(cursor.fetchall())
