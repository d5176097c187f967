"""Materials in the share centre: texts with the reader's own link in them, the poster of a product, and noting what was taken."""

from __future__ import annotations

import hashlib

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language

from rongshu.domain.commerce.products.queries import picture as picture_of
from rongshu.domain.marketing.materials.actions import take
from rongshu.domain.marketing.materials.models import COPIED, DOWNLOADED, Version
from rongshu.domain.marketing.materials.queries import copies_for, version
from rongshu.domain.marketing.posters.actions import checked_name, poster
from rongshu.domain.marketing.posters.queries import templates
from rongshu.domain.referral.links.models import Link
from rongshu.domain.referral.links.queries import link_by_slug
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.pages.share import Channel, CopyText, PosterShown
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal, missing
from rongshu.kernel.ids import inside, outside

SHOWN = 8
_NAME = "poster_name"
"""In the session: what the reader wants to be called by on posters."""


def site_of(visit: Visit) -> str:
    """The address people reach us by: the one that is set, else the one this page was asked for by."""
    return environment().site_url.rstrip("/") or visit.request.build_absolute_uri("/").rstrip("/")


def copies(visit: Visit, link: Link, sku: str) -> tuple[CopyText, ...]:
    """What the reader may share about a product now, this link in it."""
    found = copies_for(
        promoter_id=myself(visit), sku=sku, now=visit.now, link=f"{site_of(visit)}/s/{link.slug}", channel=link.channel, limit=SHOWN
    )  # fmt: skip
    return tuple(
        CopyText(
            id=outside("mav", one.version_id),
            text=one.text,
            taken=reverse("portal:taken", args=(outside("mav", one.version_id), link.slug)),
            picture=picture_address(visit.house.slug, one.picture),
            video=one.video,
        )
        for one in found
    )


def poster_shown(visit: Visit, link: Link) -> PosterShown:
    """The poster of a product and link, in the template asked for; a name that is typed in is kept for the next ones."""
    offered = templates(used_only=True)
    asked = visit.request.GET
    chosen = next((one for one in offered if str(one.id) == asked.get("poster", "")), offered[0])
    problem = ""
    if "name" in asked:
        try:
            visit.request.session[_NAME] = checked_name(asked["name"][:100])
        except Refusal as refusal:
            problem = said(refusal)
    name = visit.request.session.get(_NAME, "")
    mark = hashlib.sha256(name.encode()).hexdigest()[:8]  # so that a browser asks anew when the name changes
    return PosterShown(
        address=f"{reverse('portal:poster', args=(link.slug, chosen.id))}?v={mark}",
        width=chosen.layout.width,
        height=chosen.layout.height,
        chosen=str(chosen.id),
        forms=tuple(Channel(str(one.id), one.name) for one in offered),
        name=name,
        problem=problem,
    )


@page("share")
def poster_file(visit: Visit, slug: str, form: str) -> HttpResponse:
    """The poster of one of the reader's links as PNG: shown as it is, saved by a long press, kept by the browser for a while."""
    one = _mine(visit, slug)
    template_id = int(form) if form.isascii() and form.isdigit() and len(form) < 19 else 0
    content = poster(
        template_id=template_id, promoter_id=one.promoter_id, link_slug=one.slug, sku=one.label or None,
        language=get_language() or "zh", site=site_of(visit), name=visit.request.session.get(_NAME, ""), now=visit.now,
    )  # fmt: skip
    response = HttpResponse(content, content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="poster-{one.slug}.png"'
    patch_cache_control(response, private=True, max_age=300)
    return response


@page("share")
def taken(visit: Visit, version: str, slug: str) -> HttpResponse:
    """Notes that the reader copied a text; where its picture is asked for, hands that out. What is not offered any more says so on the page."""
    one, found = _mine(visit, slug), _version(version)
    wants_picture = visit.request.POST.get("how") == DOWNLOADED
    try:
        take(
            version_id=found.id, promoter_id=myself(visit), how=DOWNLOADED if wants_picture else COPIED,
            link_id=one.id, now=visit.now,
        )  # fmt: skip
    except Refusal as refusal:
        if wants_picture:
            raise
        messages.error(visit.request, said(refusal))
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    if not wants_picture:
        return HttpResponse(status=204)
    content = bytes(picture_of(found.picture).content)
    ending, kind = ("png", "image/png") if content.startswith(b"\x89PNG") else ("jpg", "image/jpeg")
    return attached(content, f"picture-{found.number}.{ending}", kind)


def _mine(visit: Visit, slug: str) -> Link:
    one = link_by_slug(slug)
    if one is None or one.promoter_id != myself(visit):
        raise missing("unknown_link", "There is no such link.")
    return one


def _version(text: str) -> Version:
    identifier = inside("mav", text)
    if identifier is None:
        raise missing("unknown_version", "There is no such version.")
    return version(identifier)
