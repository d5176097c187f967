from __future__ import annotations

import time
from dataclasses import replace

from django.http import QueryDict
from django.utils.translation import gettext as _

from rongshu.domain.commission.lab.queries import ground_of, try_plans, window_to_try
from rongshu.domain.commission.plans.actions import PlanError, readable
from rongshu.domain.commission.scenarios.queries import scenario, scenarios
from rongshu.engine.plan import Plan, read_plan
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import lab as pages
from rongshu.interfaces.console.pages.plans import Problem
from rongshu.interfaces.console.plan_form import groups_of, typed_over
from rongshu.interfaces.console.plan_words import document_of, line_of, problems_in_words
from rongshu.interfaces.console.views.lab import asked
from rongshu.interfaces.console.views.lab.asked import Days
from rongshu.interfaces.console.views.lab.found import result_of
from rongshu.interfaces.console.views.lab.kept import kept_of, with_state
from rongshu.interfaces.faces.door import Visit, said
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal

MOST_LETTERS = 200_000
PREFIX = "f:"
"""Before the names of a plan's fields."""


@page("plans", Permission.SEE_PLANS)
def lab(visit: Visit) -> pages.Lab:
    """A plan tried on past orders beside a published version, and changed by form or as YAML."""
    if visit.request.method != "POST":
        return _opened(visit)
    form = visit.request.POST
    try:
        days = asked.days_asked(visit, form)
    except Refusal as refusal:
        shown = _page(
            visit, form, asked.Days("dates", visit.today, visit.today), form.get("document", "")[:MOST_LETTERS]
        )
        return replace(shown, problems=(Problem(refusal.at, said(refusal)),))
    source = form.get("source", "")
    if form.get("do") == "load":
        return _tried(visit, form, days, asked.text_of(visit, source), "form")
    text = form.get("document", "").replace("\r\n", "\n")[:MOST_LETTERS]
    tab = {"as_yaml": "yaml", "as_form": "form"}.get(form.get("do", ""), form.get("tab", "form"))
    if form.get("tab") == "form":
        return _by_form(visit, form, days, text, tab)
    return _tried(visit, form, days, text, tab)


def _opened(visit: Visit) -> pages.Lab:
    query = visit.request.GET
    if token := query.get("scenario", ""):
        found = scenario(token)
        local = [at.astimezone(visit.house.zone).date() for at in (found.since, found.until)]
        given = QueryDict(mutable=True)
        given["against"] = "" if found.against is None else str(found.against)
        days = Days("dates", local[0], local[1].fromordinal(local[1].toordinal() - 1))
        shown = _tried(visit, given, days, found.text, "form")
        return replace(shown, scenario=with_state(kept_of(found, visit), found, shown))
    days = asked.days_asked(visit, query)
    text = asked.text_of(visit, query.get("source", ""))
    shown = _page(visit, query, days, text)
    try:
        return replace(shown, tab="form", groups=groups_of(readable(text)), begin=True)
    except (PlanError, Refusal) as error:
        return replace(shown, tab="yaml", problems=problems_of(error, text))


def _by_form(visit: Visit, form: QueryDict, days: Days, text: str, tab: str) -> pages.Lab:
    """The values typed over the plan that the fields were made of."""
    typed = {name[len(PREFIX) :]: form.get(name, "") for name in form if name.startswith(PREFIX)}
    shown = _page(visit, form, days, text)
    try:
        plan = readable(text)
    except (PlanError, Refusal) as error:
        return replace(shown, tab="yaml", problems=problems_of(error, text))
    try:
        changed = read_plan(typed_over(plan, typed))
    except PlanError as error:
        return replace(shown, tab="form", groups=groups_of(plan, typed), problems=problems_of(error, ""))
    written = text if changed == plan else document_of(changed)
    return _tried(visit, form, days, written, tab)


def problems_of(error: PlanError | Refusal, text: str) -> tuple[Problem, ...]:
    """What is wrong with a plan, with the line it is written in."""
    if isinstance(error, Refusal):
        found: tuple[Problem, ...] = (Problem(error.at, said(error)),)
    else:
        found = problems_in_words(error)
    lines = text.split("\n") if text else []
    return tuple(replace(one, line=line_of(one.path, lines) if lines else None) for one in found)


def _page(visit: Visit, form: QueryDict, days: Days, text: str) -> pages.Lab:
    return pages.Lab(
        tab="yaml",
        document=text,
        groups=(),
        sources=asked.sources(visit, form.get("source", "")),
        against=asked.against(asked.number_asked(visit, form)),
        windows=asked.windows(days.name),
        since=days.since,
        until=days.until,
        kept=tuple(kept_of(one, visit) for one in scenarios(10)),
        may_edit=visit.may(Permission.EDIT_PLANS),
        draft=asked.draft_of(visit, form),
    )


def _tried(visit: Visit, form: QueryDict, days: Days, text: str, tab: str) -> pages.Lab:
    shown = _page(visit, form, days, text)
    try:
        plan = readable(text)
    except (PlanError, Refusal) as error:
        return replace(shown, problems=problems_of(error, text))
    if tab == "form":
        shown = replace(shown, tab="form", groups=groups_of(plan))
    number = asked.number_asked(visit, form)
    try:
        return replace(shown, result=_result(visit, plan, text, number, days))
    except PlanError as error:
        return replace(shown, problems=problems_of(error, text))
    except Refusal as refusal:
        return replace(shown, empty=said(refusal))


def _result(visit: Visit, plan: Plan, text: str, number: int | None, days: Days) -> pages.Result:
    started = time.perf_counter()
    window = window_to_try(*asked.bounds(visit, days))
    found = try_plans(asked.plan_against(number, plan), plan, window)
    against = _("the plan itself") if number is None else _("Version %(number)s") % {"number": number}
    shown = result_of(visit, window, ground_of(window), found, against, number)
    took = round((time.perf_counter() - started) * 1000)
    return replace(shown, document=text, since=days.since.isoformat(), until=days.until.isoformat(), took=took)
