"""The portal as something installed: its manifest, its worker, and the one page of the reader's own figures kept for when there is no connection.

The worker keeps our own files and that page, nothing else: no list, no name, nothing of other people.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongshu.domain.commerce.coupons.queries import count_held
from rongshu.domain.members.points.queries import standing
from rongshu.interfaces.faces import assets
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.portal.door import myself, page, promotes
from rongshu.interfaces.portal.pages.home import Seen
from rongshu.interfaces.portal.pages.member import SeenMember
from rongshu.interfaces.portal.today import today_of
from rongshu.ledger.queries import standings_of

KEPT = 3600


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """What a browser needs to put the portal on the home screen."""
    icons = [
        {"src": static("faces/icon-192.png"), "sizes": "192x192", "type": "image/png"},
        {"src": static("faces/icon-512.png"), "sizes": "512x512", "type": "image/png"},
        {"src": static("faces/icon-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ]
    told = {
        "id": reverse("portal:home"), "start_url": reverse("portal:home"), "scope": reverse("portal:home"),
        "name": _("Rongshu"), "short_name": _("Rongshu"), "display": "standalone", "background_color": "#ffffff",
        "theme_color": "#ffffff", "icons": icons,
        "shortcuts": [{"name": _("Share"), "url": reverse("portal:share")}],
    }  # fmt: skip
    response = JsonResponse(told, content_type="application/manifest+json")
    response["Cache-Control"], response["Vary"] = f"private, max-age={KEPT}", "Accept-Language, Cookie"
    return response


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the names of the files of this build: another build is another worker."""
    built = assets.entry("portal")
    files = [
        static(f"faces/{one}") for one in (built.script, *built.imports, *built.styles, assets.entry("theme").script)
    ]
    response = render(request, "portal/worker.js", {"files": files}, content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """What is shown without a connection when no figures were seen yet."""
    return render(request, "portal/offline.html")


@page("home", member="home")
def seen(visit: Visit) -> Seen | SeenMember:
    """The reader's own figures as of now, for the worker to keep."""
    me = myself(visit)
    if not promotes(visit):
        points = standing(me, now=visit.now).usable
        return SeenMember(points=points, coupons=count_held(me, now=visit.now), at=visit.now)
    return Seen(
        available=Money(standings_of([me])[me].available, visit.house.currency),
        at=visit.now,
        sharing=today_of(visit),
    )
