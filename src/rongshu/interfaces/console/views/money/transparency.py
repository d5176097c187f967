"""What is owed in all, made public: whether, how often, and each publication."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.settlement.transparency.actions import publish_balances, set_openness
from rongshu.domain.settlement.transparency.models import Publication
from rongshu.domain.settlement.transparency.queries import Openness, openness, publications
from rongshu.engine.money import parse_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.transparency import PublicationRow, Transparency
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission

PAGE = 24


@page("money", Permission.SEE_MONEY)
def transparency(visit: Visit) -> Transparency | HttpResponse:
    """The page; posting sets the choices or publishes now."""
    if visit.request.method == "POST":
        visit.demand(Permission.SET_MONEY_RULES)
        form = visit.request.POST
        if form.get("do") == "publish":
            made = publish_balances(by=visit.login.actor, now=visit.now)
            fresh = made.as_of == visit.now
            words = (
                _("Published as number %(number)s.")
                if fresh
                else _("Number %(number)s is less than an hour old; it stands.")
            )
            messages.success(visit.request, words % {"number": made.number})
        else:
            wanted = Openness(form.get("shown") == "yes", form.get("monthly") == "yes")
            set_openness(wanted=wanted, by=visit.login.actor, now=visit.now)
            messages.success(visit.request, _("Kept."))
        return redirect("console:transparency")
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = publications(before=None if token is None else token[0], limit=PAGE + 1)
    chosen = openness()
    return Transparency(
        shown=chosen.shown,
        monthly=chosen.monthly,
        address=reverse("transparency", args=[visit.house.slug]),
        rows=tuple(_row(one, visit.house.currency) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].number) if len(found) > PAGE else None),
        may_set=visit.may(Permission.SET_MONEY_RULES),
    )


def _row(one: Publication, currency: str) -> PublicationRow:
    totals = one.document["totals"]
    sums = {name: Money(parse_units(totals[name], currency), currency) for name in ("accrued", "paid", "owed", "debts")}
    as_of = datetime.fromisoformat(one.document["as_of"])
    return PublicationRow(one.number, as_of, one.document["promoters"], **sums, who=actor_name(one.actor))
