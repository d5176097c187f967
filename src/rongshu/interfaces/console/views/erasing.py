"""Erasing a member's personal data, asked for in the console."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.promoters.queries import which_promote
from rongshu.flows.erasing import erase_person
from rongshu.interfaces.console.door import page
from rongshu.interfaces.faces.door import Visit, said
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import outside


@page("members", Permission.EDIT_MEMBERS)
def erase(visit: Visit, id: str) -> HttpResponse:
    """Erases, when the box is ticked, and leads back to where it was asked."""
    who = find_member(id).id
    back = reverse("console:member", args=[outside("mem", who)])
    if visit.request.POST.get("from") == "promoter" and who in which_promote([who]):
        back = f"{reverse('console:promoter', args=[outside('mem', who)])}?view=care"
    if visit.request.POST.get("sure") != "yes":
        messages.error(visit.request, _("Tick that the data are to be erased."))
        return redirect(back)
    try:
        erase_person(member_id=who, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        messages.error(visit.request, said(refusal))
    else:
        messages.success(visit.request, _("Erased. Orders and the ledger stay, without a name."))
    return redirect(back)
