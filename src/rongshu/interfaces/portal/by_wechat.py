"""Whether and how a browser can sign in by WeChat."""

from __future__ import annotations

from django.http import HttpRequest

from rongshu.domain.members.wechat.queries import tenants_with
from rongshu.flows.wechat import Kind
from rongshu.kernel.tenancy.queries import every_house


def kind_for(request: HttpRequest) -> Kind | None:
    """How this browser can sign in by WeChat: inside it, or by a QR code on a big screen; None on a phone outside it."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    if "MicroMessenger" in agent and "wxwork" not in agent:
        return "official"
    return None if "Mobile" in agent else "web"


def brands_for(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """The brands (slug, name) where this browser can sign in by WeChat."""
    kind = kind_for(request)
    found = set(tenants_with(kind)) if kind is not None else set()
    return tuple((house.slug, house.name) for house in every_house() if house.id in found)[:5] if found else ()
