"""The console's views of messages: the own inbox and choices, and the tenant's mail."""

from __future__ import annotations

from django.contrib import messages as said_once
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages import queries
from rongshu.domain.marketing.messages.actions import keep_address, mark_seen, send_test, set_rules, try_again
from rongshu.domain.marketing.messages.channel import LACKS, channel, lacking
from rongshu.domain.marketing.messages.models import FAILED, GAVE_UP, LOGIN, PROMOTER, WAITING
from rongshu.domain.marketing.messages.words import say, trouble_text
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.messages import Deliveries, DeliveryRow, MessageChoices, Messages
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.messages import choice_rows, keep_choices, opened, page_of_messages
from rongshu.interfaces.faces.parts import Cursor
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside

PAGE = 50


@page("messages", None)
def messages(visit: Visit) -> Messages | HttpResponse:
    """The inbox; posting marks all of it as read."""
    if visit.request.method == "POST":
        mark_seen(audience=LOGIN, recipient=visit.login.id, now=visit.now)
        return redirect("console:messages")
    rows, cursor = page_of_messages(visit, LOGIN, visit.login.id)
    return Messages(rows, queries.count_unseen(LOGIN, visit.login.id), cursor, visit.may(Permission.SEE_DELIVERIES))


@page("messages", None)
def message(visit: Visit, id: str) -> HttpResponse:
    """One message: to what it is about."""
    return opened(visit, LOGIN, visit.login.id, id, "console:messages")


@page("messages", None)
def choices(visit: Visit) -> MessageChoices | HttpResponse:
    """What this login is told and how; posting keeps the address or the choices."""
    if visit.request.method != "POST":
        return _choices(visit)
    if visit.request.POST.get("do") == "address":
        email = visit.request.POST.get("email", "")
        try:
            keep_address(login_id=visit.login.id, email=email, by=visit.login.actor, now=visit.now)
        except Refusal as refusal:
            return _choices(visit, typed=email, problem=said(refusal))
        said_once.success(
            visit.request,
            _("Kept, sealed. A test mail shows whether it reaches you.")
            if email.strip()
            else _("The address was removed."),
        )
    else:
        keep_choices(visit, LOGIN, visit.login.id, visit.login.role)
        said_once.success(visit.request, _("Kept. It counts from the next message on."))
    return redirect("console:message_choices")


def _choices(visit: Visit, *, typed: str = "", problem: str = "") -> MessageChoices:
    return MessageChoices(
        choices=choice_rows(LOGIN, visit.login.id, visit.login.role),
        address=queries.shown_address(LOGIN, visit.login.id),
        mail=queries.rules().mail and channel() is not None,
        may_see_mail=visit.may(Permission.SEE_DELIVERIES),
        typed=typed,
        problem=problem,
    )


@page("messages", None)
def test(visit: Visit) -> HttpResponse:
    """A test mail to oneself."""
    try:
        send_test(login_id=visit.login.id, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        said_once.error(visit.request, said(refusal))
    else:
        said_once.success(visit.request, _("On its way; the delivery log shows what becomes of it."))
    return redirect("console:message_choices")


@page("messages", Permission.SEE_DELIVERIES)
def deliveries(visit: Visit) -> Deliveries | HttpResponse:
    """The log of mail; posting sets how the tenant sends."""
    if visit.request.method != "POST":
        return _deliveries(visit)
    visit.demand(Permission.MANAGE_MESSAGES)
    form = visit.request.POST
    hours = [form.get(name, "") for name in ("quiet_from", "quiet_until")]
    try:
        quiet_from, quiet_until = (int(text) if text.isdecimal() else -1 for text in hours)
        set_rules(
            mail=form.get("mail") == "yes",
            quiet_from=quiet_from,
            quiet_until=quiet_until,
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return _deliveries(visit, typed=(hours[0], hours[1]), problem=said(refusal))
    said_once.success(visit.request, _("Kept. It counts from the next message on."))
    return redirect("console:deliveries")


def _deliveries(visit: Visit, *, typed: tuple[str, str] | None = None, problem: str = "") -> Deliveries:
    asked = visit.request.GET.get("state", "")
    state = asked if asked in Deliveries.states else ""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = queries.deliveries(state, after=None if token is None else token[0], limit=PAGE + 1)
    way, by, may = channel(), queries.rules(), visit.may(Permission.MANAGE_MESSAGES)
    return Deliveries(
        state=state,
        rows=tuple(_row(visit, one, may) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].mail.id) if len(found) > PAGE else None),
        lacks=tuple((name, _(LACKS[name])) for name in lacking()),
        server="" if way is None else f"{way.host}:{way.port}",
        sender="" if way is None else way.sender,
        last_sent=queries.last_sent(),
        mail=by.mail,
        quiet_from=str(by.quiet_from) if typed is None else typed[0],
        quiet_until=str(by.quiet_until) if typed is None else typed[1],
        may_manage=may,
        problem=problem,
    )


def _row(visit: Visit, one: queries.Delivery, may: bool) -> DeliveryRow:
    mail, message = one.mail, one.message
    return DeliveryRow(
        id=outside("eml", mail.id),
        title=say(message.kind, message.data, visit.house.currency).title,
        address=one.address,
        person=outside("mem", message.recipient) if message.audience == PROMOTER else "",
        state=mail.state,
        trouble=trouble_text(mail.trouble) if mail.trouble else "",
        attempts=mail.attempts,
        at=mail.ended_at or message.at,
        due_at=mail.due_at if mail.state == WAITING else None,
        may_retry=may and mail.state in (FAILED, GAVE_UP),
    )


@page("messages", Permission.MANAGE_MESSAGES)
def again(visit: Visit, id: str) -> HttpResponse:
    """Puts a mail that did not go back in the queue."""
    try:
        try_again(identifier=inside("eml", id) or 0, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        said_once.error(visit.request, said(refusal))
    else:
        said_once.success(visit.request, _("It waits to be sent again."))
    return redirect("console:deliveries")
