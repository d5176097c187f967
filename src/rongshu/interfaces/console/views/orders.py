from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.queries import STATES, Listed, find_order, list_orders, orders_by_id
from rongshu.domain.commission.rating.queries import commissions_of, orders_earning
from rongshu.domain.insight.figures.queries import last_day_with_orders
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.orders import OrderFilters, OrderRow, Orders
from rongshu.interfaces.faces.cursors import instant_first, pack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.ids import inside, outside

PAGE = 50
STATE_DAYS = 90
"""A state is looked for in this many days, when no dates are given: it may be rare."""


@page("orders", Permission.SEE_ORDERS)
def orders(visit: Visit) -> Orders | HttpResponse:
    """Orders by id, buyer, promoter, date and state, latest payment first."""
    asked = visit.request.GET
    q = asked.get("q", "").strip()[:200]
    if q:
        return _found(visit, q)
    problems: list[str] = []
    since, until = _day(asked.get("since", ""), problems), _day(asked.get("until", ""), problems)
    buyer, promoter = inside("mem", asked.get("buyer", "")), inside("mem", asked.get("promoter", ""))
    state = asked.get("state", "") if asked.get("state", "") in STATES and promoter is None else ""
    if state and since is None:
        since = (until or last_day_with_orders(visit.today) or visit.today) - timedelta(days=STATE_DAYS)
    starts = None if since is None else visit.starts(since)
    ends = None if until is None else visit.ends(until)
    after = instant_first(asked.get("cursor", ""), 2)
    if promoter is not None:
        keys = orders_earning(promoter, since=starts, until=ends, after=after, limit=PAGE + 1)  # type: ignore[arg-type]
        known = orders_by_id([order for _at, order in keys])
        found = [known[order] for _, order in keys if order in known]
    else:
        found = list_orders(since=starts, until=ends, buyer_id=buyer, state=state, after=after, limit=PAGE + 1)  # type: ignore[arg-type]
    people = People([one for row in found for one in (row.buyer_id, row.promoter_id)] + [buyer, promoter])
    return Orders(
        filters=OrderFilters("", state, since, until, people.maybe(promoter), people.maybe(buyer), tuple(problems)),
        rows=_rows(visit, found[:PAGE], people),
        cursor=Cursor(pack(found[PAGE - 1].paid_at, found[PAGE - 1].id) if len(found) > PAGE else None),
    )


def _rows(visit: Visit, found: list[Listed], people: People) -> tuple[OrderRow, ...]:
    earned: dict[int, int] = {}
    for row in commissions_of([order.id for order in found]):
        earned[row.order_id] = earned.get(row.order_id, 0) + row.amount - row.reversed
    currency = visit.house.currency
    return tuple(
        OrderRow(
            id=outside("ord", order.id),
            external_id=order.external_id,
            paid_at=order.paid_at,
            buyer=people.maybe(order.buyer_id),
            promoter=people.maybe(order.promoter_id),
            state=order.state,
            paid=Money(order.paid, currency),
            commission=Money(earned.get(order.id, 0), currency),
        )
        for order in found
    )


def _found(visit: Visit, q: str) -> Orders | HttpResponse:
    """An order is gone to at once; a member leads to their orders: as a promoter when they are one."""
    try:
        return redirect("console:order", outside("ord", find_order(q)))
    except Refusal as refusal:
        if refusal.kind is Kind.CONFLICT:
            return redirect(f"{reverse('console:search')}?q={q}")
    try:
        member = find_member(q)
    except Refusal:
        return Orders(OrderFilters(q=q), (), Cursor())
    role = "promoter" if which_promote([member.id]) else "buyer"
    return redirect(f"{reverse('console:orders')}?{role}={outside('mem', member.id)}")


def _day(text: str, problems: list[str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(_("%(value)s is not a date; write it like 2026-05-01") % {"value": text})
        return None
