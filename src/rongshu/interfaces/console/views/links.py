"""Links in the console: found, made for promoters and for the house, turned off, ended, taken over; hosts they may lead to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.attribution.queries import orders_by_link
from rongshu.domain.referral.clicks.queries import Figures, figures_by_link
from rongshu.domain.referral.links.actions import (
    Wanted,
    allow_host,
    forbid_host,
    make_links,
    set_end,
    switch_link,
    take_over_link,
)
from rongshu.domain.referral.links.models import CODE, HOUSE, JOIN, KINDS, Link
from rongshu.domain.referral.links.models import LinkChange as Change
from rongshu.domain.referral.links.queries import (
    allowed_hosts,
    changes_of,
    count_leading_to,
    find_links,
    hosts,
    link_by_slug,
    state_of,
)
from rongshu.domain.referral.links.queries import link as link_of
from rongshu.domain.referral.promoters.queries import promoter
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.links import (
    HostRow,
    Hosts,
    LinkChange,
    LinkFilters,
    LinkPage,
    LinkRow,
    Links,
    NewLink,
)
from rongshu.interfaces.faces.channels import CHANNELS, channel_name
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Cursor
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.qr import qr_file, qr_svg
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

PAGE = 50
STATES = ("open", "expired", "disabled")
_FIELDS = ("promoter", "leads", "target", "sku", "kind", "channel", "label", "ends")
_NOBODY = Figures(0, 0, 0)


@page("promotion", Permission.SEE_PROMOTION)
def links(visit: Visit) -> Links | HttpResponse:
    """Links by promoter, kind, channel and state; a whole code leads to its link."""
    asked = visit.request.GET
    q = asked.get("q", "").strip()[:100]
    if q and (one := link_by_slug(q)) is not None:
        return redirect("console:link", outside("lnk", one.id))
    holder, problem = _holder(asked.get("promoter", "").strip()[:100])
    if q and not problem:
        problem = _("No link has the code %(code)s.") % {"code": q}
    house = asked.get("house") == "yes"
    kind, state = (asked.get(name, "") for name in ("kind", "state"))
    filters = LinkFilters(
        promoter=People([holder]).maybe(holder),
        house=house,
        kind=kind if kind in KINDS else "",
        channel=asked.get("channel", "").strip()[:40],
        state=state if state in STATES else "",
        problem=problem,
    )
    token = unpack(asked.get("cursor", ""), 1)
    found = [] if problem else find_links(
        now=visit.now, promoter_id=HOUSE if house else holder, kind=filters.kind, channel=filters.channel,
        state=filters.state, after=None if token is None else token[0], limit=PAGE + 1,
    )  # fmt: skip
    return Links(
        filters=filters,
        channels=_channels(),
        rows=_rows(visit, found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_manage=visit.may(Permission.MANAGE_LINKS),
    )


def _holder(text: str) -> tuple[int | None, str]:
    """Whom a filter names, and what is wrong with it."""
    if not text:
        return None, ""
    try:
        return find_member(text).id, ""
    except Refusal:
        return None, _("Nobody is known as %(name)s.") % {"name": text}


def _channels() -> tuple[tuple[str, str], ...]:
    return tuple((key, str(name)) for key, name in CHANNELS.items())


def _rows(visit: Visit, found: Sequence[Link]) -> tuple[LinkRow, ...]:
    brought, ordered = figures_by_link([one.id for one in found]), orders_by_link(found)
    people = People(one.promoter_id for one in found)
    titles = {sku: one.title for sku, one in products_by_sku([one.label for one in found if one.label]).items()}
    kinds = {CODE: _("Own code"), JOIN: _("Invitation to promote")}
    rows = []
    for one in found:
        figures = brought.get(one.id, _NOBODY)
        rows.append(
            LinkRow(
                id=outside("lnk", one.id), slug=one.slug, kind=one.kind,
                what=kinds.get(one.kind) or titles.get(one.label) or one.label or one.target or _("Welcome page"),
                promoter=None if one.promoter_id == HOUSE else people.person(one.promoter_id),
                channel=channel_name(one.channel) if one.channel else "", state=state_of(one, visit.now),
                made_at=one.made_at, expires_at=one.expires_at, clicks=figures.clicks, visitors=figures.first,
                orders=ordered.get(one.id, 0),
            )
        )  # fmt: skip
    return tuple(rows)


@page("promotion", Permission.SEE_PROMOTION)
def link(visit: Visit, id: str) -> LinkPage | HttpResponse:
    """One link; posting turns it off or on, sets its end, or gives it to another promoter."""
    one = _link(id)
    if visit.request.method == "POST":
        visit.demand(Permission.MANAGE_LINKS)
        try:
            messages.success(visit.request, _done(visit, one))
        except Refusal as refusal:
            messages.error(visit.request, said(refusal))
        return redirect("console:link", id)
    changes = changes_of(one.id)
    people = People(who for change in changes for who in (change.old_promoter_id, change.new_promoter_id))
    return LinkPage(
        row=_rows(visit, [one])[0],
        target=one.target,
        label=one.label,
        robots=figures_by_link([one.id]).get(one.id, _NOBODY).robots,
        address=_address(visit, one.slug),
        qr=qr_svg(_address(visit, one.slug, scan=True)),
        ends=None
        if one.expires_at is None
        else (one.expires_at - timedelta(microseconds=1)).astimezone(visit.house.zone).date(),
        changes=tuple(LinkChange(row.at, actor_name(row.actor), _happened(row, people), row.reason) for row in changes),
        may_manage=visit.may(Permission.MANAGE_LINKS),
    )


def _link(id: str) -> Link:
    identifier = inside("lnk", id)
    if identifier is None:
        raise missing("unknown_link", "There is no such link.")
    return link_of(identifier)


def _done(visit: Visit, one: Link) -> str:
    form, by = visit.request.POST, visit.login.actor
    reason = form.get("reason", "").strip()
    match form.get("do"):
        case "off" | "on":
            on = form["do"] == "on"
            switch_link(identifier=one.id, on=on, reason=reason, by=by, now=visit.now)
            return _("It works again.") if on else _("Turned off. Whoever opens it is told so.")
        case "end":
            set_end(
                identifier=one.id, expires_at=_ends(visit, form.get("ends", "")), reason=reason, by=by, now=visit.now
            )
            return _("The end is set.")
        case "take_over":
            heir = promoter(find_member(form.get("promoter", "").strip()[:100]).id)
            take_over_link(identifier=one.id, promoter_id=heir.id, reason=reason, by=by, now=visit.now)
            return _("Clicks from now on are theirs; what was clicked before stays with whoever had it.")
        case _:
            raise missing("unknown_act", "There is no such thing to do.")


def _happened(row: Change, people: People) -> str:
    match row.what:
        case "on":
            return _("turned on again")
        case "off":
            return _("turned off")
        case "ends":
            return _("end set")
        case _:
            before, after = people.maybe(row.old_promoter_id or None), people.maybe(row.new_promoter_id)
            return _("taken over: from %(before)s to %(after)s") % {
                "before": _("the house") if before is None else before.name,
                "after": "" if after is None else after.name,
            }


def _ends(visit: Visit, text: str) -> datetime | None:
    """The instant after a day's last; None for never. Raises `invalid`."""
    if not text.strip():
        return None
    try:
        return visit.ends(date.fromisoformat(text.strip()))
    except (ValueError, OverflowError):
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at="ends") from None


@page("promotion", Permission.SEE_PROMOTION)
def qr(visit: Visit, id: str, form: str) -> HttpResponse:
    """The QR code of a link, to download as `png` or `svg`."""
    one = _link(id)
    if form not in ("png", "svg"):
        raise missing("unknown_link", "There is no such link.")
    content, kind = qr_file(_address(visit, one.slug, scan=True), form)
    return attached(content, f"qr-{one.slug}.{form}", kind)


def _address(visit: Visit, slug: str, *, scan: bool = False) -> str:
    path = f"/s/{slug}{'?q=1' if scan else ''}"
    site = environment().site_url.rstrip("/")
    return site + path if site else visit.request.build_absolute_uri(path)


@page("promotion", Permission.MANAGE_LINKS)
def new(visit: Visit) -> NewLink | HttpResponse:
    """A new link, of a promoter or of the house."""
    form = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    values = {name: form.get(name, "").strip()[:1000] for name in _FIELDS}
    if visit.request.method != "POST":
        return NewLink(values, _channels(), tuple(sorted(hosts())))
    try:
        wanted = _wanted(visit, values)
        made = make_links(wanted=[wanted], by=visit.login.actor, now=visit.now)[0]
    except Refusal as refusal:
        return NewLink(values, _channels(), tuple(sorted(hosts())), problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The link is made."))
    return redirect("console:link", outside("lnk", made.id))


def _wanted(visit: Visit, values: dict[str, str]) -> Wanted:
    holder = promoter(find_member(values["promoter"]).id).id if values["promoter"] else HOUSE
    target, label = values["target"], values["label"]
    if values["leads"] == "product":
        found = products_by_sku([values["sku"]]).get(values["sku"])
        if found is None:
            raise invalid("unknown_product", "There is no such product.", at="sku")
        target, label = found.target, found.sku
    elif values["leads"] != "address":
        target = ""
    kind = JOIN if values["leads"] == "join" else "link"
    return Wanted(holder, kind, target, values["channel"], label, _ends(visit, values["ends"]))


@page("promotion", Permission.SEE_PROMOTION)
def hosts_page(visit: Visit) -> Hosts | HttpResponse:
    """Where links may lead outside; posting allows a host, or takes one away."""
    if visit.request.method == "POST":
        visit.demand(Permission.MANAGE_LINKS)
        form, by = visit.request.POST, visit.login.actor
        try:
            if form.get("do") == "forbid":
                closed = forbid_host(host=form.get("host", ""), by=by, now=visit.now)
                messages.success(visit.request, _("Taken away. Links closed by it: %(number)s.") % {"number": closed})
            else:
                name = allow_host(host=form.get("host", "")[:300], by=by, now=visit.now)
                messages.success(visit.request, _("Links may lead to %(host)s.") % {"host": name})
        except Refusal as refusal:
            return _hosts(visit, form.get("host", "")[:300], said(refusal))
        return redirect(reverse("console:link_hosts"))
    return _hosts(visit)


def _hosts(visit: Visit, typed: str = "", problem: str = "") -> Hosts:
    return Hosts(
        rows=tuple(
            HostRow(one.host, one.at, actor_name(one.actor), count_leading_to(one.host)) for one in allowed_hosts()
        ),
        may_manage=visit.may(Permission.MANAGE_LINKS),
        typed=typed,
        problem=problem,
    )
