"""The console's door: everybody with a login but promoters, each page by its permission."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rongshu.domain.marketing.messages.models import LOGIN
from rongshu.domain.marketing.messages.queries import count_unseen
from rongshu.interfaces.console.pages.frame import ENTRIES, ConsoleFrame, Trouble
from rongshu.interfaces.console.waiting import count_waiting
from rongshu.interfaces.faces import door
from rongshu.interfaces.faces.access import home_of
from rongshu.interfaces.faces.door import View, Visit
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import Permission, Role

ROLES = {
    Role.OWNER: gettext_lazy("Owner"),
    Role.OPERATOR: gettext_lazy("Operations"),
    Role.FINANCE: gettext_lazy("Finance"),
    Role.RISK: gettext_lazy("Risk"),
    Role.SUPPORT: gettext_lazy("Support"),
    Role.AUDITOR: gettext_lazy("Auditor"),
}
SEEN_BY = {
    "today": Permission.SEE_FIGURES,
    "orders": Permission.SEE_ORDERS,
    "members": Permission.SEE_MEMBERS,
    "offers": Permission.SEE_MEMBERS,
    "promoters": Permission.SEE_PROMOTERS,
    "promotion": Permission.SEE_PROMOTION,
    "materials": Permission.SEE_MATERIALS,
    "ranks": Permission.SEE_PROMOTERS,
    "plans": Permission.SEE_PLANS,
    "money": Permission.SEE_MONEY,
    "periods": Permission.SEE_PLANS,
    "reratings": Permission.SEE_PLANS,
    "ledger": Permission.SEE_LEDGER,
}


class _Console:
    def enters(self, login: Login) -> bool:
        return login.role in ROLES

    def sign_in(self, request: HttpRequest) -> HttpResponse:
        user = door.signed_in(request)
        return door.to_sign_in(request, "console:sign_in") if user is None else redirect(home_of(user))

    def frame(self, visit: Visit, current: str) -> ConsoleFrame:
        return ConsoleFrame(
            tenant=visit.house.name,
            who=visit.login.shown,
            role=str(ROLES[Role(visit.login.role)]),
            zone=str(visit.house.zone),
            current=current,
            waiting=count_waiting(visit),
            unread=count_unseen(LOGIN, visit.login.id),
            q=visit.request.GET.get("q", "") if current == "" else "",
            entries=tuple(entry for entry in ENTRIES if visit.may(SEEN_BY[entry.key])),
        )

    def trouble(self, title: str, todo: str) -> Trouble:
        return Trouble(title=title, harmless=_("Nothing was changed."), todo=todo)


CONSOLE = _Console()


def page(
    current: str, permission: Permission | None, *, snapshot: bool = False
) -> Callable[[View], Callable[..., HttpResponse]]:
    """Makes a view of `Visit` a page of the console below the entry `current`."""
    return door.opens(CONSOLE, current, permission, snapshot=snapshot)
