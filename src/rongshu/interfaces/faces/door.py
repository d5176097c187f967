"""The door of a face: who asks, for which tenant, in which language and zone; one transaction around the page.

A view takes a `Visit`, makes its calls, and gives a page (or a response of its own). What is refused becomes a page that
says what happened, that nothing was harmed, and what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import wraps
from secrets import token_hex
from typing import Any, Protocol
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rongshu.interfaces.faces.render import Frame, Page, render
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Permission, may
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Kind, Refusal, forbidden
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

STATUS = {Kind.MISSING: 404, Kind.FORBIDDEN: 403, Kind.CONFLICT: 409, Kind.INVALID: 422, Kind.UNAVAILABLE: 503}


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who signed in."""

    request: HttpRequest
    login: Login
    house: House
    now: datetime

    @property
    def today(self) -> date:
        """The day it is where the tenant is."""
        return self.now.astimezone(self.house.zone).date()

    def starts(self, day: date) -> datetime:
        """The instant at which a day begins where the tenant is."""
        return datetime.combine(day, time(), self.house.zone)

    def ends(self, day: date) -> datetime:
        """The instant at which a day is over where the tenant is."""
        return self.starts(day + timedelta(days=1))

    def may(self, permission: Permission) -> bool:
        """Whether this login has a permission."""
        return may(self.login.role, permission)

    def demand(self, permission: Permission) -> None:
        """Raises `forbidden` without the permission."""
        if not self.may(permission):
            raise forbidden("not_permitted", "Your role does not open this page.")

    def keep(self) -> None:
        """What was written so far stays, even when something is refused later on this page."""
        if _mark.get() is not None:
            _mark.set(transaction.savepoint())


_mark: ContextVar[str | None] = ContextVar("rongshu_mark", default=None)
"""Where the transaction stood before a form was worked on: a refusal that a view words itself goes back to there."""


View = Callable[..., Page | HttpResponse]


class Face(Protocol):
    """What a surface is to its door."""

    def enters(self, login: Login) -> bool:
        """Whether a login belongs here at all."""

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        """Where somebody goes who has not signed in, or belongs elsewhere."""

    def frame(self, visit: Visit, current: str) -> Frame:
        """What stands around the page."""

    def trouble(self, title: str, todo: str) -> Page:
        """The page of a refusal."""


def signed_in(request: HttpRequest) -> Login | None:
    """Who asks, or None."""
    user = request.user
    return user if isinstance(user, Login) and user.is_authenticated else None


def opens(
    face: Face, current: str, permission: Permission | None, *, snapshot: bool = False
) -> Callable[[View], Callable[..., HttpResponse]]:
    """Makes a view of `Visit` a view of Django. With `snapshot` all its reads see one state of the database."""

    def of(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def answered(request: HttpRequest, **given: Any) -> HttpResponse:
            login = signed_in(request)
            if login is None or not face.enters(login):
                return face.sign_in(request)
            try:
                with _visit(request, login, snapshot=snapshot) as visit:
                    if permission is not None:
                        visit.demand(permission)
                    token = _mark.set(transaction.savepoint() if request.method == "POST" else None)
                    try:
                        page = view(visit, **given)
                        # A response that is sent while it is made is no HttpResponse.
                        return (
                            page
                            if isinstance(page, HttpResponseBase)
                            else render(request, face.frame(visit, current), page)
                        )
                    finally:
                        _mark.reset(token)
            except Refusal as refusal:
                with _visit(request, login) as visit:
                    trouble = face.trouble(said(refusal), _todo(refusal.kind))
                    return render(request, face.frame(visit, current), trouble, status=STATUS[refusal.kind])
            except Exception as error:
                if settings.DEBUG_PROPAGATE_EXCEPTIONS:
                    raise
                return broken(request, error)

        return answered

    return of


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """The page of a bug, or of a database that is away: logged with a trace id, and said without asking the database."""
    trace = token_hex(6)
    away = isinstance(error, InterfaceError | OperationalError)
    log.error("a page failed", trace=trace, path=request.path, exc_info=error)
    page = {
        "title": _("Not possible right now") if away else _("Something went wrong here"),
        "harmless": _("Nothing was half-written: what did not finish was undone."),
        "todo": _("Try again in a moment.")
        if away
        else _("Try again. If it stays, tell whoever runs this installation."),
        "trace": trace,
    }
    return HttpResponse(render_to_string("faces/broken.html", page, request), status=503 if away else 500)


def said(refusal: Refusal) -> str:
    """A refusal in the reader's language. What the form had written until then is undone: nothing stays half-written."""
    if (mark := _mark.get()) is not None:
        transaction.savepoint_rollback(mark)
    words = _(refusal.template)
    return words % refusal.params if refusal.params else words


@contextmanager
def _visit(request: HttpRequest, login: Login, *, snapshot: bool = False) -> Iterator[Visit]:
    with tenant_scope(login.tenant_id, snapshot=snapshot):
        home = house()
        language = login.language or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "") or home.language
        with translation.override(language), timezone.override(home.zone):
            yield Visit(request, login, home, utc_now())


def _todo(kind: Kind) -> str:
    match kind:
        case Kind.MISSING:
            return _("Check the address, or search for it.")
        case Kind.FORBIDDEN:
            return _("Ask an owner of this installation for the permission.")
        case Kind.UNAVAILABLE:
            return _("Try again in a moment.")
        case _:
            return _("Go back, mend it, and try again.")


def to_sign_in(request: HttpRequest, name: str) -> HttpResponse:
    """To the sign-in page, and from there back to what was asked for."""
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=204)
        response["HX-Redirect"] = reverse(name)
        return response
    query = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return redirect(reverse(name) + query)
