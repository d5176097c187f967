"""The portal's door: promoters, each to their own."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.interfaces.faces import door
from rongshu.interfaces.faces.access import home_of
from rongshu.interfaces.faces.door import View, Visit
from rongshu.interfaces.portal.pages import PortalFrame, Trouble
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Role


class _Portal:
    def enters(self, login: Login) -> bool:
        return login.role == Role.PROMOTER and login.member_id is not None

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        user = door.signed_in(request)
        if user is None or user.role == Role.PROMOTER:
            return door.to_sign_in(request, "portal:sign_in")
        return redirect(home_of(user))

    def frame(self, visit: Visit, current: str) -> PortalFrame:
        return PortalFrame(tenant=visit.house.name, zone=str(visit.house.zone), current=current)

    def trouble(self, title: str, todo: str) -> Trouble:
        return Trouble(title=title, harmless=_("Nothing was changed."), todo=todo)


PORTAL = _Portal()


def page(current: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Makes a view of `Visit` a page of the portal in the room `current`."""
    return door.opens(PORTAL, current, None)


def myself(visit: Visit) -> int:
    """The promoter who is here."""
    assert visit.login.member_id is not None
    return visit.login.member_id
