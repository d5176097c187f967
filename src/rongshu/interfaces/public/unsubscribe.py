"""Ending a kind of mail by the link in it, without signing in: looking asks, posting ends (RFC 8058: mail programs post by themselves)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from rongshu.domain.marketing.messages.actions import unsubscribe as end
from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.domain.marketing.messages.tokens import read_token
from rongshu.interfaces.public.pages import Trouble, Unsubscribe
from rongshu.kernel.clock import utc_now
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

A_MINUTE = 60
"""Requests one address may make in a minute."""


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Asks, and ends when it is posted. The token is the proof: no cookie and no login are looked at."""
    if not allow("unsubscribe", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
        return _answer(Trouble(_("Too many requests"), _("Wait a minute, then try again.")), 429)
    ending = read_token(token)
    kind = KINDS.get(ending.kind) if ending is not None else None
    if ending is None or kind is None:
        return _answer(Trouble(_("There is no such link"), _("Use the link in the mail as it stands there.")), 404)
    with tenant_scope(ending.tenant):
        home = house()
        done = request.method == "POST"
        if done:
            end(audience=ending.audience, recipient=ending.recipient, kind=ending.kind, now=utc_now())
        with translation.override(translation.get_language() or home.language):
            return _answer(Unsubscribe(tenant=home.name, kind=_(kind.name), done=done), 200)


def _answer(page: Trouble | Unsubscribe, status: int) -> HttpResponse:
    response = HttpResponse(render_to_string(page.template, {"page": page}), status=status)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
