"""The portal's channel comparison: what each way of sharing brought, drawn, listed, as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.http import HttpResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.insight.brought.links import BOND, LINK, Brought, materials_of_links
from rongshu.domain.referral.links.models import CODE, JOIN, Link
from rongshu.engine.money import format_units
from rongshu.interfaces.faces.channels import channel_name
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached, plain, table
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import page
from rongshu.interfaces.portal.pages.channels import Bar, Channels, Row
from rongshu.interfaces.portal.suggesting import WEEKS, brought_in, links_among, next_steps

SPANS = (7, 30, 90)
WAYS = ("channel", "product", "material", "day")
HIGHEST_VISITORS, HIGHEST_ORDERS = 60, 40
MOST_ROWS = 60


@page("share")
def channels(visit: Visit) -> Channels:
    """Clicks, visitors, orders and commission by channel, product, material or day."""
    by, days = _asked(visit)
    brought = brought_in(visit, days)
    most_visitors, most_orders, bars = _bars(visit, brought, days)
    return Channels(
        by=by,
        days=days,
        rows=_rows(visit, brought, by)[:MOST_ROWS],
        total=_row(visit, _("Together"), brought, 0),
        bars=bars,
        most_visitors=most_visitors,
        most_orders=most_orders,
        suggestions=next_steps(visit, limit=3, brought=brought if days == WEEKS.days else None),
    )


@page("share")
def channels_file(visit: Visit) -> HttpResponse:
    """The same rows as CSV, all of them."""
    by, days = _asked(visit)
    head = (
        {"channel": _("Channel"), "product": _("Product"), "material": _("Material"), "day": _("Day")}[by], _("Clicks"),
        _("New visitors"), _("Orders"), _("Commission"),
    )  # fmt: skip
    rows = (
        (
            plain(one.name),
            one.clicks,
            one.visitors,
            one.orders,
            format_units(one.commission.units, one.commission.currency),
        )
        for one in _rows(visit, brought_in(visit, days), by)
    )
    return attached(table((head, *rows)), f"channels-{visit.today.isoformat()}.csv")


def _asked(visit: Visit) -> tuple[str, int]:
    asked = visit.request.GET
    by = asked.get("by", "") if asked.get("by", "") in WAYS else WAYS[0]
    days = int(asked["days"]) if asked.get("days", "") in map(str, SPANS) else 30
    return by, days


def _rows(visit: Visit, brought: list[Brought], by: str) -> tuple[Row, ...]:
    """One row a group: days in time, else the largest commission first."""
    named = _namer(brought, by)
    groups: dict[str, list[Brought]] = {}
    for one in sorted(brought, key=lambda each: each.day, reverse=True):
        groups.setdefault(named(one), []).append(one)
    best = max((sum(one.commission for one in rows) for rows in groups.values()), default=0)
    found = [_row(visit, name, rows, best) for name, rows in groups.items()]
    if by != "day":
        found.sort(key=lambda row: (row.commission.units, row.orders, row.visitors, row.clicks), reverse=True)
    return tuple(found)


def _namer(brought: list[Brought], by: str) -> Callable[[Brought], str]:
    links = links_among(brought)
    titles = products_by_sku([one.label for one in links.values() if one.label]) if by == "product" else {}
    materials = materials_of_links(list(links)) if by == "material" else {}

    def name(one: Brought) -> str:
        if by == "day":
            return str(date_format(one.day, "SHORT_DATE_FORMAT"))
        link = links.get(one.link_id)
        if link is None:
            return _("Customers who belong to you") if one.how == BOND else _("Through no link")
        if by == "channel":
            return channel_name(link.channel) if link.channel else _own(link)
        if by == "material":
            return materials.get(link.id) or _("Without a material")
        return titles[link.label].title if link.label in titles else link.label or _own(link)

    return name


def _own(link: Link) -> str:
    return {CODE: _("My code"), JOIN: _("Invitation")}.get(link.kind) or _("Without a channel")


def _row(visit: Visit, name: str, rows: list[Brought], best: int) -> Row:
    commission = sum(one.commission for one in rows)
    return Row(
        name=name,
        clicks=sum(one.clicks for one in rows),
        visitors=sum(one.visitors for one in rows),
        orders=sum(one.orders for one in rows),
        commission=Money(commission, visit.house.currency),
        share=commission * 100 // best if best > 0 else 0,
        by_people=any(one.how == LINK for one in rows),
    )


def _bars(visit: Visit, brought: list[Brought], days: int) -> tuple[int, int, tuple[Bar, ...]]:
    first = visit.today - timedelta(days=days - 1)
    visitors, orders = [0] * days, [0] * days
    for one in brought:
        at = (one.day - first).days
        if 0 <= at < days:
            visitors[at] += one.visitors
            orders[at] += one.orders
    if not any(visitors) and not any(orders):
        return 0, 0, ()
    return max(visitors), max(orders), tuple(
        Bar(
            first + timedelta(days=at), at * 10, visitors[at] * HIGHEST_VISITORS // max(1, *visitors),
            orders[at] * HIGHEST_ORDERS // max(1, *orders),
        )
        for at in range(days)
    )  # fmt: skip
