"""A promoter's mailbox: confirmed by a link, and from then on a way to sign in."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from rongshu.domain.members.profiles.queries import masked_email
from rongshu.flows.mailbox import ask_confirm, ask_sign_in, can_mail, use_confirm, use_sign_in
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import STATUS, Visit, said, signed_in
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.entering import join_visitor_of
from rongshu.interfaces.portal.pages.mailbox import ByMail, Mailbox
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import tenant_scope


@require_http_methods(["GET", "HEAD", "POST"])
def by_mail(request: HttpRequest) -> HttpResponse:
    """Signing in by a link: asked for here, opened here, and confirmed by a button."""
    form, now, address = request.POST, utc_now(), request.META.get("REMOTE_ADDR", "")
    token = form.get("token", request.GET.get("token", ""))[:2000]
    shown, status = ByMail(token=token, can=can_mail()), 200
    try:
        if form.get("do") == "ask":
            ask_sign_in(email=form.get("email", ""), address=address, path=reverse("portal:by_mail"), now=now)
            shown = ByMail(sent=True)
        elif form.get("do") == "open":
            found = use_sign_in(token=token, address=address, now=now)
            with tenant_scope(found.tenant_id):
                login(request, found, backend=settings.AUTHENTICATION_BACKENDS[0])
            join_visitor_of(request, found, now)
            return access.onwards(request, found)
    except Refusal as refusal:
        shown, status = (
            ByMail(email=form.get("email", "")[:254], can=can_mail(), problem=said(refusal)),
            STATUS[refusal.kind],
        )
    response = render(request, shown.template, {"page": shown}, status=status)
    response["Referrer-Policy"], response["Cache-Control"] = "no-referrer", "no-store"
    return response


@page("me", member="me")
def mailbox(visit: Visit) -> Mailbox:
    """The mailbox as it is, a form for another, and the button that confirms a link."""
    token = visit.request.GET.get("token", "")[:2000]
    confirmed = visit.login.email_hash is not None
    return Mailbox(shown=masked_email(myself(visit)), confirmed=confirmed, can=can_mail(), token=token)


@require_POST
def change_mailbox(request: HttpRequest) -> HttpResponse:
    """Sends the link that confirms a mailbox, or takes one. Outside any transaction, since a server is asked."""
    user, form, now = signed_in(request), request.POST, utc_now()
    if user is None or user.member_id is None or not user.at_portal:
        return redirect("portal:sign_in")
    address = request.META.get("REMOTE_ADDR", "")
    try:
        if form.get("do") == "confirm":
            use_confirm(token=form.get("token", "")[:2000], login=user, address=address, by=user.actor, now=now)
            messages.success(request, _("Confirmed. Mail reaches you here, and a link to it signs you in."))
        else:
            with tenant_scope(user.tenant_id):
                home = house()
            ask_confirm(
                email=form.get("email", ""), house=home, member=user.member_id, address=address,
                path=reverse("portal:mailbox"), now=now,
            )  # fmt: skip
            messages.success(request, _("A link is on its way. Open it within 15 minutes and confirm there."))
    except Refusal as refusal:
        messages.error(request, said(refusal))
    return redirect("portal:mailbox")
