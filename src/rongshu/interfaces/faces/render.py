"""A page becomes a response: its template, in the reader's language and the tenant's time zone."""

from __future__ import annotations

from typing import ClassVar, Protocol
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone


class Page(Protocol):
    """A frozen dataclass that knows its template, and the template of its moving part when it has one."""

    template: ClassVar[str]


class Frame(Protocol):
    """What stands around the page; every face has its own."""

    @property
    def zone(self) -> str: ...


def render(request: HttpRequest, frame: Frame, page: Page, *, status: int = 200) -> HttpResponse:
    """The page in its frame. A request made by htmx for the moving part gets that part alone."""
    part = getattr(page, "part", "")
    template = part if part and request.headers.get("HX-Request") == "true" else page.template
    with timezone.override(ZoneInfo(frame.zone)):
        html = render_to_string(template, {"frame": frame, "page": page}, request)
    response = HttpResponse(html, status=status)
    if part:
        response["Vary"] = "HX-Request"
    return response
