from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commission.lab.queries import ground_of, try_plans, window_to_try
from rongshu.domain.commission.lab.report import report
from rongshu.domain.commission.scenarios.actions import delete_scenario, save_scenario
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.views.lab import asked
from rongshu.interfaces.faces.door import Visit
from rongshu.kernel.access.rules import Permission


@page("plans", Permission.SEE_PLANS)
def keep(visit: Visit) -> HttpResponse:
    """Saves what the page shows under a name, and goes to its address."""
    tried = asked.tried(visit)
    window = window_to_try(tried.since, tried.until)
    found = try_plans(asked.plan_against(tried.number, tried.plan), tried.plan, window)
    kept = save_scenario(
        name=visit.request.POST.get("name", ""), text=tried.text, against=tried.number, since=tried.since, until=tried.until,
        result=report(window, ground_of(window), found), by=visit.login.actor, now=visit.now,
    )  # fmt: skip
    messages.success(visit.request, _("Saved. Its address can be given to everybody here who may see plans."))
    return redirect(f"{reverse('console:lab')}?scenario={kept.token}")


@page("plans", Permission.SEE_PLANS)
def throw_away(visit: Visit, token: str) -> HttpResponse:
    """Deletes a scenario."""
    delete_scenario(token=token, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("The scenario is thrown away."))
    return redirect("console:lab")
