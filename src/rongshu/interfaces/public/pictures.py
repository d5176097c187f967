"""Pictures of a tenant, by the hash of their content: whoever knows the hash has seen the picture, or was given its address."""

from __future__ import annotations

import re

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from rongshu.domain.commerce.products.actions import small_picture
from rongshu.domain.commerce.products.queries import picture as picture_of
from rongshu.kernel.errors import Refusal
from rongshu.kernel.tenancy.queries import house_by_slug
from rongshu.kernel.tenancy.scope import tenant_scope

_HASH = re.compile(r"[0-9a-f]{64}")
_KINDS = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))
FOREVER = "public, max-age=31536000, immutable"


@require_safe
def picture(request: HttpRequest, slug: str, content_hash: str) -> HttpResponse:
    """A kept picture, with `size=small` the one for lists; it never changes under its name, so it is asked for once."""
    if not _HASH.fullmatch(content_hash):
        return HttpResponse(status=404, content_type="text/plain")
    small = request.GET.get("size") == "small"
    tag = f"{content_hash}-small" if small else content_hash
    if request.headers.get("If-None-Match") == f'"{tag}"':
        return _kept(HttpResponse(status=304), tag)
    try:
        home = house_by_slug(slug)
        with tenant_scope(home.id):
            kept = picture_of(content_hash, small=small)
    except Refusal:
        return HttpResponse(status=404, content_type="text/plain")
    content = bytes(kept.content) if not small else bytes(kept.small) or small_picture(bytes(kept.content))
    kind = next((kind for start, kind in _KINDS if content.startswith(start)), "application/octet-stream")
    return _kept(HttpResponse(content, content_type=kind), tag)


def _kept(response: HttpResponse, tag: str) -> HttpResponse:
    response["Cache-Control"], response["ETag"] = FOREVER, f'"{tag}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
