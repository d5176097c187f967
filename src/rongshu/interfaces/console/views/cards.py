"""The member card in the console: its doors, and requests decided."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.members.cards.actions import decide, publish_doors
from rongshu.domain.members.cards.doors import Doors
from rongshu.domain.members.cards.models import WAITING
from rongshu.domain.members.cards.queries import card_versions, doors_now, requests
from rongshu.engine.money import MoneyError, format_units, parse_units
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.cards import CardAsked, Cards, DoorsVersion
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import inside, outside

PAGE = 50
BOXES = ("claim", "invite", "approve", "present")


@page("members", Permission.SEE_MEMBERS)
def cards(visit: Visit) -> Cards | HttpResponse:
    """The doors and who asks; posting publishes doors, or decides about those ticked."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _shown(visit, _kept(visit))
    if form.get("do") == "publish":
        visit.demand(Permission.SET_MEMBERSHIP)
        typed = {name: form.get(name, "").strip()[:20_000] for name in (*BOXES, "spend", "buy", "terms")}
        try:
            made = publish_doors(doors=_read(typed, visit.house.currency), by=visit.login.actor, now=visit.now)
        except Refusal as refusal:
            return _shown(visit, typed, problem=said(refusal), at=refusal.at or "")
        messages.success(visit.request, _("Version %(number)s of the doors is in force.") % {"number": made.number})
        return redirect("console:cards")
    visit.demand(Permission.EDIT_MEMBERS)
    return _decided(visit)


def _decided(visit: Visit) -> Cards | HttpResponse:
    form = visit.request.POST
    chosen = [one for text in form.getlist("request")[:PAGE] if (one := inside("crq", text)) is not None]
    if not chosen:
        messages.warning(visit.request, _("Tick at least one request."))
        return redirect("console:cards")
    approve = form.get("do") == "approve"
    try:
        done = decide(
            requests=chosen, approve=approve, reason=form.get("reason", ""), by=visit.login.actor, now=visit.now
        )
    except Refusal as refusal:
        return _shown(visit, _kept(visit), problem=said(refusal), at=refusal.at or "")
    words = (
        ngettext("%(number)s request approved.", "%(number)s requests approved.", done)
        if approve
        else ngettext("%(number)s request refused.", "%(number)s requests refused.", done)
    )
    messages.success(visit.request, words % {"number": done})
    return redirect("console:cards")


def _shown(visit: Visit, values: dict[str, str], *, problem: str = "", at: str = "") -> Cards:
    asked = visit.request.GET.get("state", WAITING)
    state = asked if asked in Cards.states else WAITING
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = requests(state=state, before=None if token is None else int(token[0]), limit=PAGE + 1)
    rows = found[:PAGE]
    people = People([row.member_id for row in rows])
    return Cards(
        values=values,
        versions=tuple(DoorsVersion(one.number, one.at, actor_name(one.actor)) for one in card_versions(5)),
        state=state,
        rows=tuple(
            CardAsked(
                outside("crq", row.id), people.person(row.member_id), row.asked_at, row.said, row.decided_at,
                actor_name(row.decided_by) if row.decided_by else "", row.reason,
            )
            for row in rows
        ),
        address=visit.request.build_absolute_uri(reverse("card", args=[visit.house.slug])),
        currency=visit.house.currency,
        cursor=Cursor(pack(rows[-1].id) if len(found) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
        may_decide=visit.may(Permission.EDIT_MEMBERS),
        problem=problem,
        at=at,
    )  # fmt: skip


def _kept(visit: Visit) -> dict[str, str]:
    found = doors_now()
    doors = Doors() if found is None else found[1]
    return {
        **{name: "yes" if getattr(doors, name) else "" for name in BOXES},
        "spend": format_units(doors.spend, visit.house.currency) if doors.spend else "",
        "buy": "\n".join(doors.buy),
        "terms": doors.terms,
    }


def _read(typed: Mapping[str, str], currency: str) -> Doors:
    try:
        spend = parse_units(typed["spend"].replace(",", ""), currency) if typed["spend"] else 0
    except MoneyError:
        raise invalid("bad_amount", "Give an amount above zero, or leave it empty.", at="spend") from None
    if typed["spend"] and spend <= 0:
        raise invalid("bad_amount", "Give an amount above zero, or leave it empty.", at="spend")
    skus = typed["buy"].replace("，", "\n").replace(",", "\n").splitlines()
    return Doors(
        **{name: typed[name] == "yes" for name in BOXES},
        spend=spend,
        buy=tuple(dict.fromkeys(one.strip() for one in skus if one.strip())),
        terms=typed["terms"],
    )
