from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.orders.queries import find_order, orders_by_id
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.standings.queries import placed
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.search import Group, Hit, Search
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.templatetags.faces import count, money_text
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.ids import outside


@page("", None)
def search(visit: Visit) -> Search | HttpResponse:
    """Whatever goes by that id, phone or e-mail. What is the only thing of its name is gone to at once."""
    q = visit.request.GET.get("q", "").strip()[:200]
    groups = [*_orders(visit, q), *_members(visit, q)] if q else []
    hits = [hit for group in groups for hit in group.hits]
    return redirect(hits[0].url) if len(hits) == 1 else Search(q, tuple(groups))


def _orders(visit: Visit, q: str) -> list[Group]:
    if not visit.may(Permission.SEE_ORDERS):
        return []
    try:
        found = orders_by_id([find_order(q)])
    except Refusal as refusal:
        if refusal.kind is not Kind.CONFLICT:
            return []
        refs = str(refusal.params.get("refs", "")).split(", ")
        found = orders_by_id([find_order(ref) for ref in refs])
    hits = tuple(
        Hit(order.external_id, f"{order.source} · {money_text(Money(order.paid, visit.house.currency))}",
            reverse("console:order", args=[outside("ord", order.id)]))
        for order in found.values()
    )  # fmt: skip
    return [Group(_("Orders"), hits)] if hits else []


def _members(visit: Visit, q: str) -> list[Group]:
    try:
        member = find_member(q)
    except Refusal:
        return []
    person = People([member.id]).person(member.id)
    promoter = placed([member.id]).get(member.id)
    if promoter is not None and visit.may(Permission.SEE_PROMOTERS):
        team = _("team of %(members)s") % {"members": count(promoter.team_size)}
        return [Group(_("Promoters"), (Hit(person.name, team, reverse("console:promoter", args=[person.id])),))]
    if visit.may(Permission.SEE_ORDERS):
        return [Group(_("Buyers"), (Hit(person.name, person.phone, f"{reverse('console:orders')}?buyer={person.id}"),))]
    return []
