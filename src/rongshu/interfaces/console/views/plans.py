from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.plans.actions import PlanError, discard_draft, publish_plan, save_draft
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import drafts, plan_of, versions
from rongshu.engine.plan import Plan, differences, read_plan
from rongshu.interfaces.console import pages
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.plan_words import clauses_of, differences_in_words, document_of, problems_in_words
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

START = """name: first
currency: {currency}
jurisdiction: CN
basis: paid
self_purchase: none
levels:
  1: {{rate: 10%}}
  2: {{rate: 3%}}
caps:
  order: 25%
release: {{after: completed, days: 15}}
"""


@page("plans", Permission.SEE_PLANS)
def plans(visit: Visit) -> pages.Plan | pages.NoPlan:
    """The versions, one of them in words and as its document, and what changed against another."""
    known = versions().versions
    may_edit = visit.may(Permission.EDIT_PLANS)
    kept = _drafts() if may_edit else ()
    if not known:
        return pages.NoPlan(kept, may_edit)
    in_force = _in_force(known, visit.now)
    shown = _chosen(known, visit.request.GET.get("version", "")) or in_force or known[-1]
    place = known.index(shown)
    other = _chosen(known, visit.request.GET.get("against", "")) or (known[place - 1] if place else None)
    changes = differences(plan_of(other), plan_of(shown)) if other is not None and other is not shown else []
    rows = {one.number: _row(one, in_force, visit.now) for one in known}
    return pages.Plan(
        versions=tuple(rows[one.number] for one in reversed(known)),
        shown=rows[shown.number],
        clauses=clauses_of(plan_of(shown)),
        document=document_of(plan_of(shown)),
        against=None if other is None else other.number,
        differences=differences_in_words(changes),
        drafts=kept,
        may_edit=may_edit,
    )


def _drafts() -> tuple[pages.DraftRow, ...]:
    return tuple(pages.DraftRow(outside("drf", one.id), one.updated_at, actor_name(one.actor)) for one in drafts())


def _in_force(known: tuple[PlanVersion, ...], now: datetime) -> PlanVersion | None:
    return next((one for one in reversed(known) if one.effective_from <= now), None)


def _chosen(known: tuple[PlanVersion, ...], number: str) -> PlanVersion | None:
    return next((one for one in known if str(one.number) == number), None)


def _row(one: PlanVersion, in_force: PlanVersion | None, now: datetime) -> pages.VersionRow:
    state = "in_force" if one is in_force else "scheduled" if one.effective_from > now else "past"
    return pages.VersionRow(one.number, one.name, state, one.effective_from, one.published_at, actor_name(one.actor))


@page("plans", Permission.EDIT_PLANS)
def draft(visit: Visit) -> pages.Draft | HttpResponse:
    """Writing the next version: kept as it is typed, checked, and published when nothing is wrong."""
    known = versions().versions
    if visit.request.method == "POST":
        return _worked_on(visit, known)
    asked = visit.request.GET.get("draft", "")
    if asked:
        found = next((one for one in drafts() if outside("drf", one.id) == asked), None)
        if found is None:
            raise missing("unknown_draft", "There is no such draft.")
        return pages.Draft(asked, not known, found.text, "")
    text = document_of(plan_of(known[-1])) if known else START.format(currency=visit.house.currency)
    return pages.Draft("", not known, text, "")


def _worked_on(visit: Visit, known: tuple[PlanVersion, ...]) -> pages.Draft | HttpResponse:
    form = visit.request.POST
    by, now = visit.login.actor, visit.now
    identifier = inside("drf", form.get("draft", ""))
    if form.get("do") == "discard":
        if identifier is not None:
            discard_draft(draft_id=identifier, by=by, now=now)
        return redirect("console:plans")
    text = form.get("document", "").replace("\r\n", "\n")
    kept = save_draft(text=text, draft_id=identifier, by=by, now=now)
    begins = form.get("effective_from", "")
    shown = pages.Draft(
        outside("drf", kept.id), not known, text, begins, may_publish=visit.may(Permission.PUBLISH_PLANS)
    )
    try:
        plan = read_plan(text)
        if form.get("do") == "publish" and shown.may_publish:
            version = publish_plan(text=text, effective_from=_begins(visit, begins), draft_id=kept.id, by=by, now=now)
            messages.success(visit.request, _("Version %(number)s is published.") % {"number": version.number})
            return redirect(f"{reverse('console:plans')}?version={version.number}")
    except PlanError as error:
        return _refused(shown, problems_in_words(error))
    except Refusal as refusal:
        return _refused(shown, (pages.Problem(refusal.at, said(refusal)),))
    if plan.currency != visit.house.currency:
        words = _("The plan is in %(found)s and the tenant works in %(wanted)s.")
        found = pages.Problem("currency", words % {"found": plan.currency, "wanted": visit.house.currency})
        return _refused(shown, (found,))
    return _right(shown, plan, known)


def _begins(visit: Visit, text: str) -> datetime:
    """The beginning as the form holds it, in the tenant's zone; empty means at once."""
    if not text:
        return visit.now
    try:
        return datetime.fromisoformat(text).replace(tzinfo=visit.house.zone)
    except ValueError:
        words = "%(value)s is not a date; write it like 2026-05-01"
        raise missing("bad_beginning", words, value=text) from None


def _refused(shown: pages.Draft, problems: tuple[pages.Problem, ...]) -> pages.Draft:
    lines = shown.document.split("\n")
    return pages.Draft(
        shown.draft_id, shown.first, shown.document, shown.effective_from,
        problems=tuple(pages.Problem(one.path, one.text, _line_of(one.path, lines)) for one in problems),
    )  # fmt: skip


def _line_of(path: str, lines: list[str]) -> int | None:
    """The line at which the last key of a path is most likely written; None when it cannot be told."""
    keys = [key for key in path.replace("[", ".").replace("]", "").split(".") if key and not key.isdecimal()]
    if not keys:
        return None
    at = 0
    for key in keys:
        at = next((n for n in range(at, len(lines)) if f"{key}:" in lines[n]), -1)
        if at < 0:
            return None
    return at + 1


def _right(shown: pages.Draft, plan: Plan, known: tuple[PlanVersion, ...]) -> pages.Draft:
    last = known[-1] if known else None
    changes = differences(plan_of(last), plan) if last is not None else []
    return pages.Draft(
        shown.draft_id, shown.first, shown.document, shown.effective_from, checked=True, may_publish=shown.may_publish,
        differences=differences_in_words(changes), against=None if last is None else last.number, clauses=clauses_of(plan),
    )  # fmt: skip
