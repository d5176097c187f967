"""Addresses: each surface under its own path."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from rongshu.interfaces.api import make_api



def healthz(request: HttpRequest) -> HttpResponse:
    """Says that the web server is up; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("api/v1/", make_api().urls),
]
