"""Addresses: each surface under its own path."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, include, path

from rongshu.interfaces.api import make_api
from rongshu.interfaces.faces.access import front_door, set_language
from rongshu.interfaces.faces.proof import published_keys


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
    path("rules/", include("rongshu.interfaces.public.urls")),
    path("api/v1/", make_api().urls),
]
