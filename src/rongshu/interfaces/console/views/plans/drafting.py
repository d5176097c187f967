from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.plans import queries
from rongshu.domain.commission.plans.actions import PlanError, discard_draft, readable, save_draft
from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.commission.reviews.actions import ask_review, may_publish_alone, publish_alone, take_back
from rongshu.domain.commission.reviews.looking import look_at
from rongshu.domain.commission.reviews.models import REJECTED, WAITING
from rongshu.domain.commission.reviews.queries import last_review_of
from rongshu.engine.plan import Plan, differences
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import plans as pages
from rongshu.interfaces.console.plan_words import (
    clauses_of,
    differences_in_words,
    document_of,
    line_of,
    looked_in_words,
    problems_in_words,
)
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Moment
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.ids import inside, outside

START = """name: first
currency: {currency}
jurisdiction: CN
basis: paid
self_purchase: none
levels:
  1: {{rate: 10%}}
caps:
  order: 15%
release: {{after: completed, days: 15}}
"""


@page("plans", Permission.EDIT_PLANS)
def draft(visit: Visit) -> pages.Draft | HttpResponse:
    """Writing the next version: kept as it is typed, checked, laid before a second person."""
    known = versions().versions
    if visit.request.method == "POST":
        return _worked_on(visit, known)
    asked = visit.request.GET.get("draft", "")
    if asked:
        return _opened(visit, queries.draft(inside("drf", asked) or 0), known)
    text = document_of(plan_of(known[-1])) if known else START.format(currency=visit.house.currency)
    return pages.Draft("", not known, text, "")


def _opened(visit: Visit, found: PlanDraft, known: tuple[PlanVersion, ...]) -> pages.Draft:
    """A draft as it was left, with what became of it when it was last laid before somebody."""
    shown = pages.Draft(outside("drf", found.id), not known, found.text, "")
    last = last_review_of(found.id)
    if last is not None and last.state == WAITING:
        asked = Moment(last.asked_at, last.note, actor_name(last.asked_by))
        return replace(shown, review=outside("rev", last.id), asked=asked)
    if last is not None and last.state == REJECTED:
        return replace(
            shown, rejected=Moment(last.decided_at or last.asked_at, last.reason, actor_name(last.decided_by))
        )
    return shown


def _worked_on(visit: Visit, known: tuple[PlanVersion, ...]) -> pages.Draft | HttpResponse:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    identifier = inside("drf", form.get("draft", ""))
    match form.get("do"):
        case "discard":
            if identifier is not None:
                discard_draft(draft_id=identifier, by=by, now=now)
            return redirect("console:plans")
        case "take_back":
            take_back(review_id=inside("rev", form.get("review", "")) or 0, by=by, now=now)
            messages.success(visit.request, _("The draft can be changed again."))
            return redirect(f"{reverse('console:draft')}?draft={form.get('draft', '')}")
    text = form.get("document", "").replace("\r\n", "\n")
    kept = save_draft(text=text, draft_id=identifier, by=by, now=now)
    visit.keep()
    shown = pages.Draft(
        outside("drf", kept.id),
        not known,
        text,
        form.get("effective_from", ""),
        alone=visit.may(Permission.PUBLISH_PLANS) and may_publish_alone(by, founding=not known),
        note=form.get("note", ""),
        reason=form.get("reason", ""),
        accepted=tuple(form.getlist("accept")),
    )
    try:
        plan = readable(text)
        begins = begins_at(visit, shown.effective_from)
        looked = looked_in_words(look_at(plan, begins=begins or now, now=now), text)
    except PlanError as error:
        return _refused(shown, problems_in_words(error))
    except Refusal as refusal:
        return _refused(shown, (pages.Problem(refusal.at, said(refusal)),))
    right = _right(replace(shown, looked=looked), plan, known)
    try:
        match form.get("do"):
            case "ask" if not shown.alone:
                ask_review(draft_id=kept.id, effective_from=begins, note=shown.note, by=by, now=now)
                messages.success(visit.request, _("The draft waits for a second person."))
                return redirect(f"{reverse('console:draft')}?draft={shown.draft_id}")
            case "publish" if shown.alone:
                version = publish_alone(
                    text=text,
                    effective_from=begins or now,
                    accepted=shown.accepted,
                    reason=shown.reason,
                    draft_id=kept.id,
                    by=by,
                    now=now,
                )
                messages.success(visit.request, _("Version %(number)s is published.") % {"number": version.number})
                return redirect(f"{reverse('console:plans')}?version={version.number}")
    except Refusal as refusal:
        return replace(right, problems=(pages.Problem(refusal.at, said(refusal)),))
    return right


def begins_at(visit: Visit, text: str) -> datetime | None:
    """The beginning as a form holds it, in the tenant's zone; None, where it is empty, means at once."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visit.house.zone)
    except ValueError:
        words = "%(value)s is not a date; write it like 2026-05-01"
        raise invalid("bad_beginning", words, at="effective_from", value=text) from None


def _refused(shown: pages.Draft, problems: tuple[pages.Problem, ...]) -> pages.Draft:
    lines = shown.document.split("\n")
    found = tuple(pages.Problem(one.path, one.text, line_of(one.path, lines)) for one in problems)
    return replace(shown, problems=found)


def _right(shown: pages.Draft, plan: Plan, known: tuple[PlanVersion, ...]) -> pages.Draft:
    last = known[-1] if known else None
    changes = differences(plan_of(last), plan) if last is not None else []
    return replace(
        shown,
        checked=True,
        differences=differences_in_words(changes),
        against=None if last is None else last.number,
        clauses=clauses_of(plan),
    )
