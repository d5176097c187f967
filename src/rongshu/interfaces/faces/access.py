"""Signing in and out, and the language: the same for every face."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rongshu.interfaces.faces.door import signed_in
from rongshu.kernel.access.actions import choose_language
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL, Permission, may
from rongshu.kernel.clock import utc_now
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

ATTEMPTS, WINDOW = 10, 300
A_YEAR = 365 * 24 * 3600


def home_of(user: Login) -> str:
    """Where a login belongs: the portal, or the first page of the console it may see."""
    if user.role in PORTAL:
        return reverse("portal:home")
    return reverse("console:today" if may(user.role, Permission.SEE_FIGURES) else "console:orders")


def try_to_sign_in(request: HttpRequest, name: str, password: str) -> str:
    """Signs in; empty when it worked, else what to tell. Never tells which of the two was wrong."""
    address = request.META.get("REMOTE_ADDR", "")
    if not allow("sign-in", f"{name.strip().casefold()}|{address}", limit=ATTEMPTS, seconds=WINDOW):
        return _("Too many attempts. Wait five minutes, then try again.")
    user = authenticate(request, name=name, password=password)
    if not isinstance(user, Login):
        return _("The name or the password is not right. Check both and try again.")
    with tenant_scope(user.tenant_id):
        login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return ""


def onwards(request: HttpRequest, user: Login) -> HttpResponse:
    """After signing in: to what was asked for when it is ours and of their face, else to their home."""
    wanted = request.POST.get("next", "")
    home = home_of(user)
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(wanted if ours and wanted.startswith(home) else home)


def sign_out(request: HttpRequest, to: str) -> HttpResponse:
    """Ends the session."""
    logout(request)
    return redirect(to)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keeps the reader's language in a cookie and, of somebody who signed in, with the login."""
    language = request.POST.get("language", "")
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    response = redirect(wanted if ours else "/")
    if language in LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=A_YEAR,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
        user = signed_in(request)
        if user is not None:
            with tenant_scope(user.tenant_id):
                choose_language(login=user, language=language, by=user.actor, now=utc_now())
    return response


def front_door(request: HttpRequest) -> HttpResponse:
    """`/`: whoever signed in goes home; others to the portal on a phone, else to the console."""
    user = signed_in(request)
    if user is not None:
        return redirect(home_of(user))
    return redirect("portal:home" if "Mobile" in request.headers.get("User-Agent", "") else "console:today")
