"""The first steps of a promoter, and the way out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.rating.queries import pending_of
from rongshu.domain.referral.joining.actions import leave as leave_now
from rongshu.domain.referral.joining.actions import mark_step
from rongshu.domain.referral.joining.policy import GROUPS
from rongshu.domain.referral.joining.queries import acceptances_of, joining_policy, step_key, steps_done
from rongshu.domain.referral.joining.renewal import frozen_for_it, renewal_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.domain.referral.standings.queries import count_directly_invited
from rongshu.flows.erasing import erase_person
from rongshu.flows.join.actions import confirm
from rongshu.flows.join.terms import terms_at
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.erasing import erasing_of
from rongshu.interfaces.faces.joining import TICKS, read_answers
from rongshu.interfaces.faces.parts import Asked, Money
from rongshu.interfaces.portal.door import myself, page, promotes
from rongshu.interfaces.portal.pages.joining import FirstStep, Leave, Renew, Start
from rongshu.kernel.actor import Actor
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside
from rongshu.ledger.queries import standings_of


@page("me")
def start(visit: Visit) -> Start | HttpResponse:
    """The checklist; posting ticks a step or takes the tick away."""
    me, form = myself(visit), visit.request.POST
    if visit.request.method == "POST":
        mark_step(promoter_id=me, key=form.get("step", "")[:40], done=form.get("done") == "yes", now=visit.now)
        return redirect("portal:start")
    steps = joining_policy().steps
    return Start(
        steps=tuple(
            FirstStep(step_key(one), one.title, one.text, one.link, done)
            for one, done in zip(steps, steps_done(me, steps), strict=True)
        )
    )


@page("me")
def renew(visit: Visit) -> Renew | HttpResponse:
    """Confirming again what was accepted; posting confirms, and whoever was paused for it goes on."""
    me, form, terms = myself(visit), visit.request.POST, terms_at(visit.now)
    answers, problem, at = read_answers(form), "", ""
    due = renewal_of(me, now=visit.now)
    if visit.request.method == "POST" and due is not None:
        try:
            resumed = confirm(
                promoter_id=me, answers=answers, terms=terms, address=visit.request.META.get("REMOTE_ADDR", ""), now=visit.now
            )  # fmt: skip
        except Refusal as refusal:
            problem, at = said(refusal), refusal.at or ""
        else:
            messages.success(
                visit.request, _("Confirmed. New orders earn you commission again.") if resumed else _("Confirmed. Nothing else to do.")
            )  # fmt: skip
            return redirect("portal:home")
    rules, last = terms.policy, next(iter(acceptances_of(me)), None)
    return Renew(
        due_at=due.due_at if due else None,
        held_at=due.held_at if due else None,
        paused=due is not None and due.frozen_at is not None and frozen_for_it(me),
        rules=reverse("public:rules", args=[visit.house.slug]),
        age=terms.minimum_age,
        groups=tuple(_(group) for group in GROUPS) if terms.groups else (),
        version=rules.agreement_version,
        agreement=rules.agreement,
        changed=last is not None and last.version != rules.agreement_version,
        quiz=tuple(Asked(one.text, one.answers, answers.quiz[place]) for place, one in enumerate(rules.quiz)),
        ticked=frozenset(name for name in TICKS if form.get(name) == "yes"),
        problem=problem,
        at=at,
    )


@page("me", member="me")
def leave(visit: Visit) -> Leave | HttpResponse:
    """What leaving means for one's money and team; posting leaves, and whoever has left, or never promoted, can have their data erased."""
    me, currency, problem, member = myself(visit), visit.house.currency, "", not promotes(visit)
    if visit.request.method == "POST" and visit.request.POST.get("do") == "erase":
        problem, back = _erased(visit, me)
        if back is not None:
            return back
    elif visit.request.method == "POST" and not member:
        if visit.request.POST.get("sure") == "yes":
            leave_now(promoter_id=me, by=visit.login.actor, now=visit.now)
            messages.success(visit.request, _("You have stopped promoting. What you earned stays yours."))
            return redirect("portal:leave")
        problem = _("Tick that you want to leave.")
    standing, left = standings_of([me])[me], member or promoter(me).active_to is not None
    return Leave(
        available=Money(standing.available, currency),
        pending=Money(pending_of([me])[me], currency),
        reserved=Money(standing.reserved, currency),
        team=count_directly_invited(me, most=100),
        left=left,
        problem=problem,
        member=member,
        erasing=erasing_of(me, outside("mem", me)) if left else None,
    )


def _erased(visit: Visit, me: int) -> tuple[str, HttpResponse | None]:
    """What stood in the way, or the way out: whoever is erased is signed out."""
    if visit.request.POST.get("sure") != "yes":
        return _("Tick that your data are to be erased."), None
    try:
        erase_person(member_id=me, by=Actor("member", outside("mem", me)), now=visit.now)
    except Refusal as refusal:
        return said(refusal), None
    response = access.sign_out(visit.request, "portal:sign_in")
    messages.success(visit.request, _("Your personal data are erased, and you are signed out."))
    return "", response
