from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commission.notices.actions import keep_rules_page
from rongshu.domain.commission.notices.queries import rules_page
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages import plans as pages
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Moment
from rongshu.interfaces.faces.people import actor_name
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal

FIELDS = ("contact", "tax", "leaving", "more")


@page("plans", Permission.SEE_PLANS)
def rules(visit: Visit) -> pages.Rules | HttpResponse:
    """What the tenant adds to its public rules page: contact, tax, leaving, more."""
    url = f"/rules/{visit.house.slug}"
    if visit.request.method == "POST":
        visit.demand(Permission.EDIT_PLANS)
        contact, tax, leaving, more = (visit.request.POST.get(one, "").replace("\r\n", "\n") for one in FIELDS)
        try:
            keep_rules_page(contact=contact, tax=tax, leaving=leaving, more=more, by=visit.login.actor, now=visit.now)
        except Refusal as refusal:
            return pages.Rules(contact, tax, leaving, more, url, may_edit=True, problem=said(refusal))
        messages.success(visit.request, _("The rules page says so from now on."))
        return redirect("console:plan_rules")
    kept = rules_page()
    may_edit = visit.may(Permission.EDIT_PLANS)
    if kept is None:
        return pages.Rules("", "", "", "", url, may_edit)
    updated = Moment(kept.updated_at, "", actor_name(kept.actor))
    return pages.Rules(kept.contact, kept.tax, kept.leaving, kept.more, url, may_edit, updated=updated)
