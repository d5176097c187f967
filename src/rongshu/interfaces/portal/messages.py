"""The portal's views of messages."""

from __future__ import annotations

from django.contrib import messages as said
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.actions import mark_seen
from rongshu.domain.marketing.messages.channel import channel
from rongshu.domain.marketing.messages.models import PROMOTER
from rongshu.domain.marketing.messages.queries import count_unseen, rules, shown_address
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.messages import choice_rows, keep_choices, opened, page_of_messages
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.notices import notices_for
from rongshu.interfaces.portal.pages.messages import MessageChoices, Messages


@page("me", member="me")
def messages(visit: Visit) -> Messages | HttpResponse:
    """The inbox; posting marks all of it as read."""
    me = myself(visit)
    if visit.request.method == "POST":
        mark_seen(audience=PROMOTER, recipient=me, now=visit.now)
        return redirect("portal:messages")
    rows, cursor = page_of_messages(visit, PROMOTER, me)
    notices = () if visit.request.GET.get("cursor") else notices_for(visit)
    return Messages(rows=rows, notices=notices, unseen=count_unseen(PROMOTER, me), cursor=cursor)


@page("me", member="me")
def message(visit: Visit, id: str) -> HttpResponse:
    """One message: to what it is about."""
    return opened(visit, PROMOTER, myself(visit), id, "portal:messages")


@page("me", member="me")
def choices(visit: Visit) -> MessageChoices | HttpResponse:
    """What the reader wants to be told, and how."""
    me = myself(visit)
    if visit.request.method == "POST":
        keep_choices(visit, PROMOTER, me)
        said.success(visit.request, _("Kept. It counts from the next message on."))
        return redirect("portal:message_choices")
    by = rules()
    return MessageChoices(
        choices=choice_rows(PROMOTER, me),
        address=shown_address(PROMOTER, me),
        mail=by.mail and channel() is not None,
        quiet="" if by.quiet_from == by.quiet_until else f"{by.quiet_from}:00 – {by.quiet_until}:00",
    )
