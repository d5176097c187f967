from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.compliance.actions import declare_facts, keep_check
from rongshu.domain.commission.compliance.queries import check, declared, facts_at, kept_checks
from rongshu.domain.commission.plans.actions import save_draft
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine import templates as gallery
from rongshu.engine.jurisdictions import profile
from rongshu.engine.lint import Facts
from rongshu.engine.lint.facts import CHOICES, COUNTS, SHARES, TEXTS
from rongshu.engine.lint.worst import worst_case
from rongshu.engine.plan import PlanError, read_plan
from rongshu.engine.plan.fields import read_percent, write_percent
from rongshu.interfaces.console.compliance_words import GROUPS, as_typed, groups_of, profile_rows, worst_in_words
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import compliance as pages
from rongshu.interfaces.console.plan_words import document_of, looked_in_words, problems_in_words
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import outside


@page("plans", Permission.SEE_PLANS)
def compliance(visit: Visit) -> pages.Compliance | HttpResponse:
    """What is asked in this market, what is declared, and what the version in force is minded for."""
    if visit.request.method != "POST":
        last = declared()
        return _shown(visit, {} if last is None else as_typed(last.facts))
    visit.demand(Permission.EDIT_PLANS)
    form = visit.request.POST
    if form.get("do") == "keep":
        return _kept(visit)
    typed = {name: form.get(name, "").strip() for _title, fields in GROUPS for name, _label in fields}
    try:
        found = declare_facts(facts=_read(typed), by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        words = said(refusal)
        return replace(_shown(visit, typed), groups=groups_of(typed, refusal.at, words), problem=words)
    messages.success(visit.request, _("Declared, version %(number)s.") % {"number": found.number})
    return redirect("console:compliance")


def _kept(visit: Visit) -> HttpResponse:
    version = _in_force(visit)
    if version is None:
        raise missing("no_plan", "There is no plan in force to check.")
    try:
        keep_check(text=document_of(plan_of(version)), begins=visit.now, by=visit.login.actor, now=visit.now)
        messages.success(visit.request, _("What the check found is kept."))
    except PlanError as error:
        messages.error(visit.request, "; ".join(one.text for one in problems_in_words(error)))
    return redirect("console:compliance")


def _read(typed: Mapping[str, str]) -> dict[str, Any]:
    """What the form holds, as facts. Raises `invalid` at a field that cannot be read."""
    facts: dict[str, Any] = {}
    for name, text in typed.items():
        if not text:
            continue
        try:
            if name in TEXTS or name in CHOICES:
                facts[name] = text
            elif name in COUNTS:
                facts[name] = int(text)
            elif name in SHARES:
                facts[name] = read_percent(text.rstrip("%").strip() + "%")
            else:
                facts[name] = {"yes": True, "no": False}[text]
        except (ValueError, KeyError):
            # pydantic's own error, which a percentage raises, is a ValueError.
            raise invalid("fact_unreadable", "%(value)s cannot be read here.", at=name, value=text[:60]) from None
    return facts


def _in_force(visit: Visit) -> PlanVersion | None:
    return next((one for one in reversed(versions().versions) if one.effective_from <= visit.now), None)


def _shown(visit: Visit, typed: Mapping[str, str]) -> pages.Compliance:
    version, last = _in_force(visit), declared()
    plan = None if version is None else plan_of(version)
    asked = profile("CN" if plan is None else plan.jurisdiction)
    looked, worst, problem = None, None, ""
    if plan is not None:
        try:
            report = check(plan, begins=visit.now, now=visit.now)
            looked, worst = looked_in_words(report), worst_in_words(report.worst_case)
        except PlanError as error:
            problem = "; ".join(f"{one.path}: {one.text}" for one in problems_in_words(error))
    return pages.Compliance(
        market=_(asked.name),
        profile=asked.code,
        profile_version=asked.version,
        rows=profile_rows(asked, visit.today),
        groups=groups_of(typed),
        known=_known(facts_at(visit.now)),
        looked=looked,
        worst=worst,
        version=None if version is None else version.number,
        kept=tuple(
            pages.KeptRow(
                one.name, one.at, actor_name(one.actor), one.blocking, one.warnings, write_percent(one.worst_ppm),
                f"{one.report['profile']} {one.report['profile_version']} · {one.report['rules_version']}",
            )
            for one in kept_checks()
        ),
        may_edit=visit.may(Permission.EDIT_PLANS),
        declared_at=None if last is None else last.at,
        declared_by="" if last is None else actor_name(last.actor),
        declared_number=0 if last is None else last.number,
        problem=problem,
    )  # fmt: skip


def _known(facts: Facts) -> tuple[tuple[str, str], ...]:
    share = facts.retail_share
    return (
        (
            _("Sales of 90 days to people who do not promote"),
            _("no sales yet") if share is None else write_percent(share // 100 * 100),
        ),
        (_("A page with the rules is published"), _("Yes")),
        (_("Commission is taken back on refunds"), _("Yes")),
    )


@page("plans", Permission.SEE_PLANS)
def templates(visit: Visit) -> pages.Templates | HttpResponse:
    """Plans for common trades; one becomes a draft."""
    if visit.request.method == "POST":
        visit.demand(Permission.EDIT_PLANS)
        chosen = gallery.template(visit.request.POST.get("template", ""))
        if chosen is None:
            raise missing("unknown_template", "There is no such template.")
        kept = save_draft(text=chosen.text(visit.house.currency), by=visit.login.actor, now=visit.now)
        return redirect(f"{reverse('console:draft')}?draft={outside('drf', kept.id)}")
    rows = []
    for one in gallery.all():
        text = one.text(visit.house.currency)
        rows.append(
            pages.TemplateRow(one.key, _(one.title), _(one.why), text, write_percent(worst_case(read_plan(text)).ppm))
        )
    return pages.Templates(tuple(rows), visit.may(Permission.EDIT_PLANS))
