"""Where providers tell what became of payments: one address a tenant and provider. Believed only when signed by the provider."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from rongshu.domain.settlement.payouts.adapters import Answer
from rongshu.domain.settlement.payouts.sending import learn
from rongshu.domain.settlement.payouts.settings import alipay_account, wechat_pay
from rongshu.kernel.actor import Actor
from rongshu.kernel.clock import utc_now
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

log = structlog.get_logger(__name__)

A_MINUTE = 1200
"""Notifications one address may bring in a minute; a provider tries again later what was not taken."""


@csrf_exempt  # a provider has no session: the signature is what is believed
@require_POST
def told(request: HttpRequest, slug: str, provider: str) -> HttpResponse:
    """One notification. What is not signed, too old or about nobody's payment changes nothing; twice is once."""
    if not allow("providers", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
        return _answer(provider, 429)
    now = utc_now()
    try:
        home = house_by_slug(slug)
        with tenant_scope(home.id):
            answer = _read(request, provider, now)
            if answer is None:
                log.warning("a notification that is not the provider's", tenant=slug, provider=provider)
                return _answer(provider, 401)
            learn([answer], by=Actor("provider", provider), now=now)
    except Refusal:
        return _answer(provider, 404)
    return _answer(provider, 200)


def _read(request: HttpRequest, provider: str, now: datetime) -> Answer | None:
    if provider == "wechat":
        return wechat_pay().heard(request.META, request.body, now=now)
    if provider == "alipay":
        return alipay_account().heard({name: str(value) for name, value in request.POST.items()})
    return None


def _answer(provider: str, status: int) -> HttpResponse:
    """Each provider has its own word for thank you."""
    if provider == "alipay":
        return HttpResponse("success" if status == 200 else "fail", status=status, content_type="text/plain")
    if status == 200:
        return HttpResponse(status=204)
    return JsonResponse({"code": "FAIL", "message": "not taken"}, status=status)
