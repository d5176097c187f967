from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.notices.queries import seen_by
from rongshu.domain.commission.plans.actions import withdraw_version
from rongshu.domain.commission.plans.models import PlanVersion, PlanWithdrawal
from rongshu.domain.commission.plans.queries import drafts, plan_of, versions, withdrawals
from rongshu.domain.commission.reviews.models import PlanReview
from rongshu.domain.commission.reviews.queries import count_waiting, reviews_of_versions
from rongshu.engine.plan import differences
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import plans as pages
from rongshu.interfaces.console.plan_words import clauses_of, differences_in_words, document_of
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Moment
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Kind, Refusal
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope


@page("plans", Permission.SEE_PLANS)
def plans(visit: Visit) -> pages.Plan | pages.NoPlan:
    """The versions, one of them in words and as its document, who did what, and what changed against another."""
    return _shown(visit, visit.request.GET.get("version", ""))


@page("plans", Permission.PUBLISH_PLANS)
def withdraw(visit: Visit, number: int) -> pages.Plan | pages.NoPlan | HttpResponse:
    """Takes a scheduled version back before it takes effect."""
    reason = visit.request.POST.get("reason", "")
    try:
        with tenant_scope(visit.house.id):  # a savepoint: what is refused is undone, and its page is shown
            withdraw_version(number=number, reason=reason, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        if refusal.kind is Kind.MISSING:
            raise
        return _shown(visit, str(number), reason=reason, problem=said(refusal))
    messages.success(visit.request, _("Version %(number)s is withdrawn; it rates nothing.") % {"number": number})
    return redirect(f"{reverse('console:plans')}?version={number}")


def _shown(visit: Visit, asked: str, *, reason: str = "", problem: str = "") -> pages.Plan | pages.NoPlan:
    known = versions().versions
    gone = withdrawals()
    may_edit = visit.may(Permission.EDIT_PLANS)
    kept = _drafts() if may_edit else ()
    everything = sorted((*known, *(one for one, _how in gone)), key=lambda one: one.number)
    if not everything:
        return pages.NoPlan(kept, may_edit, count_waiting())
    in_force = next((one for one in reversed(known) if one.effective_from <= visit.now), None)
    shown = _chosen(everything, asked) or in_force or everything[-1]
    before = [one for one in known if one.effective_from < shown.effective_from]
    other = _chosen(everything, visit.request.GET.get("against", "")) or (before[-1] if before else None)
    changes = differences(plan_of(other), plan_of(shown)) if other is not None and other is not shown else []
    lost = {one.id: how for one, how in gone}
    rows = {one.number: _row(one, in_force, visit.now, withdrawn=one.id in lost) for one in everything}
    return pages.Plan(
        versions=tuple(rows[one.number] for one in reversed(everything)),
        shown=rows[shown.number],
        clauses=clauses_of(plan_of(shown)),
        document=document_of(plan_of(shown)),
        against=None if other is None else other.number,
        differences=differences_in_words(changes),
        drafts=kept,
        may_edit=may_edit,
        waiting=count_waiting(),
        history=tuple(_history(shown, reviews_of_versions([shown.id]).get(shown.id), lost.get(shown.id))),
        seen=seen_by([shown.id]).get(shown.id),
        may_withdraw=visit.may(Permission.PUBLISH_PLANS) and rows[shown.number].state == "scheduled",
        reason=reason,
        problem=problem,
        rules_url=f"/rules/{visit.house.slug}",
    )


def _drafts() -> tuple[pages.DraftRow, ...]:
    return tuple(
        pages.DraftRow(outside("drf", one.id), one.updated_at, actor_name(one.actor), one.in_review) for one in drafts()
    )


def _chosen(known: list[PlanVersion], number: str) -> PlanVersion | None:
    return next((one for one in known if str(one.number) == number), None)


def _row(one: PlanVersion, in_force: PlanVersion | None, now: datetime, *, withdrawn: bool) -> pages.VersionRow:
    state = (
        "withdrawn"
        if withdrawn
        else "in_force"
        if one is in_force
        else "scheduled"
        if one.effective_from > now
        else "past"
    )
    return pages.VersionRow(one.number, one.name, state, one.effective_from, one.published_at, actor_name(one.actor))


def _history(one: PlanVersion, review: PlanReview | None, gone: PlanWithdrawal | None) -> Iterator[Moment]:
    """Who did what, earliest first."""
    if review is None or review.alone:
        text = _("Published") if review is None else _("Published by one person: nobody else could decide here")
        yield Moment(one.published_at, text, actor_name(one.actor))
    else:
        yield Moment(review.asked_at, _told(_("Laid before a second person"), review.note), actor_name(review.asked_by))
        yield Moment(one.published_at, _("Approved and published"), actor_name(one.actor), tone="good")
    if review is not None and review.accepted:
        rules = ", ".join(review.accepted)
        text = _told(_("Warnings accepted: %(rules)s") % {"rules": rules}, review.reason)
        yield Moment(one.published_at, text, actor_name(review.decided_by), tone="decision")
    if review is not None and review.looked.get("rules_version"):
        text = _("Checked by profile %(profile)s %(version)s, rules %(rules)s") % {
            "profile": review.looked["profile"],
            "version": review.looked["profile_version"],
            "rules": review.looked["rules_version"],
        }
        yield Moment(one.published_at, text)
    if gone is not None:
        yield Moment(
            gone.at, _told(_("Withdrawn before it took effect"), gone.reason), actor_name(gone.actor), tone="loss"
        )


def _told(what: str, why: str) -> str:
    return _("%(what)s: %(why)s") % {"what": what, "why": why} if why else what
