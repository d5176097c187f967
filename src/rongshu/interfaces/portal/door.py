"""The portal's door: promoters and members, each to their own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.models import PROMOTER
from rongshu.domain.marketing.messages.queries import count_unseen
from rongshu.interfaces.faces import door
from rongshu.interfaces.faces.access import home_of
from rongshu.interfaces.faces.door import View, Visit
from rongshu.interfaces.faces.render import Page, render
from rongshu.interfaces.portal.pages.frame import MEMBER_ROOMS, ROOMS, NotPromoting, PortalFrame, Trouble
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL as PORTAL_ROLES
from rongshu.kernel.access.rules import Role


class _Portal:
    def enters(self, login: Login) -> bool:
        return login.at_portal

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        user = door.signed_in(request)
        if user is None or user.role in PORTAL_ROLES:
            return door.to_sign_in(request, "portal:sign_in")
        return redirect(home_of(user))

    def frame(self, visit: Visit, current: str) -> PortalFrame:
        return PortalFrame(
            tenant=visit.house.name,
            zone=str(visit.house.zone),
            current=current,
            unread=count_unseen(PROMOTER, myself(visit)),
            rooms=ROOMS if promotes(visit) else MEMBER_ROOMS,
        )

    def trouble(self, title: str, todo: str) -> Trouble:
        return Trouble(title=title, harmless=_("Nothing was changed."), todo=todo)


PORTAL = _Portal()


def page(current: str, *, member: str = "") -> Callable[[View], Callable[..., HttpResponse]]:
    """Makes a view of `Visit` a page of the portal in the room `current` of a promoter's dock.

    `member` is its room in the dock of members who do not promote; where it is empty they find an invitation to join instead.
    """

    def of(view: View) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(visit: Visit, **given: Any) -> Page | HttpResponse:
            return view(visit, **given) if member or promotes(visit) else _invited(visit)

        promoter_page = door.opens(PORTAL, current, None)(guarded)
        member_page = door.opens(PORTAL, member or "me", None)(guarded)

        @wraps(view)
        def answered(request: HttpRequest, **given: Any) -> HttpResponse:
            user = door.signed_in(request)
            theirs = user is not None and user.role == Role.MEMBER
            return (member_page if theirs else promoter_page)(request, **given)

        return answered

    return of


def _invited(visit: Visit) -> HttpResponse:
    """What a page of promoters is to a member: what promoting is, and the way to it."""
    return render(visit.request, PORTAL.frame(visit, "me"), NotPromoting(slug=visit.house.slug), status=403)


def promotes(visit: Visit) -> bool:
    """Whether the reader's login is a promoter's."""
    return visit.login.role == Role.PROMOTER


def myself(visit: Visit) -> int:
    """The member who is here."""
    assert visit.login.member_id is not None
    return visit.login.member_id
