"""Joining: the queue of applications, and the rules as a form."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.referral.joining.actions import set_joining_policy
from rongshu.domain.referral.joining.models import ASKED, STATES
from rongshu.domain.referral.joining.policy import (
    GROUPS,
    MODES,
    JoiningPolicy,
    read_quiz,
    read_steps,
    write_quiz,
    write_steps,
)
from rongshu.domain.referral.joining.queries import applications as applications_in
from rongshu.domain.referral.joining.queries import count_applications, joining_history, joining_policy
from rongshu.domain.referral.joining.renewal import GRACE
from rongshu.domain.referral.joining.renewal import renewals as renewals_at
from rongshu.engine.jurisdictions import profile
from rongshu.flows.join.actions import decide
from rongshu.flows.join.terms import terms_at
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.joining import ApplicationRow, Applications, JoiningRules, RenewalRow, Renewals
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.clock import to_micros
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside

PAGE = 50
_TEXTS = ("minimum_age", "renew_months", "agreement_version", "agreement", "offer", "shop", "quiz", "steps")


@page("promoters", Permission.SEE_PROMOTERS)
def applications(visit: Visit) -> Applications | HttpResponse:
    """The queue; posting decides about those ticked."""
    if visit.request.method == "POST":
        return _decided(visit)
    asked = visit.request.GET.get("state", ASKED)
    state = asked if asked in STATES else ASKED
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = applications_in(state, after=None if token is None else int(token[0]), limit=PAGE + 1)
    rows, counts = found[:PAGE], count_applications()
    people = People([one for row in rows for one in (row.member_id, row.inviter_id)])
    return Applications(
        state=state,
        counts=tuple((code, counts.get(code, 0)) for code in STATES),
        rows=tuple(
            ApplicationRow(
                outside("app", row.id), people.person(row.member_id), people.maybe(row.inviter_id), row.asked_at, row.words,
                row.decided_at, actor_name(row.actor) if row.actor else "", row.reason,
            )
            for row in rows
        ),
        cursor=Cursor(pack(rows[-1].id) if len(found) > PAGE else None),
        may_decide=visit.may(Permission.MANAGE_JOINING),
        address=visit.request.build_absolute_uri(reverse("join", args=[visit.house.slug])),
    )  # fmt: skip


def _decided(visit: Visit) -> HttpResponse:
    visit.demand(Permission.MANAGE_JOINING)
    form = visit.request.POST
    chosen = [one for text in form.getlist("application")[:PAGE] if (one := inside("app", text)) is not None]
    approve = form.get("do") == "approve"
    if not chosen:
        messages.warning(visit.request, _("Tick at least one application."))
        return redirect("console:applications")
    try:
        done = decide(
            identifiers=chosen, approve=approve, reason=form.get("reason", ""), by=visit.login.actor, now=visit.now
        )
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
        return redirect("console:applications")
    words = (
        ngettext("%(number)s application approved.", "%(number)s applications approved.", len(done))
        if approve
        else ngettext("%(number)s application refused.", "%(number)s applications refused.", len(done))
    )
    messages.success(visit.request, words % {"number": len(done)})
    return redirect("console:applications")


@page("promoters", Permission.SEE_PROMOTERS)
def renewals(visit: Visit) -> Renewals:
    """Promoters who were asked to confirm and have not yet."""
    token = unpack(visit.request.GET.get("cursor", ""), 2)
    after = None if token is None else (datetime.fromtimestamp(int(token[0]) / 1_000_000, UTC), int(token[1]))
    found = renewals_at(now=visit.now, after=after, limit=PAGE + 1)
    rows = found[:PAGE]
    people = People([row.promoter_id for row in rows])
    return Renewals(
        months=joining_policy().renew_months,
        grace=GRACE.days,
        rows=tuple(
            RenewalRow(
                outside("mem", row.promoter_id), people.person(row.promoter_id), row.held_at, row.due_at,
                "paused" if row.frozen_at else "overdue" if row.due_at <= visit.now else "told",
            )
            for row in rows
        ),
        cursor=Cursor(pack(to_micros(rows[-1].held_at), rows[-1].promoter_id) if len(found) > PAGE else None),
    )  # fmt: skip


@page("promoters", Permission.SEE_PROMOTERS)
def rules(visit: Visit) -> JoiningRules | HttpResponse:
    """The rules of joining; posting sets them for whoever joins from now on."""
    form = visit.request.POST
    if visit.request.method != "POST":
        return _rules(visit, _typed(joining_policy()), joining_policy())
    visit.demand(Permission.MANAGE_JOINING)
    typed = {name: form.get(name, "").replace("\r\n", "\n").strip()[:20_001] for name in _TEXTS}
    mode = next((one for one in MODES if one == form.get("mode")), MODES[0])
    shown = JoiningPolicy(mode=mode, ask_groups=form.get("ask_groups") == "yes")
    age = typed["minimum_age"] or "0"
    if not (age.isascii() and age.isdigit()):
        return _rules(visit, typed, shown, problem=_("An age is a number from 0 to 99."), at="minimum_age")
    months = typed["renew_months"] or "0"
    if not (months.isascii() and months.isdigit()):
        return _rules(visit, typed, shown, problem=_("Give 0 to 60 months."), at="renew_months")
    try:
        set_joining_policy(
            rules=JoiningPolicy(
                mode=mode, minimum_age=int(age[:4]), ask_groups=shown.ask_groups, agreement_version=typed["agreement_version"],
                agreement=typed["agreement"], offer=typed["offer"], shop=typed["shop"], quiz=read_quiz(typed["quiz"]),
                steps=read_steps(typed["steps"]), renew_months=int(months[:4]),
            ),
            by=visit.login.actor,
            now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        return _rules(visit, typed, shown, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The rules hold for whoever joins from now on."))
    return redirect("console:joining_rules")


def _typed(known: JoiningPolicy) -> dict[str, str]:
    return {
        "minimum_age": str(known.minimum_age), "agreement_version": known.agreement_version, "agreement": known.agreement,
        "offer": known.offer, "shop": known.shop, "quiz": write_quiz(known.quiz), "renew_months": str(known.renew_months), "steps": write_steps(known.steps),
    }  # fmt: skip


def _rules(
    visit: Visit, values: dict[str, str], shown: JoiningPolicy, *, problem: str = "", at: str = ""
) -> JoiningRules:
    code = terms_at(visit.now).jurisdiction
    market = profile(code)
    return JoiningRules(
        values=values,
        mode=shown.mode,
        ask_groups=shown.ask_groups,
        jurisdiction=code,
        market_age=market.number("minimum_age", visit.today),
        market_groups=market.flag("excluded_groups", visit.today),
        groups=tuple(_(group) for group in GROUPS),
        may_set=visit.may(Permission.MANAGE_JOINING),
        problem=problem,
        at=at,
        history=tuple((one.at, actor_name(one.actor)) for one in joining_history()),
    )
