"""Passkeys of a promoter: made, listed, removed, and signing in by one."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongshu.flows.join.codes import can_send
from rongshu.flows.mailbox import can_mail
from rongshu.interfaces.faces import access
from rongshu.interfaces.faces.door import STATUS, Visit, said
from rongshu.interfaces.portal.door import page
from rongshu.interfaces.portal.entering import join_visitor_of
from rongshu.interfaces.portal.pages.joining import Enter
from rongshu.interfaces.portal.pages.passkeys import PasskeyRow, Passkeys
from rongshu.kernel.access.passkeys import (
    add_passkey,
    making_options,
    passkeys_of,
    remove_passkey,
    use_passkey,
    using_options,
)
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.ids import inside, outside
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

A_MINUTE = 30
"""Challenges one address may ask for in a minute."""
LONGEST = 20_000


def _site(request: HttpRequest) -> str:
    return request.get_host().partition(":")[0]


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@page("me", member="me")
def passkeys(visit: Visit) -> Passkeys | HttpResponse:
    """The reader's passkeys; posting adds the one the browser made, or removes one."""
    form, request = visit.request.POST, visit.request
    if request.method == "POST":
        try:
            if form.get("do") == "remove":
                identifier = inside("pky", form.get("passkey", "")) or 0
                remove_passkey(login=visit.login, identifier=identifier, by=visit.login.actor, now=visit.now)
                messages.success(request, _("Removed. It opens nothing any more."))
            else:
                add_passkey(
                    login=visit.login, answer=form.get("credential", "")[:LONGEST], site=_site(request), origin=_origin(request),
                    name=form.get("name", ""), session=request.session, by=visit.login.actor, now=visit.now,
                )  # fmt: skip
                messages.success(request, _("Kept. From now on you can sign in with it."))
        except Refusal as refusal:
            messages.error(request, said(refusal))
        return redirect("portal:passkeys")
    return Passkeys(
        tuple(
            PasskeyRow(outside("pky", one.id), one.name, one.made_at, one.used_at)
            for one in passkeys_of(visit.login.id)
        )
    )


@page("me", member="me")
def making(visit: Visit) -> HttpResponse:
    """What the browser needs to make one."""
    options = making_options(
        login=visit.login,
        site=_site(visit.request),
        name=visit.house.name,
        session=visit.request.session,
        now=visit.now,
    )
    return JsonResponse(options)


@require_POST
def using(request: HttpRequest) -> HttpResponse:
    """What the browser needs to let somebody choose one."""
    if not allow("passkey", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
        return JsonResponse({"error": "too many requests"}, status=429)
    return JsonResponse(using_options(site=_site(request), session=request.session, now=utc_now()))


@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Signs in by the passkey that was chosen."""
    now = utc_now()
    try:
        found = use_passkey(
            answer=request.POST.get("credential", "")[:LONGEST], site=_site(request), origin=_origin(request),
            session=request.session, now=now,
        )  # fmt: skip
    except Refusal as refusal:
        shown = Enter(
            next=request.POST.get("next", ""), problem=said(refusal), way="password", codes=can_send(), mails=can_mail()
        )
        return render(request, shown.template, {"page": shown}, status=STATUS[refusal.kind])
    if not found.at_portal:
        return redirect("portal:sign_in")
    with tenant_scope(found.tenant_id):
        login(request, found, backend=settings.AUTHENTICATION_BACKENDS[0])
    join_visitor_of(request, found, now)
    return access.onwards(request, found)
