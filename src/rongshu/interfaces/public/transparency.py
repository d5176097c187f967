"""The transparency page: what a tenant accrued, paid and owes in all, with the root that every promoter's balance leads to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from rongshu.domain.settlement.transparency.models import Publication
from rongshu.domain.settlement.transparency.queries import openness, publication, publications
from rongshu.engine.canonical import canonical_bytes
from rongshu.engine.money import parse_units
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.public.transparency_pages import OpenBooks, Published
from rongshu.interfaces.public.views import A_MINUTE, KEPT, language_of, trouble
from rongshu.kernel.errors import Refusal
from rongshu.kernel.signing import key_name, public_key
from rongshu.kernel.tenancy.queries import House, house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope
from rongshu.kernel.throttle import allow

SHOWN = 24


@require_safe
def transparency(request: HttpRequest, slug: str) -> HttpResponse:
    """The page. A tenant that shows none answers as one that does not exist."""
    with translation.override(language_of(request)):
        if not allow("transparency", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
            return trouble(request, 429, _("Too many requests"), _("Wait a minute, then try again."))
        try:
            home = house_by_slug(slug)
            with tenant_scope(home.id), timezone.override(home.zone):
                if not openness().shown:
                    return trouble(request, 404, _("There is no such page"), _("Check the address."))
                page = _page(home, publications(limit=SHOWN))
                response = HttpResponse(render_to_string(page.template, {"page": page}, request))
        except Refusal:
            return trouble(request, 404, _("There is no such page"), _("Check the address."))
    response["Cache-Control"] = f"public, max-age={KEPT}"
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


@require_safe
def publication_file(request: HttpRequest, slug: str, number: int = 0) -> HttpResponse:
    """A publication as it was signed, the latest without a number: what `rongshu check-balance` holds a proof against."""
    if not allow("transparency", request.META.get("REMOTE_ADDR", ""), limit=A_MINUTE, seconds=60):
        return JsonResponse({"error": "too many requests"}, status=429)
    try:
        home = house_by_slug(slug)
        with tenant_scope(home.id):
            found = publications(limit=1) if not number else [publication(number)]
            if not openness().shown or not found:
                return JsonResponse({"error": "nothing is published here"}, status=404)
            content = canonical_bytes(found[0].document)
    except Refusal:
        return JsonResponse({"error": "nothing is published here"}, status=404)
    response = HttpResponse(content, content_type="application/json")
    response["Cache-Control"] = f"public, max-age={KEPT}"
    return response


def published_of(found: Sequence[Publication], currency: str) -> tuple[Published, ...]:
    """Publications as pages show them."""
    most = max((one.owed for one in found), default=0) or 1
    return tuple(_published(one, currency, most) for one in found)


def _published(one: Publication, currency: str, most: int) -> Published:
    document = one.document if isinstance(one.document, dict) else json.loads(one.document)
    sums = {name: Money(parse_units(text, currency), currency) for name, text in document["totals"].items()}
    return Published(
        number=one.number,
        as_of=datetime.fromisoformat(document["as_of"]),
        promoters=document["promoters"],
        digest=document["root"]["digest"],
        height=max(1, one.owed * 100 // most),
        **sums,
    )


def _page(home: House, found: Sequence[Publication]) -> OpenBooks:
    key = public_key()
    return OpenBooks(
        home.name, home.slug, str(home.zone), published_of(found, home.currency), key=key.hex(), key_name=key_name(key)
    )
