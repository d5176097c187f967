"""The reader's own data: seen and changed, and what they agree to."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.members.consents.actions import say_consents
from rongshu.domain.members.profiles.editing import MEMBER, change_member
from rongshu.domain.members.profiles.models import Member
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.profile_form import changes_of, consent_parts, consents_sent, profile_part
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.profile import Profile
from rongshu.kernel.errors import Refusal


@page("me", member="me")
def profile(visit: Visit) -> Profile | HttpResponse:
    """The form; posting keeps it. What was sent stands in it again where it was refused."""
    me, sent = myself(visit), visit.request.POST
    problem, at = "", ""
    if visit.request.method == "POST":
        try:
            return _keep(visit, me)
        except Refusal as refusal:
            problem, at = said(refusal), refusal.at
    member = Member.objects.get(id=me)
    return Profile(
        part=profile_part(member, sent=sent if problem else None, problem=problem, at=at),
        birthday_said=member.birth_day is not None,
        consents=consent_parts(me),
    )


def _keep(visit: Visit, me: int) -> HttpResponse:
    sent, by, now = visit.request.POST, visit.login.actor, visit.now
    if sent.get("do") == "consents":
        given, shown = consents_sent(me, sent)
        changed = say_consents(member_id=me, given=given, texts=shown, place="portal", by=by, now=now)
    else:
        changed = change_member(member_id=me, changes=changes_of(sent, MEMBER), said_by=MEMBER, by=by, now=now)
    messages.success(visit.request, _("Kept.") if changed else _("Nothing was changed."))
    return redirect("portal:profile")
