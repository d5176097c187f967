"""Short links that lead nowhere: one page that says so, and never a way to anywhere else."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from rongshu.interfaces.public.pages import Trouble


def dead_link(request: HttpRequest, slug: str) -> HttpResponse:
    """Answers what the redirect in front could not: why is in the request (`rongshu.link`), put there by it. Asks nothing of the database."""
    match request.META.get("rongshu.link"):
        case "expired":
            page, status = Trouble(_("This link has ended"), _("Ask whoever gave it to you for a new one.")), 410
        case "disabled":
            page, status = (
                Trouble(_("This link has been turned off"), _("Ask whoever gave it to you for a new one.")),
                410,
            )
        case "crowded":
            page, status = Trouble(_("Too many requests"), _("Wait a moment, then try again.")), 503
        case _:
            page, status = Trouble(_("There is no such link"), _("Check what you typed, or scan the code again.")), 404
    response = HttpResponse(render_to_string(page.template, {"page": page}, request), status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "2"
    return response
