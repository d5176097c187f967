"""Addresses: each surface under its own path."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from rongshu.interfaces.api import make_api
from rongshu.interfaces.faces.access import front_door, set_language
from rongshu.interfaces.faces.proof import published_keys
from rongshu.interfaces.public.card import card
from rongshu.interfaces.public.dead_links import dead_link
from rongshu.interfaces.public.join import join
from rongshu.interfaces.public.pictures import picture
from rongshu.interfaces.public.providers import told
from rongshu.interfaces.public.transparency import publication_file, transparency
from rongshu.interfaces.public.unsubscribe import unsubscribe


def healthz(request: HttpRequest) -> HttpResponse:
    """Says that the web server is up; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("", front_door),
    path("healthz", healthz),
    path(".well-known/rongshu-evidence.json", published_keys),
    path("language", set_language, name="set_language"),
    path("console/", include("rongshu.interfaces.console.urls")),
    path("portal/", include("rongshu.interfaces.portal.urls")),
    path("join/<slug:slug>", join, name="join"),
    path("card/<slug:slug>", card, name="card"),
    path("pictures/<slug:slug>/<content_hash>", picture, name="picture"),
    path("s/<path:slug>", dead_link, name="dead_link"),
    path("mail/end/<token>", unsubscribe, name="unsubscribe"),
    path("providers/<slug:slug>/<slug:provider>", told, name="provider_told"),
    path("transparency/<slug:slug>", transparency, name="transparency"),
    path("transparency/<slug:slug>.json", publication_file, name="publication_latest"),
    path("transparency/<slug:slug>/<int:number>.json", publication_file, name="publication_file"),
    path("rules/", include("rongshu.interfaces.public.urls")),
    path("api/v1/", make_api().urls),
]
