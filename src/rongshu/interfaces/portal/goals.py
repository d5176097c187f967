"""The portal's goals of a leader: parses, asks, shows. Nobody else sees them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.referral.goals.actions import LONGEST, drop_goal, set_goal
from rongshu.domain.referral.goals.models import ACTIVE, SALES
from rongshu.domain.referral.goals.queries import Progress, figures_of, progress_of
from rongshu.domain.referral.standings.queries import standings_as_of
from rongshu.engine.money import MoneyError, parse_units
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.goals import Goals, Reached
from rongshu.kernel.errors import Refusal, invalid

WIDEST = 18
"""Digits of a number that is still read."""


@page("team")
def goals(visit: Visit) -> Goals | HttpResponse:
    """The goals with how far they are; posting sets one or takes one away."""
    me, form = myself(visit), visit.request.POST
    what, wanted, until = form.get("what", ACTIVE), form.get("wanted", "").strip(), form.get("until", "")
    if visit.request.method == "POST":
        if form.get("do") == "drop":
            drop_goal(promoter_id=me, what=what, by=visit.login.actor, now=visit.now)
            messages.success(visit.request, _("The goal is taken away."))
            return redirect("portal:goals")
        try:
            set_goal(
                promoter_id=me, what=what, wanted=_number(what, wanted, visit.house.currency), until=_day(until),
                by=visit.login.actor, now=visit.now,
            )  # fmt: skip
        except Refusal as refusal:
            return _goals(visit, what=what, wanted=wanted, at=refusal.at or "", problem=said(refusal))
        messages.success(visit.request, _("The goal is set. It is counted from now on."))
        return redirect("portal:goals")
    return _goals(visit)


def reached(visit: Visit, found: Sequence[Progress]) -> tuple[Reached, ...]:
    """Goals as pages show them."""
    currency = visit.house.currency
    return tuple(
        Reached(
            what=one.what,
            have=one.have,
            wanted=one.wanted,
            percent=one.percent,
            until=one.until,
            days=(one.until - visit.today).days,
            money=Money(one.have, currency) if one.what == SALES else None,
            money_wanted=Money(one.wanted, currency) if one.what == SALES else None,
        )
        for one in found
    )


def _goals(visit: Visit, *, what: str = ACTIVE, wanted: str = "", at: str = "", problem: str = "") -> Goals:
    me = myself(visit)
    month_end = (visit.today.replace(day=1) + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return Goals(
        goals=reached(visit, progress_of(me, figures_of(me))),
        first=visit.today,
        last=visit.today + LONGEST,
        what=what,
        wanted=wanted,
        until=month_end,
        currency=visit.house.currency,
        as_of=standings_as_of(),
        at=at,
        problem=problem,
    )


def _number(what: str, text: str, currency: str) -> int:
    """Members, or minor units for sales; 0 for what is no number."""
    if what == SALES:
        try:
            return parse_units(text, currency)
        except MoneyError:
            return 0
    return int(text) if text.isascii() and text.isdigit() and len(text) <= WIDEST else 0


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise invalid("no_day", "Give a day from today on, within a year.", at="until") from None
