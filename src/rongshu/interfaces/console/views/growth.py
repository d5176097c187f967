"""One member's growth value, tiers and card: looked at, and set right by hand."""

from __future__ import annotations

import secrets
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.cards.actions import give_card, held_card
from rongshu.domain.members.cards.queries import doors_now
from rongshu.domain.members.growth.actions import give_growth, take_growth
from rongshu.domain.members.growth.queries import entries_of, growth_rules_at
from rongshu.domain.members.tiers.queries import history_of, ladder_at, standing_of
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.growth import CardHeld, GrowthOf
from rongshu.interfaces.faces.card_words import WAYS, spaced
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People
from rongshu.interfaces.faces.tier_words import grown, shown, stepped
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

PAGE, STEPS = 30, 20


@page("members", Permission.SEE_MEMBERS)
def growth_of_member(visit: Visit, id: str) -> GrowthOf | HttpResponse:
    """What a member's tier rests on; posting gives or takes growth value, or gives the card."""
    member = inside("mem", id)
    if member is None:
        raise missing("unknown_member", "There is no such member.")
    form = visit.request.POST
    if visit.request.method != "POST":
        return _one(visit, member, ref=secrets.token_hex(8))
    if form.get("do") == "card":
        visit.demand(Permission.EDIT_MEMBERS)
        made = held_card(member_id=member, now=visit.now) or give_card(
            member_id=member, way="hand", by=visit.login.actor, now=visit.now
        )
        messages.success(visit.request, _("They hold the card %(number)s.") % {"number": spaced(made.number)})
        return redirect("console:growth_of", id=id)
    visit.demand(Permission.ADJUST_POINTS)
    values = {name: form.get(name, "").strip()[:500] for name in ("growth", "reason", "ref")}
    try:
        number = int(values["growth"].replace("−", "-").replace(",", ""))
    except ValueError:
        number = 0
    try:
        adjust = take_growth if number < 0 else give_growth
        adjust(
            member_id=member, growth=abs(number), reason=values["reason"], ref=f"{id}:{values['ref'][:40]}",
            by=visit.login.actor, now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _one(visit, member, values=values, ref=values["ref"], problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("%(number)s growth value was booked.") % {"number": f"{number:+,}"})
    return redirect("console:growth_of", id=id)


def _one(visit: Visit, member: int, **more: Any) -> GrowthOf:
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    stands, ladder, rules = standing_of(member, now=visit.now), ladder_at(visit.now), growth_rules_at(visit.now)
    found = entries_of(member, before=None if token is None else token[0], limit=PAGE + 1)
    activities = {} if rules is None else {one.id: one.name for one in rules.activities}
    held, doors = held_card(member_id=member, now=visit.now), doors_now()
    people = People([member, None if held is None else held.invited_by])
    return GrowthOf(
        id=outside("mem", member),
        name=people.person(member).name,
        tier="" if stands.tier is None else shown(stands.tier).title,
        window=stands.window,
        total=stands.total,
        rows=tuple(grown(one, activities) for one in found[:PAGE]),
        steps=tuple(stepped(one, ladder) for one in history_of(member, limit=STEPS)) if token is None else (),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        card=None
        if held is None
        else CardHeld(spaced(held.number), str(WAYS[held.way]), held.got_at, people.maybe(held.invited_by)),
        doors=doors is not None,
        may_adjust=visit.may(Permission.ADJUST_POINTS),
        may_edit=visit.may(Permission.EDIT_MEMBERS),
        **more,
    )
