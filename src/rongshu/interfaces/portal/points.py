"""The portal's page of points: parses, asks, shows."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.members.points.actions import sign_in
from rongshu.domain.members.points.queries import history, lots_of, signing, standing
from rongshu.domain.members.points.rulebook import rules_at
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.points_kinds import explained, happened
from rongshu.interfaces.faces.points_parts import PointsLine
from rongshu.interfaces.faces.points_words import lot_row, ways_of, worth_of
from rongshu.interfaces.portal.card import lacks_card
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.points import Points

PAGE = 30


@page("me", member="points")
def points(visit: Visit) -> Points | HttpResponse:
    """What the reader has and why; posting signs in for today."""
    me = myself(visit)
    if visit.request.method == "POST" and lacks_card(visit):
        messages.error(visit.request, _("Get the member card first; then signing in brings points."))
        return redirect("card", visit.house.slug)
    if visit.request.method == "POST":
        granted, days = sign_in(member_id=me, now=visit.now)
        if granted:
            words = ngettext("Signed in %(days)s day in a row: %(points)s points.", "Signed in %(days)s days in a row: %(points)s points.", days)  # fmt: skip
            messages.success(visit.request, words % {"days": days, "points": granted})
        else:
            messages.info(visit.request, _("You are signed in for today."))
        return redirect("portal:points")
    rules = rules_at(visit.now)[1]
    tasks = {one.id: one.name for one in rules.tasks}
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = history(me, below=None if token is None else token[0], limit=PAGE + 1)
    have = standing(me, now=visit.now)
    streak, may_sign, next_points = signing(me, rules=rules, now=visit.now)
    return Points(
        usable=have.usable,
        pending=have.pending,
        reserved=have.reserved,
        owed=have.owed,
        worth=worth_of(have.usable, rules),
        lots=tuple(lot_row(one, tasks, now=visit.now, zone=visit.house.zone) for one in lots_of(me)),
        ways=ways_of(rules) if rules.spending or rules.sign_in or rules.tasks else (),
        rows=tuple(
            PointsLine(one.at, happened(one.kind, one.source, one.what, tasks), explained(one.why), one.points)
            for one in found[:PAGE]
        ),
        cursor=Cursor(pack(found[PAGE - 1].cursor) if len(found) > PAGE else None),
        streak=streak,
        may_sign=may_sign and not lacks_card(visit),
        sign_points=next_points,
        more=token is None,
    )
