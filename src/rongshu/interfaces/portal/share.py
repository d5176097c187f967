"""The portal's share centre: parses, makes links by the actions of their room, shows them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.models import Product
from rongshu.domain.commerce.products.queries import best_sellers, product_by_id, products_by_sku
from rongshu.domain.insight.suggesting.queries import suggested_for
from rongshu.domain.referral.clicks.queries import Figures, figures_by_link
from rongshu.domain.referral.links.actions import Wanted, ensure_codes, ensure_link, switch_link
from rongshu.domain.referral.links.models import CODE, JOIN, Link
from rongshu.domain.referral.links.queries import link as link_of
from rongshu.domain.referral.links.queries import link_by_slug, links_of, state_of
from rongshu.interfaces.faces.channels import CHANNELS, channel_name
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.interfaces.faces.qr import qr_file, qr_svg
from rongshu.interfaces.portal.door import myself, page
from rongshu.interfaces.portal.materials import copies, poster_shown
from rongshu.interfaces.portal.pages.share import (
    Channel,
    LinkRow,
    MyCode,
    MyLinks,
    ProductTile,
    Share,
    ShareProduct,
    Shown,
    SuggestedTile,
)
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

PAGE = 20
_NOBODY = Figures(0, 0, 0)


@page("share")
def share(visit: Visit) -> Share:
    """What can be shared, best sellers first; found by a part of title or sku."""
    asked = visit.request.GET
    q = asked.get("q", "").strip()[:100]
    token = unpack(asked.get("cursor", ""), 2)
    found = best_sellers(search=q, after=None if token is None else (token[0], token[1]), limit=PAGE + 1)
    last = found[PAGE - 1] if len(found) > PAGE else None
    return Share(
        q=q,
        rows=tuple(_tile(visit, one) for one in found[:PAGE]),
        any=bool(found) or bool(best_sellers(limit=1)),
        cursor=Cursor(None if last is None else pack(last.sold, last.id)),
        suggested=() if q or token else _suggested(visit),
    )


def _suggested(visit: Visit) -> tuple[SuggestedTile, ...]:
    return tuple(
        SuggestedTile(_tile(visit, one.product), one.because.title if one.because else "")
        for one in suggested_for(myself(visit), limit=3)
    )


@page("share")
def product(visit: Visit, id: str) -> ShareProduct:
    """One product with the reader's own link in a channel; the link is made when it is first looked at."""
    identifier = inside("prd", id)
    found = None if identifier is None else product_by_id(identifier)
    if found is None or not found.shared:
        raise missing("no_product", "There is no such product.")
    asked = visit.request.GET.get("channel", "")
    channel = asked if asked in CHANNELS else next(iter(CHANNELS))
    made = ensure_link(
        wanted=Wanted(myself(visit), target=found.target, channel=channel, label=found.sku),
        by=visit.login.actor,
        now=visit.now,
    )
    tile = _tile(visit, found)
    return ShareProduct(
        id=tile.id,
        title=tile.title,
        picture=tile.picture,
        price=tile.price,
        channels=tuple(Channel(key, str(name)) for key, name in CHANNELS.items()),
        channel=channel,
        link=_shown(visit, made.slug),
        leads_home=not found.target,
        copies=copies(visit, made, found.sku),
        poster=poster_shown(visit, made),
    )


@page("share")
def my_code(visit: Visit) -> MyCode:
    """The reader's own code, for customers; an invitation, for new promoters."""
    me = myself(visit)
    code = ensure_codes(promoter_ids=[me], by=visit.login.actor, now=visit.now)[me]
    invitation = ensure_link(wanted=Wanted(me, kind=JOIN), by=visit.login.actor, now=visit.now)
    return MyCode(code=code.upper(), link=_shown(visit, code), invitation=_shown(visit, invitation.slug))


@page("share")
def my_links(visit: Visit) -> MyLinks:
    """The links made so far, the latest first, with what they brought."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = links_of(myself(visit), after=None if token is None else token[0], limit=PAGE + 1)
    rows = found[:PAGE]
    brought = figures_by_link([one.id for one in rows])
    titles = products_by_sku([one.label for one in rows if one.label])
    return MyLinks(
        rows=tuple(_row(visit, one, brought.get(one.id, _NOBODY), titles) for one in rows),
        cursor=Cursor(pack(rows[-1].id) if len(found) > PAGE else None),
    )


@page("share")
def switch(visit: Visit, id: str) -> HttpResponse:
    """Turns one of the reader's links off, or on again."""
    identifier = inside("lnk", id)
    one = None if identifier is None else link_of(identifier)
    if one is None or one.promoter_id != myself(visit) or one.kind == CODE:
        raise missing("unknown_link", "There is no such link.")
    on = visit.request.POST.get("do") == "on"
    switch_link(identifier=one.id, on=on, reason="", by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("It works again.") if on else _("Turned off. Whoever opens it is told so."))
    return redirect("portal:my_links")


@page("share")
def qr(visit: Visit, slug: str, form: str) -> HttpResponse:
    """The QR code of one of the reader's links, to download as `png` or `svg`."""
    one = link_by_slug(slug)
    if one is None or one.promoter_id != myself(visit) or form not in ("png", "svg"):
        raise missing("unknown_link", "There is no such link.")
    content, kind = qr_file(_address(visit, one.slug, scan=True), form)
    return attached(content, f"qr-{one.slug}.{form}", kind)


def _tile(visit: Visit, one: Product) -> ProductTile:
    return ProductTile(
        id=outside("prd", one.id),
        title=one.title,
        picture=picture_address(visit.house.slug, one.picture, small=True),
        price=None if one.price is None else Money(one.price, visit.house.currency),
    )


def _address(visit: Visit, slug: str, *, scan: bool = False) -> str:
    path = f"/s/{slug}{'?q=1' if scan else ''}"
    site = environment().site_url.rstrip("/")
    return site + path if site else visit.request.build_absolute_uri(path)


def _shown(visit: Visit, slug: str) -> Shown:
    address = _address(visit, slug)
    return Shown(slug, address, address.split("://", 1)[1], qr_svg(_address(visit, slug, scan=True)))


def _row(visit: Visit, one: Link, brought: Figures, titles: dict[str, Product]) -> LinkRow:
    shown = titles.get(one.label)
    address = _address(visit, one.slug)
    kinds = {CODE: _("My code"), JOIN: _("Invitation")}
    return LinkRow(
        id=outside("lnk", one.id),
        what=kinds.get(one.kind) or (one.label if shown is None else shown.title) or one.target or _("Welcome page"),
        channel=channel_name(one.channel) if one.channel else "",
        written=address.split("://", 1)[1],
        address=address,
        state=state_of(one, visit.now),
        clicks=brought.clicks,
        visitors=brought.first,
        made_at=one.made_at,
        expires_at=one.expires_at,
        kind=one.kind,
    )
