from __future__ import annotations

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from rongshu.domain.commission.plans.actions import PlanError, readable
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.commission.reviews.actions import approve_review, reject_review, take_back
from rongshu.domain.commission.reviews.looking import look_at
from rongshu.domain.commission.reviews.models import WAITING, PlanReview
from rongshu.domain.commission.reviews.queries import review as review_of
from rongshu.domain.commission.reviews.queries import two_persons, waiting_reviews
from rongshu.engine.plan import differences, read_plan
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import plans as pages
from rongshu.interfaces.console.plan_words import clauses_of, differences_in_words, looked_in_words, problems_in_words
from rongshu.interfaces.console.views.plans.drafting import begins_at
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Kind, Refusal, forbidden
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope


@page("plans", Permission.SEE_PLANS)
def waiting(visit: Visit) -> pages.Waiting:
    """The drafts that wait for a second person."""
    return pages.Waiting(tuple(_row(visit, one) for one in waiting_reviews()), two_persons())


@page("plans", Permission.SEE_PLANS)
def review(visit: Visit, id: str) -> pages.Review | HttpResponse:
    """One draft to decide about."""
    found = review_of(inside("rev", id) or 0)
    if visit.request.method == "POST":
        return _decided(visit, found)
    if found.state != WAITING:
        messages.info(visit.request, _("This request was decided before; nothing was changed."))
        return redirect("console:plan_waiting")
    return _shown(visit, found)


def _decided(visit: Visit, found: PlanReview) -> pages.Review | HttpResponse:
    try:
        with tenant_scope(visit.house.id):  # a savepoint: what is refused is undone, and its page is shown
            return _done(visit, found)
    except PlanError as error:
        return _again(visit, found, "; ".join(f"{one.path}: {one.text}" for one in problems_in_words(error)))
    except Refusal as refusal:
        if refusal.kind in (Kind.MISSING, Kind.FORBIDDEN) or refusal.code == "review_decided":
            raise
        return _again(visit, found, said(refusal))


def _done(visit: Visit, found: PlanReview) -> HttpResponse:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    match form.get("do"):
        case "take_back" if visit.may(Permission.EDIT_PLANS):
            take_back(review_id=found.id, by=by, now=now)
            messages.success(visit.request, _("The draft can be changed again."))
            return redirect(f"{reverse('console:draft')}?draft={outside('drf', found.draft_id or 0)}")
        case "reject" if visit.may(Permission.APPROVE_PLANS):
            reject_review(review_id=found.id, reason=form.get("reason", ""), by=by, now=now)
            messages.success(visit.request, _("The draft went back to its author, with your reason."))
            return redirect("console:plan_waiting")
        case "approve" if visit.may(Permission.APPROVE_PLANS):
            version = approve_review(
                review_id=found.id,
                effective_from=begins_at(visit, form.get("effective_from", "")),
                accepted=form.getlist("accept"),
                reason=form.get("reason", ""),
                by=by,
                now=now,
            )
            messages.success(visit.request, _("Version %(number)s is published.") % {"number": version.number})
            return redirect(f"{reverse('console:plans')}?version={version.number}")
    raise forbidden("not_permitted", "Your role does not open this page.")


def _again(visit: Visit, found: PlanReview, problem: str) -> pages.Review:
    form = visit.request.POST
    return replace(
        _shown(visit, found, form.get("effective_from")),
        problem=problem,
        reason=form.get("reason", ""),
        accepted=tuple(form.getlist("accept")),
    )


def _shown(visit: Visit, found: PlanReview, typed: str | None = None) -> pages.Review:
    known = versions().versions
    last = known[-1] if known else None
    plan = read_plan(found.text)
    wanted = found.effective_from
    begins = max(wanted, visit.now) if wanted is not None and known else wanted or visit.now
    problem, looked = "", None
    try:
        looked = looked_in_words(look_at(readable(found.text), begins=begins, now=visit.now), found.text)
    except PlanError as error:
        problem = "; ".join(f"{one.path}: {one.text}" for one in problems_in_words(error))
    own = str(visit.login.actor) in found.authors
    two = two_persons()
    passed = wanted is None or (bool(known) and wanted <= visit.now)
    return pages.Review(
        row=_row(visit, found),
        document=found.text,
        clauses=clauses_of(plan),
        differences=differences_in_words(differences(plan_of(last), plan) if last is not None else []),
        against=None if last is None else last.number,
        looked=looked,
        authors=tuple(actor_name(one) for one in found.authors),
        may_decide=visit.may(Permission.APPROVE_PLANS) and not (own and two),
        may_take_back=visit.may(Permission.EDIT_PLANS),
        alone=own and not two,
        effective_from=typed
        if typed is not None
        else ""
        if passed
        else f"{timezone.localtime(wanted, visit.house.zone):%Y-%m-%dT%H:%M}",
        problem=problem,
    )


def _row(visit: Visit, one: PlanReview) -> pages.WaitingRow:
    return pages.WaitingRow(
        id=outside("rev", one.id),
        name=read_plan(one.text).name,
        asked_at=one.asked_at,
        asked_by=actor_name(one.asked_by),
        effective_from=one.effective_from,
        note=one.note,
        warnings=len({each["rule"] for each in one.looked["findings"] if each["severity"] == "warn"}),
        own=str(visit.login.actor) in one.authors,
    )
